"""What every Python client does that its library has no part in: it fetches, checks what libraries leave to their user, and tells."""
import base64
import datetime
import importlib.metadata
import json
import os
import pathlib
import secrets
import sys
import time
import urllib.parse
import urllib.request

REQUIRED = ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"]
KIND = {"jwt": "at+jwt", "paseto": "at+paseto"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def fetch(url, form=None):
    request = urllib.request.Request(url, data=urllib.parse.urlencode(form).encode() if form else None)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(token):
    """The claims of a JWT that nobody has verified."""
    return json.loads(decode(token.split(".")[1]))


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Refused(Exception):
    """The user's own check refused what the library had accepted."""


class Client:
    """One library and the format of token that it reads."""

    def __init__(self, library, form="jwt"):
        self.library, self.version, self.form = library, importlib.metadata.version(library), form
        self.told = read(os.environ["CHANCERY_INTEROP"])
        self.issuer, self.product = self.told["issuer"], self.told[form]
        self.metadata = fetch(self.issuer + "/.well-known/oauth-authorization-server")
        with open(self.told["client_secret_file"], encoding="utf-8") as file:
            self.secret = file.read().strip()

    def say(self, case, ok, note=None):
        line = {"library": self.library, "version": self.version, "case": case, "outcome": "ok" if ok else "failed"}
        print(json.dumps({**line, "note": note} if note else line))

    def token(self):
        """A live token, asked for without any library."""
        form = {"grant_type": "client_credentials", "client_id": self.told["client_id"], "client_secret": self.secret}
        form |= {"scope": self.product["scope"], "resource": self.product["audience"]}
        return fetch(self.metadata["token_endpoint"], form)["access_token"]

    def judge(self, verify, refusals):
        """Holds the library against a live token and all forged ones: `verify` gives kind and claims, or raises one of `refusals`."""
        forgeries = read(self.told["forgeries"])[self.form]
        must = {"verifies a live token": [self.token(), forgeries["good"]]}
        must["verifies a token signed by the forger with the issuer's key"] = [forgeries["resigned"]]
        for case, tokens in must.items():
            try:
                for token in tokens:
                    self.by_hand(*verify(token))
                self.say(case, True)
            except (Refused, *refusals) as refusal:
                self.say(case, False, f"{type(refusal).__name__}: {refusal}")
        for forgery in forgeries["forged"]:
            case = "refuses: " + forgery["case"]
            try:
                self.by_hand(*verify(forgery["token"]))
                self.say(case, False, "accepted")
            except Refused as check:
                self.say(case, True, f"left to the user: {check}")
            except refusals:
                self.say(case, True)
            except Exception as broken:
                self.say(case, True, f"by breaking: {type(broken).__name__}")

    def by_hand(self, kind, claims):
        """All that a careful user holds a token against; a good library has done half of it before."""
        told, product, now = self.told, self.product, time.time()
        checks = {
            "typ": kind == KIND[self.form],
            "required claims": all(claims.get(name) is not None for name in REQUIRED),
            "types": all(isinstance(claims.get(name), str) for name in ("sub", "client_id", "jti")),
            "iss": claims.get("iss") == self.issuer,
            "aud": claims.get("aud") in (product["audience"], [product["audience"]]),
            "exp": self.seconds(claims.get("exp"), 0) > now,
            "nbf": "nbf" not in claims or self.seconds(claims["nbf"], now + 1) <= now,
            "cnf": "cnf" not in claims,
            "env": claims.get("env") == told["environment"],
            "tenant": claims.get("tenant") == told["tenant"],
            "scope": product["scope"] in str(claims.get("scope")).split(" "),
        }
        for name, held in checks.items():
            if not held:
                raise Refused(name)

    def seconds(self, moment, otherwise):
        """The moment in seconds since 1970; `otherwise` if it is not written as the format writes it."""
        if self.form == "jwt":
            return moment if type(moment) in (int, float) else otherwise
        try:
            return datetime.datetime.fromisoformat(moment).timestamp()
        except (TypeError, ValueError):
            return otherwise

    def claims(self, age=0, **others):
        """Claims as the issuer writes them; `age` seconds old, of 600 that they live."""
        now = int(time.time()) - age
        moments = {"iat": now, "exp": now + 600}
        claims = {
            "iss": self.issuer,
            "aud": self.product["audience"],
            "sub": "theirs",
            "client_id": "theirs",
            "jti": encode(secrets.token_bytes(16)),
            "scope": self.product["scope"],
            "tenant": self.told["tenant"],
            "env": self.told["environment"],
            "rvs": 0,
        }
        claims |= moments if self.form == "jwt" else {name: rfc3339(at) for name, at in moments.items()}
        return {name: claim for name, claim in {**claims, **others}.items() if claim is not None}

    def sign(self, key, sign, by_another):
        """Leaves tokens signed by the library for our verifier: `sign(kind, claims)` by `key`, `by_another` under the same id."""
        kind = KIND[self.form]
        forged = {
            "another key under the same id": by_another(kind, self.claims()),
            "another kind": sign("JWT", self.claims()),
            "expired": sign(kind, self.claims(age=700)),
            "another audience": sign(kind, self.claims(aud="https://other.example")),
            "another issuer": sign(kind, self.claims(iss="https://other.example")),
            "another environment": sign(kind, self.claims(env="live")),
            "no expiry": sign(kind, self.claims(exp=None)),
        }
        left = {"library": self.library, "version": self.version, "format": self.form, "key": key}
        left |= {"token": sign(kind, self.claims())}
        left |= {"forged": [{"case": case, "token": token} for case, token in forged.items()]}
        name = pathlib.Path(sys.argv[0]).stem + ".json"
        pathlib.Path(self.told["theirs"], name).write_text(json.dumps(left), encoding="utf-8")
