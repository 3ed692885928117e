"""An access token of Chancery, verified without asking anybody: signature, claims, and the revocation log.

    claims = verify(token, "https://api.example.com", "live", follower)  # or Refused, with `status` and `reason`
"""
import re
import time

from chancery_revocation import UNKNOWN, from_base64url, ids, need, open_jwt, people

NAME, PERSON = re.compile(r"[A-Za-z0-9._-]{1,64}"), re.compile(r"[A-Za-z0-9._:@-]{1,128}")
SCOPE = re.compile(r"(?=.{,64}$)[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*")


class Refused(Exception):
    """401: the token is bad. 503, to be sent with `Retry-After`: nobody can say just now, and the token may be good."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status, self.reason = status, reason


def verify(token, audience, environment, follower, leeway=30, max_lifetime=3600, now=None):
    """The claims of a token for this audience and environment. Scope, tenant and bounds are left to the route."""
    now = time.time() if now is None else now
    if not follower.keys["tokens"]:
        raise Refused(503, "keys_unavailable")
    try:
        need(len(token) <= 8192, "over 8 KiB")
        header, claims = open_jwt(token, ("at+jwt",), follower.keys["tokens"])
        are_in_form(claims)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as why:
        raise Refused(401, "invalid_token") from why
    life = claims["exp"] - claims["iat"]
    for holds, reason in (
        (claims.get("iss") == follower.issuer, "issuer_mismatch"),
        (claims.get("aud") in (audience, [audience]), "audience_mismatch"),
        (claims.get("env") == environment, "environment_mismatch"),
        (claims["sub"].startswith("user:") or claims["client_id"] in people(claims)[:2], "subject_mismatch"),
        (life > 0, "ends_before_it_begins"),
        (life <= max_lifetime, "lifetime_too_long"),
        ("cnf" not in claims, "proof_required"),
        (now < claims["exp"] + leeway, "expired"),
        (claims.get("nbf", 0) <= now + leeway, "not_yet_valid"),
    ):
        if not holds:
            raise Refused(401, reason)
    reason = follower.check(claims, header["kid"])
    if reason:
        raise Refused(503 if reason in UNKNOWN else 401, reason)
    return claims


def are_in_form(claims):
    """Raises unless all that is looked at is what it should be. The form of `bounds` is left to the route."""
    who, named, scopes = people(claims), [claims["client_id"], claims["tenant"]], claims["scope"].split(" ")
    times = [claims["iat"], claims["exp"], claims["rvs"], claims.get("nbf", 0)]
    need(all(NAME.fullmatch(name) for name in named) and all(PERSON.fullmatch(name) for name in who), "a name")
    need(all(SCOPE.fullmatch(scope) for scope in scopes), "a scope")
    need(all(type(time) is int and 0 <= time < 1 << 64 for time in times), "a time, or its place in the log")
    need(all(len(from_base64url(name)) == 16 for _, name in ids(claims)), "an id")
    need(len(who) <= 5 and len(claims.get("anc", [])) <= 8, "more actors or ancestors than there may be")
