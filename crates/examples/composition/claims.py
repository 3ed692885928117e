"""What a request may do, for a service behind a proxy that asks `chancery gate`. To be copied as it is.

The gate has checked the token, the revocation log and the scope of the route. It cannot see the record, so the
tenant and the bounds are checked here, and the scope once more: a line costs nothing, and a wrong table of routes at
the gate is then no open door.
"""

import base64
import json


class Refused(Exception):
    """The answer in place of the one that was asked for."""

    def __init__(self, status, headers=(), **body):
        super().__init__(body["reason"])
        self.status, self.headers, self.body = status, dict(headers), body


class Claims:
    """The claims of one request. Build it from what was checked, and from nothing else."""

    def __init__(self, claims, scope):
        self.tenant, self.client_id, self.scope = claims["tenant"], claims["client_id"], scope
        if scope not in claims["scope"].split(" "):
            raise Refused(403, error="insufficient_scope", reason="insufficient_scope", required=[scope])
        bounds = claims.get("bounds", {})
        # A bound under the name of a scope holds for that scope alone.
        general = [(axis, bound) for axis, bound in bounds.items() if ":" not in axis]
        self.bounds = general + list(bounds.get(scope, {}).items())

    def allows(self, record, axes=()):
        """Whether the token is for this record. `axes` are the members on which tokens may be bounded: a bound on
        anything else refuses, for this service cannot tell whether the record is within it."""
        within = (axis in axes and admits(bound, record[axis]) for axis, bound in self.bounds)
        return record["tenant"] == self.tenant and all(within)

    def demand(self, record, axes=()):
        """Refuses with the same words whatever was wrong, so that nobody learns what others have."""
        if not self.allows(record, axes):
            raise forbidden()
        return record


def forbidden():
    return Refused(
        403, error="access_denied", reason="out_of_bounds", error_description="the token is not for this record"
    )


def admits(bound, value):
    """A list of texts, a `*` at the end of one meaning "begins with"; or the largest number. Nothing else is known."""
    if isinstance(bound, list) and isinstance(value, str):
        return any(value.startswith(text[:-1]) if text.endswith("*") else value == text for text in bound)
    return type(bound) is int and type(value) is int and 0 <= value <= bound


def from_gate(headers, scope):
    """The claims that the proxy copied from the gate's answer.

    They are only as good as the way they came: a client that reaches this service past the proxy writes them
    itself. So listen where nobody but the proxy can knock.
    """
    claims, tenant = once(headers, "Chancery-Claims"), once(headers, "Chancery-Tenant")
    if not claims:
        raise wiring("claims_empty", "the gate takes this route for a public one: give both the same routes")
    try:
        claims = json.loads(base64.b64decode(claims + "=" * (-len(claims) % 4), altchars="-_", validate=True))
        # Where they differ, the proxy sets one of them, and the client the other.
        if claims["tenant"] != tenant:
            raise ValueError("Chancery-Tenant says another tenant")
        return Claims(claims, scope)
    except (ValueError, LookupError, TypeError, AttributeError) as why:
        raise wiring("claims_unreadable", "Chancery-Claims is not what the gate writes") from why


def once(headers, name):
    values = headers.get_all(name) or []
    if len(values) != 1:
        raise wiring("claims_missing", f"{name} has to come once: is the proxy set up, and did nobody go past it?")
    return values[0]


def wiring(reason, description):
    """No fault of the client, and no token would help."""
    return Refused(500, error="server_error", reason=reason, error_description=description)
