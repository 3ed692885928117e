"""The tokens of the trial: real ones, and some that no good issuer makes, signed by a key that stands among the real ones."""
import base64
import json
import time

from ed25519 import Key, base64url

# What a strict verifier answers is 200 for these and a refusal for all others.
GOOD = {"good", "rotated", "new key", "Ed25519"}


def read(token, part):
    text = token.split(".")[part]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def signed(key, claims, **header):
    header = {"alg": "EdDSA", "typ": "at+jwt", "kid": key.kid, **header}
    present = {name: value for name, value in header.items() if value is not None}
    message = base64url(json.dumps(present).encode()) + "." + base64url(json.dumps(claims).encode())
    return message + "." + base64url(key.sign(message.encode()))


def live(issuer):
    return {
        "good": issuer.token("viewer", "invoices:read", "acme"),
        "scope": issuer.token("viewer", "customers:read", "acme"),
        "tenant": issuer.token("viewer", "invoices:read", "globex"),
        "aud": issuer.token("courier", "parcels:read", "acme"),
    }


def made(key, good):
    now, claims = int(time.time()), read(good, 1)
    head, payload, signature = good.split(".")
    flipped = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    none = base64url(json.dumps({**read(good, 0), "alg": "none"}).encode())
    return {
        "forged": f"{head}.{payload}.{flipped}",
        "alg none": f"{none}.{payload}.",
        "iss": signed(key, {**claims, "iss": "https://other.example"}),
        "expired": signed(key, {**claims, "iat": now - 7200, "exp": now - 3600}),
        "exp 30s": signed(key, {**claims, "iat": now - 930, "exp": now - 30}),
        "no exp": signed(key, {name: value for name, value in claims.items() if name != "exp"}),
        "nbf": signed(key, {**claims, "nbf": now + 600}),
        "typ JWT": signed(key, claims, typ="JWT"),
        "no typ": signed(key, claims, typ=None),
        "env": signed(key, {**claims, "env": "live"}),
    }


def storm(key, good):
    """Good signatures under twenty key ids that nobody published."""
    return [signed(key, read(good, 1), kid=Key().kid) for _ in range(20)]
