"""What a request may do, for a service that checks tokens itself: `claims.from_gate` without a gate to believe."""

import pathlib
import sys

import claims

# The follower stands beside this example; in a service of yours it is copied.
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "python"))
import chancery_token


def checked_by(follower, audience, environment):
    def from_token(headers, scope):
        try:
            return claims.Claims(chancery_token.verify(bearer(headers), audience, environment, follower), scope)
        except chancery_token.Refused as why:
            if why.status == 503:
                # The token may be good: whoever holds it shall not throw it away.
                told = {"error": "temporarily_unavailable", "reason": why.reason}
                raise claims.Refused(503, {"Retry-After": "5"}, **told) from why
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise claims.Refused(why.status, challenge, error="invalid_token", reason=why.reason) from why

    return from_token


def bearer(headers):
    """The one token that came."""
    values = headers.get_all("Authorization") or []
    if len(values) > 1:
        raise claims.Refused(400, error="invalid_request", reason="credentials_repeated")
    kind, _, token = "".join(values).partition(" ")
    if kind.lower() != "bearer" or not token:
        raise claims.Refused(401, {"WWW-Authenticate": "Bearer"}, reason="token_missing")
    return token
