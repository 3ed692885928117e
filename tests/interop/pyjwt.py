"""PyJWT finds the published key by its id, verifies live tokens, refuses forged ones, and signs its own."""
import hashlib

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from interop import REQUIRED, Client, encode

client = Client("PyJWT")
keys = jwt.PyJWKClient(client.metadata["jwks_uri"])


def verify(token):
    decoded = jwt.decode_complete(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["EdDSA"],
        issuer=client.issuer,
        audience=client.product["audience"],
        leeway=0,
        options={"require": REQUIRED, "strict_aud": True},
    )
    return decoded["header"].get("typ"), decoded["payload"]


client.judge(verify, (jwt.PyJWTError,))

key, another = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
public = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
# RFC 7638: the members that make the key, by name; PyJWT makes no thumbprints.
digest = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{public["x"]}"}}'.encode()).digest()
kid = encode(digest)


def sign_with(private):
    return lambda kind, claims: jwt.encode(claims, private, algorithm="EdDSA", headers={"typ": kind, "kid": kid})


client.sign({**public, "kid": kid}, sign_with(key), sign_with(another))
