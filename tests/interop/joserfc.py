"""joserfc imports the published key set, verifies live tokens, refuses forged ones, and signs its own."""
from interop import REQUIRED, Client, fetch
from joserfc import errors, jwt
from joserfc.jwk import KeySet, OKPKey

# It warns that RFC 9864 names the algorithm `Ed25519`; `EdDSA` is what most libraries know.
ALGORITHMS = ["EdDSA"]

client = Client("joserfc")
keys = KeySet.import_key_set(fetch(client.metadata["jwks_uri"]))
expected = {name: {"essential": True} for name in REQUIRED}
expected["iss"] = {"essential": True, "value": client.issuer}
expected["aud"] = {"essential": True, "value": client.product["audience"]}
expected["env"] = {"essential": True, "value": client.told["environment"]}
expected["tenant"] = {"essential": True, "value": client.told["tenant"]}
registry = jwt.JWTClaimsRegistry(leeway=0, **expected)


def verify(token):
    decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
    registry.validate(decoded.claims)
    return decoded.header.get("typ"), decoded.claims


client.judge(verify, (errors.JoseError,))
client.say("names the key as RFC 7638 does", all(key.thumbprint() == key.kid for key in keys))

key, another = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
kid = key.thumbprint()


def sign_with(private):
    return lambda kind, claims: jwt.encode({"alg": "EdDSA", "typ": kind, "kid": kid}, claims, private, algorithms=ALGORITHMS)


client.sign({**key.as_dict(private=False), "kid": kid}, sign_with(key), sign_with(another))
