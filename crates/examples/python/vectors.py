"""Holds the follower to tests/vectors/revocation.json, and `verify` to the JWTs of tests/vectors/verdicts.json.

    python vectors.py tests/vectors [the folder of the modules; the one of this file otherwise]
"""
import base64
import json
import pathlib
import sys

FOLDER = pathlib.Path(sys.argv[1])
sys.path.insert(0, sys.argv[2] if sys.argv[2:] else str(pathlib.Path(__file__).parent))

from chancery_revocation import NAMED, Bad, RevocationLog, hashed, read_document, read_keys
from chancery_token import Refused, verify

# What the vectors call an outcome, and how the follower says it, unless that is that it needs a snapshot.
OUTCOMES = {name: "new" for name in ("installed", "advanced", "caught_up", "merged_another_log", "merged_fork")}
OUTCOMES |= {"heartbeat": "heartbeat", "already_held": "held", "document_older": "older", "log_went_back": "older"}
# Tokens that `verify` refuses though a standard allows them, for the issuer writes none of them.
NEVER_WRITTEN = {"jwt-good/typ-media-type", "jwt-good/header-unknown"}
NEVER_WRITTEN |= {"jwt-numbers/exp-as-float", "jwt-numbers/exp-with-exponent", "jwt-numbers/iat-with-fraction"}
# Tokens that it accepts: the form of bounds is left to the route, and a time of issue to nobody.
LEFT_OPEN = ("jwt-bounds/", "jwt-claims/bounds-null", "jwt-time/strict-")

faults, counted = [], {"verdicts": 0, "bad documents": 0, "access tokens": 0}


def hold(what, expected, found):
    if expected != found:
        faults.append(f"{what}: {found}, not {expected}")


def claims_of(token):
    """The claims of a token of the vectors, where `act` is a list."""
    act = {}
    for actor in reversed(token["act"]):
        act = {"act": {"sub": actor, **act}}
    return {name: value for name, value in token.items() if name not in ("act", "sid") or name == "sid" and value} | act


def run_case(case, vectors, keys):
    clock = [0]
    log = RevocationLog(vectors["max_staleness"], clocks=[lambda: clock[0]] * 2)
    for at, step in enumerate(case["steps"]):
        what, clock[0] = f"{case['name']}, step {at}", step["now"]
        if "document" in step:
            document = read_document(step["document"], keys, vectors["issuer"], clock[0])
            hold(what, OUTCOMES.get(step["outcome"], "snapshot_needed"), log.take(document))
        if "sequence" in step:
            hold(what, [step["sequence"], step["head"]], [log.place[1], in_base64url(log.place[2])])
        if "age" in step:
            hold(f"{what}, age", step["age"], log.age())
        for token in step["tokens"]:
            log.strict = token["policy"] == "strict"
            verdict = {"good": None, "good_so_far": None}.get(token["verdict"], token["verdict"])
            hold(f"{what}, {token}", verdict, log.check(claims_of(token), token["kid"]))
            counted["verdicts"] += 1


def in_base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def run_log(vectors):
    keys = read_keys(json.dumps(vectors["keys"]).encode())
    for mark in vectors["marks"]:
        kind = next(kind for kind, name in NAMED.items() if name.decode() == mark["kind"])
        hold(f"the mark of {mark['name']}", mark["mark"], in_base64url(hashed(kind, mark["name"])[1:]))
    for case in vectors["cases"]:
        try:
            run_case(case, vectors, keys)
        except Bad as why:
            faults.append(f"{case['name']}: refused: {why}")
    for refused in vectors["refused"]:
        try:
            read_document(refused["document"], keys, vectors["issuer"], refused["now"])
            faults.append(f"{refused['name']}: it was read, and is bad: {refused['reason']}")
        except Bad:
            counted["bad documents"] += 1


class Known:
    """In the place of a follower: it has keys, and nothing is revoked."""

    def __init__(self, issuer, keys):
        self.issuer, self.keys, self.check = issuer, {"tokens": keys}, lambda claims, kid: None


def run_tokens(corpus):
    for group, case in ((group, case) for group in corpus["groups"] for case in group["cases"]):
        told = corpus["settings"] | group["settings"] | case.get("settings", {})
        is_left_out = case.get("house") or case["id"] in NEVER_WRITTEN or case["id"].startswith(LEFT_OPEN)
        if told["format"] != "jwt" or is_left_out:
            continue
        known = Known(told["issuer"], read_keys(json.dumps(corpus["keys"][told["keys"]]["jwt"]).encode()))
        now, options = case.get("now", corpus["now"]), (told["leeway"], told["max_lifetime"])
        try:
            verify(case["token"], told["audience"], told["environment"], known, *options, now)
            verdict = "accepted"
        except Refused:
            verdict = "refused"
        hold(case["id"], case["verdict"], verdict)
        counted["access tokens"] += 1


run_log(json.loads((FOLDER / "revocation.json").read_text()))
run_tokens(json.loads((FOLDER / "verdicts.json").read_text()))
print(", ".join(f"{count} {what}" for what, count in counted.items()), "and", len(faults), "faults")
for fault in faults:
    print(fault)
sys.exit(1 if faults or not all(counted.values()) else 0)
