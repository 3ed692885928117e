"""pyseto gets a PASETO v4.public token, finds its key in the PASERK document, and verifies it."""
import base64
import importlib.metadata
import json
import os
import urllib.parse
import urllib.request

import pyseto

with open(os.environ["CHANCERY_INTEROP"]) as file:
    ISSUER = json.load(file)
PRODUCT = ISSUER["paseto"]
VERSION = importlib.metadata.version("pyseto")


def say(case, ok):
    print(json.dumps({"library": "pyseto", "version": VERSION, "case": case, "outcome": "ok" if ok else "failed"}))


def fetch(url, form=None):
    request = urllib.request.Request(url, data=urllib.parse.urlencode(form).encode() if form else None)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def footer_of(token):
    segment = token.split(".")[3]
    return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


def verify(token, keys):
    footer = footer_of(token)
    if footer["typ"] != "at+paseto":
        raise ValueError("not an access token")
    decoded = pyseto.decode(pyseto.Key.from_paserk(keys[footer["kid"]]), token, deserializer=json)
    return decoded.payload


METADATA = fetch(ISSUER["issuer"] + "/.well-known/oauth-authorization-server")
KEYS = {key["kid"]: key["key"] for key in fetch(METADATA["paserk_uri"])["keys"]}
with open(ISSUER["client_secret_file"]) as file:
    SECRET = file.read().strip()
TOKEN = fetch(
    METADATA["token_endpoint"],
    {
        "grant_type": "client_credentials",
        "client_id": ISSUER["client_id"],
        "client_secret": SECRET,
        "scope": PRODUCT["scope"],
        "resource": PRODUCT["audience"],
    },
)["access_token"]

claims = verify(TOKEN, KEYS)
say("verifies a live token", claims["aud"] == PRODUCT["audience"] and claims["iss"] == ISSUER["issuer"])
say("names the key as PASERK does", all(pyseto.Key.from_paserk(key).to_paserk_id() == kid for kid, key in KEYS.items()))


def refuses(case, forged):
    try:
        verify(forged, KEYS)
        say(case, False)
    except (pyseto.PysetoError, ValueError, KeyError):
        say(case, True)


version, purpose, body, footer = TOKEN.split(".")
data = bytearray(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
data[9] ^= 1
flipped = base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()
refuses("refuses a flipped claim bit", ".".join([version, purpose, flipped, footer]))
data[9] ^= 1
data[-1] ^= 1
flipped = base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()
refuses("refuses a flipped signature bit", ".".join([version, purpose, flipped, footer]))
other = base64.urlsafe_b64encode(json.dumps({**footer_of(TOKEN), "x": 1}).encode()).rstrip(b"=").decode()
refuses("refuses another footer", ".".join([version, purpose, body, other]))
refuses("refuses another version", ".".join(["v3", purpose, body, footer]))
