"""PyJWT gets a token and verifies it with the published keys, and refuses forged ones."""
import base64
import json
import os
import urllib.parse
import urllib.request

import jwt

with open(os.environ["CHANCERY_INTEROP"]) as file:
    ISSUER = json.load(file)
PRODUCT = ISSUER["jwt"]


def say(case, ok, note=None):
    line = {"library": "PyJWT", "version": jwt.__version__, "case": case, "outcome": "ok" if ok else "failed"}
    if note:
        line["note"] = note
    print(json.dumps(line))


def fetch(url, form=None, authorization=None):
    request = urllib.request.Request(url, data=urllib.parse.urlencode(form).encode() if form else None)
    if authorization:
        request.add_header("Authorization", authorization)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def get_token(metadata):
    with open(ISSUER["client_secret_file"]) as file:
        secret = file.read().strip()
    pair = ":".join(urllib.parse.quote_plus(half) for half in (ISSUER["client_id"], secret))
    form = {"grant_type": "client_credentials", "scope": PRODUCT["scope"], "resource": PRODUCT["audience"]}
    basic = "Basic " + base64.b64encode(pair.encode()).decode()
    return fetch(metadata["token_endpoint"], form, basic)["access_token"]


def verify(token, keys, audience=PRODUCT["audience"], issuer=ISSUER["issuer"]):
    key = keys.get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        key.key,
        algorithms=["EdDSA"],
        audience=audience,
        issuer=issuer,
        options={"require": ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"]},
    )
    # What a stock library leaves to its user: the kind of the token, the environment, the tenant, the scope.
    if jwt.get_unverified_header(token)["typ"] != "at+jwt":
        raise jwt.InvalidTokenError("not an access token")
    if claims["env"] != ISSUER["environment"] or claims["tenant"] != ISSUER["tenant"]:
        raise jwt.InvalidTokenError("another environment or tenant")
    if PRODUCT["scope"] not in claims["scope"].split():
        raise jwt.InvalidTokenError("the scope is missing")
    return claims


def refuses(case, forge, **expectations):
    try:
        verify(forge, KEYS, **expectations)
        say(case, False)
    except jwt.PyJWTError:
        say(case, True)


def flip(token, segment, at):
    parts = token.split(".")
    data = bytearray(base64.urlsafe_b64decode(parts[segment] + "=" * (-len(parts[segment]) % 4)))
    data[at] ^= 1
    parts[segment] = base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()
    return ".".join(parts)


def encode(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


METADATA = fetch(ISSUER["issuer"] + "/.well-known/oauth-authorization-server")
KEYS = jwt.PyJWKClient(METADATA["jwks_uri"])
TOKEN = get_token(METADATA)

claims = verify(TOKEN, KEYS)
say("verifies a live token", claims["client_id"] == ISSUER["client_id"] and claims["sub"] == claims["client_id"])
header, payload, signature = TOKEN.split(".")
refuses("refuses a flipped signature bit", flip(TOKEN, 2, 5))
refuses("refuses a flipped claim bit", flip(TOKEN, 1, 9))
refuses("refuses a signature cut short", ".".join([header, payload, signature[:-4]]))
refuses("refuses alg none", ".".join([encode({**jwt.get_unverified_header(TOKEN), "alg": "none"}), payload, ""]))
refuses("refuses a longer life under the old signature", ".".join([header, encode({**claims, "exp": claims["exp"] + 9}), signature]))
refuses("refuses another audience", TOKEN, audience="https://other.example")
refuses("refuses another issuer", TOKEN, issuer="https://other.example")
