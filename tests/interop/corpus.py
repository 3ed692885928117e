"""A careful verifier over PyJWT and pyseto gives every verdict of tests/vectors/verdicts.json; what it adds, the libraries leave out.

The libraries check signatures. Everything else stands below, because they check it otherwise, or not at all. Beside it each token goes
through the library alone, told all that it can be told; the notes say what that would have let through.
"""
import base64
import datetime
import importlib.metadata
import json
import math
import pathlib
import re
import sys

import jwt
import pyseto

P = 2**255 - 19
# The `y` of the points of low order: 0, 1, -1, and two more.
LOW = {0, 1, P - 1}
LOW |= {int.from_bytes(bytes.fromhex(y), "little") for y in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)}
LAST_SECOND = 253402300799  # of the year 9999
ALGORITHMS = ["EdDSA", "Ed25519"]
# PyJWT knows one of the two names.
jwt.register_algorithm("Ed25519", jwt.algorithms.OKPAlgorithm())


class Refused(Exception):
    """With the category of the corpus."""


def need(held, category):
    if not held:
        raise Refused(category)


# Bytes, JSON, points.
def decode(segment, category="form"):
    need(re.fullmatch(r"[A-Za-z0-9_-]*", segment) and len(segment) % 4 != 1, category)
    data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    need(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == segment, category)
    return data


def read(data, most, category):
    """One JSON object in UTF-8, each name once at every level, neither deep nor long without end."""

    def unique(pairs):
        need(len(pairs) <= most and len({name for name, _ in pairs}) == len(pairs), category)
        return dict(pairs)

    def finite(digits):
        need(math.isfinite(float(digits)), category)
        return float(digits)

    def refuse(_):
        raise Refused(category)

    def walk(value, depth):
        if isinstance(value, str):
            value.encode()
        if isinstance(value, (dict, list)):
            need(depth < 8 and len(value) <= 1024, category)
            for inner in [*value, *value.values()] if isinstance(value, dict) else value:
                walk(inner, depth + 1)

    try:
        value = json.loads(data.decode(), object_pairs_hook=unique, parse_constant=refuse, parse_float=finite)
        walk(value, 0)
    except (ValueError, RecursionError):
        raise Refused(category) from None
    need(isinstance(value, dict), category)
    return value


def sound(point):
    y = int.from_bytes(point, "little") & (2**255 - 1)
    return len(point) == 32 and y < P and y not in LOW


# Keys.
def jwk_keys(document):
    found = {}
    for jwk in document["keys"]:
        try:
            need(jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519" and "d" not in jwk, "key")
            need(jwk.get("alg", "EdDSA") in ALGORITHMS and jwk.get("use", "sig") == "sig", "key")
            need("verify" in jwk.get("key_ops", ["verify"]) and sound(decode(jwk["x"])), "key")
            found.setdefault(jwk["kid"], []).append(jwt.PyJWK(jwk, "EdDSA").key)
        except (Refused, TypeError, KeyError, jwt.PyJWTError):
            continue
    return {kid: keys[0] for kid, keys in found.items() if len(keys) == 1}


def paserk_keys(document):
    found = {}
    for entry in document["keys"]:
        try:
            version, kind, point = entry["key"].split(".")
            need((version, kind) == ("k4", "public") and sound(decode(point)), "key")
            key = pyseto.Key.from_paserk(entry["key"])
            need(key.to_paserk_id() == entry["kid"], "key")
            found[entry["kid"]] = key
        except (Refused, TypeError, KeyError, ValueError):
            continue
    return found


# From the text to the claims that were signed.
def open_jwt(token, keys):
    parts = token.split(".")
    need(len(parts) == 3, "form")
    header = read(decode(parts[0]), 32, "form")
    need(header.get("alg") in ALGORITHMS, "kind")
    need(not header.keys() & {"b64", "crit", "jwk", "jku", "x5u", "x5c", "cty", "enc"}, "kind")
    typ, kid = header.get("typ"), header.get("kid")
    need(isinstance(typ, str) and typ.lower().removeprefix("application/") == "at+jwt", "kind")
    need(isinstance(kid, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", kid) and kid in keys, "key")
    signature = decode(parts[2])
    decode(parts[1])
    need(len(signature) == 64 and sound(signature[:32]), "signature")
    return read(jwt.api_jws.decode(token, keys[kid], algorithms=ALGORITHMS), 512, "claims")


def open_paseto(token, keys):
    parts = token.split(".")
    need(len(parts) == 4 and parts[:2] == ["v4", "public"], "form")
    footer = re.fullmatch(rb'\{"kid":"(k4\.pid\.[A-Za-z0-9_-]{44})","typ":"at\+paseto"\}', decode(parts[3]))
    need(footer, "form")
    kid = footer[1].decode()
    need(kid in keys, "key")
    body = decode(parts[2])
    need(len(body) > 64, "form")
    need(sound(body[-64:-32]), "signature")
    return read(pyseto.decode(keys[kid], token).payload, 512, "claims")


# Claims.
def numeric_date(value, up):
    need(type(value) in (int, float) and 0 <= value <= LAST_SECOND + (not up), "claims")
    return math.ceil(value) if up else math.floor(value)


def date_time(value, up):
    parts = isinstance(value, str) and re.fullmatch(r"([0-9-]{10}T[0-9:]{8})(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})", value)
    need(parts, "claims")
    try:
        seconds = int(datetime.datetime.fromisoformat(parts[1] + parts[3]).timestamp())
    except (ValueError, OverflowError):
        raise Refused("claims") from None
    need(seconds >= 0, "claims")
    return seconds + (up and parts[2] is not None and parts[2].strip(".0") != "")


def name(value, extra="", most=64):
    need(isinstance(value, str) and re.fullmatch(rf"[A-Za-z0-9._{extra}-]{{1,{most}}}", value), "claims")
    return value


def token_id(value):
    need(isinstance(value, str) and len(decode(value, "claims")) == 16, "claims")
    return value


def scopes(value):
    value = value.split(" ") if isinstance(value, str) else value
    need(isinstance(value, list) and value, "claims")
    for scope in value:
        need(isinstance(scope, str) and len(scope) <= 64 and re.fullmatch(r"[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*", scope), "claims")
    return list(dict.fromkeys(value))


def audience(value, listed):
    need(isinstance(value, str) or listed and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str), "claims")
    return value if isinstance(value, str) else value[0]


def bounds(value, within=False):
    need(isinstance(value, dict) and (value or not within), "claims")
    for axis, bound in value.items():
        if ":" in axis and not within:
            scopes([axis])
            bounds(bound, within=True)
            continue
        need(re.fullmatch(r"[a-z][a-z0-9_]{0,31}", axis), "claims")
        if isinstance(bound, list):
            texts = bool(bound) and all(isinstance(text, str) for text in bound)
            need(texts and all(len(text.encode()) <= 128 and re.fullmatch(r"[^*\x00-\x1f\x7f-\x9f]+\*?", text) for text in bound), "claims")
        else:
            need(type(bound) is int and 0 <= bound < 2**53, "claims")
    return value


def actors(value):
    chain = []
    while value is not None:
        need(isinstance(value, dict) and len(chain) < 4, "claims")
        chain.append(name(value.get("sub"), ":@", 128))
        need("act" not in value or value["act"] is not None, "claims")
        value = value.get("act")
    return chain


def ancestors(value):
    need(isinstance(value, list) and len(value) <= 8, "claims")
    return [token_id(ancestor) for ancestor in value]


def sequence(value):
    need(type(value) is int and 0 <= value < 2**64, "claims")
    return value if value < 2**53 else str(value)


def judge(claims, told, now, time):
    """What the claims say, or why they are not accepted."""
    missing = {"iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope", "tenant", "rvs", "env"} - claims.keys()
    nothing = [claim for claim in ("nbf", "bounds", "sid", "cnf", "act", "anc") if claim in claims and claims[claim] is None]
    need(not missing and not nothing, "claims")
    said = {
        "client_id": name(claims["client_id"]),
        "sub": name(claims["sub"], ":@", 128),
        "tenant": name(claims["tenant"]),
        "scopes": scopes(claims["scope"]),
        "iat": time(claims["iat"], False),
        "exp": time(claims["exp"], False),
        "nbf": time(claims["nbf"], True) if "nbf" in claims else None,
        "jti": token_id(claims["jti"]),
        "bounds": bounds(claims.get("bounds", {})) or None,
        "sid": token_id(claims["sid"]) if "sid" in claims else None,
        "rvs": sequence(claims["rvs"]),
        "act": actors(claims.get("act")) or None,
        "anc": ancestors(claims.get("anc", [])) or None,
        "env": claims["env"],
    }
    iss, aud = claims["iss"], audience(claims["aud"], time is numeric_date)
    need(isinstance(iss, str) and iss and aud and said["env"] in ("live", "test"), "claims")
    need((iss, aud, said["env"]) == (told["issuer"], told["audience"], told["environment"]), "recipient")
    # Itself, a person, or whom it acts for.
    itself = said["client_id"] in [said["sub"], *(said["act"] or [])[:1]]
    need(itself or said["sub"].startswith("user:"), "claims")
    need("cnf" not in claims, "proof")
    leeway, life = told["leeway"], said["exp"] - said["iat"]
    need(0 < life <= told["max_lifetime"] and now < said["exp"] + leeway, "time")
    need((said["nbf"] or 0) <= now + leeway, "time")
    need(told["future_iat"] == "accept" or said["iat"] <= now + leeway, "time")
    return {claim: value for claim, value in said.items() if value is not None}


def careful(token, told, now, documents):
    need(len(token.encode()) <= 8192 and re.fullmatch(r"[A-Za-z0-9_.-]*", token), "form")
    try:
        if told["format"] == "jwt":
            return judge(open_jwt(token, jwk_keys(documents["jwt"])), told, now, numeric_date)
        return judge(open_paseto(token, paserk_keys(documents["paseto"])), told, now, date_time)
    except (jwt.InvalidSignatureError, pyseto.VerifyError):
        raise Refused("signature") from None


# The libraries alone, told all that they can be told.
class Clock(datetime.datetime):
    second = 0

    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(cls.second, tz)


def alone(token, told, now, documents):
    Clock.second = now
    if told["format"] == "jwt":
        keys = jwt.PyJWKSet.from_dict(documents["jwt"])
        require = ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope", "tenant", "rvs", "env"]
        options = {"require": require, "verify_iat": told["future_iat"] == "refuse"}
        expected = {"issuer": told["issuer"], "audience": told["audience"], "leeway": told["leeway"]}
        key = keys[jwt.get_unverified_header(token)["kid"]]
        return jwt.decode(token, key.key, algorithms=ALGORITHMS[:1], options=options, **expected)
    segment = token.split(".")[3]
    kid = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))["kid"]
    keys = {entry["kid"]: entry["key"] for entry in documents["paseto"]["keys"] if isinstance(entry, dict)}
    key = pyseto.Key.from_paserk(keys[kid])
    return pyseto.Paseto.new(leeway=told["leeway"]).decode(key, token, deserializer=json, aud=told["audience"])


def accepts(verify, *question):
    try:
        verify(*question)
        return True
    except Exception:
        return False


def differs(case, question):
    """How the careful verifier's verdict differs from the case's, if it does."""
    try:
        said = careful(*question)
    except Refused as refusal:
        expected = [case.get("category"), *case.get("also", [])]
        return None if refusal.args[0] in expected else f"refused for {refusal.args[0]}, not {expected}"
    return None if said == case.get("claims") else f"accepted and read {said}"


def run(corpus, group):
    library = "PyJWT" if group["settings"]["format"] == "jwt" else "pyseto"
    faults, let_through, turned_away = [], [], []
    for case in group["cases"]:
        told = {**corpus["settings"], **group["settings"], **case.get("settings", {})}
        question = (case["token"], told, case.get("now", corpus["now"]), corpus["keys"][told["keys"]])
        what, short = differs(case, question), case["id"].split("/")[1]
        if what:
            faults.append(f"{case['id']}: {what}")
        if accepts(alone, *question) != (case["verdict"] == "accepted"):
            (turned_away if case["verdict"] == "accepted" else let_through).append(short)
    notes = ["; ".join(faults)] if faults else []
    for how, cases in (("lets through", let_through), ("turns away good ones,", turned_away)):
        if cases:
            notes.append(f"alone it {how} {len(cases)}: {', '.join(cases)}")
    case = f"gives the verdicts of {group['name']} ({len(group['cases'])})"
    line = {"library": library, "version": importlib.metadata.version(library), "case": case}
    print(json.dumps({**line, "outcome": "failed" if faults else "ok", "note": "; ".join(notes)}))


jwt.api_jwt.datetime = sys.modules["pyseto.paseto"].datetime = Clock
CORPUS = json.loads((pathlib.Path(__file__).parents[1] / "vectors/verdicts.json").read_text())
for GROUP in CORPUS["groups"]:
    run(CORPUS, GROUP)
