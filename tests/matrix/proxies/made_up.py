"""What a proxy does with the answers of a gate: a made-up one, which also gives those that the real one never gives."""
import time

from proxies import wire
from proxies.products import Proxy
from proxies.recorder import Recorder, always

CLAIMS = ["Chancery-Client-Id", "Chancery-Subject", "Chancery-Tenant", "Chancery-Scope", "Chancery-Token-Id", "Chancery-Claims"]
FULL = [(name, "true") for name in CLAIMS]
EMPTY = [(name, "") for name in CLAIMS]
NO_TENANT = [(name, value) for name, value in FULL if name != "Chancery-Tenant"]
# One name twice, and in spellings of which some service makes the same variable.
FORGED = [(name, "forged") for name in ["Chancery-Tenant", "CHANCERY-TENANT", "chancery.tenant", "Chancery-Other"]]
UNDERSCORE = [("Chancery_Tenant", "forged"), ("chancery_client-id", "forged")]
REFUSAL = b'{"error":"made_up","reason":"made_up"}'
REFUSALS = [(400, []), (401, [("WWW-Authenticate", 'Bearer resource_metadata="https://a.example/b"')]), (403, []), (404, []),
            (405, [("Allow", "GET, POST")]), (414, []), (500, []), (503, [("Retry-After", "7")])]
# What reaches the service as it came: nobody but the gate refuses it. Traefik makes some of them plain first.
TRICKS = ["/invoices/%2e%2e/customers", "/invoices//1", "/invoices/1;a=b", "/invoices%2f1", "/INVOICES/1", "/invoices/1/"]


class Stand:
    """A proxy with a made-up gate before it and a service behind."""

    def __init__(self, product, changes=()):
        self.gate, self.service = Recorder(always(200, FULL)), Recorder(always(200, [], b"reached"))
        self.proxy = Proxy(product, self.gate.port, self.service.port, changes)
        self.is_caddy, self.is_traefik, self.is_envoy = (product.name == name for name in ["caddy", "traefik", "envoy"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proxy.stop()
        self.gate.stop()
        self.service.stop()

    def send(self, target="/invoices/1", headers=(), **more):
        """The answer, what the gate was asked and what reached the service."""
        self.gate.requests.clear()
        self.service.requests.clear()
        answer = wire.send(self.proxy.port, target, headers, **more)
        return answer, self.gate.requests[-1:], self.service.requests[-1:]

    def original(self, asked):
        """Method and target of the request that the gate is asked about."""
        if self.is_envoy:
            return [(request.method, request.target.removeprefix("/auth/envoy")) for request in asked]
        return [(method, target) for method in told(asked, "X-Forwarded-Method") for target in told(asked, "X-Forwarded-Uri")]


def told(reached, name="Chancery-Tenant"):
    return [value for request in reached for value in request.told(name)]


def run(product, check):
    with Stand(product) as stand:
        for part in [refusals, claims, original, services, closed]:
            part(stand, check)


def refusals(stand, check):
    """Status, headers and body reach the client; Envoy alone takes a 5xx for a fault of the gate and answers itself."""
    for status, headers in REFUSALS:
        stand.gate.answer = always(status, [("Content-Type", "application/json"), *headers], REFUSAL)
        for method, body in [("GET", b""), ("POST", b"x" * 100_000), ("HEAD", b"")]:
            answer, _, reached = stand.send(method=method, body=body)
            check(f"{status} to {method}: reached", reached, [])
            if stand.is_envoy and status >= 500:
                check(f"{status} to {method}", (answer.status, answer.told("Retry-After")), (503, ["1"]))
                check(f"{status} to {method}: body", b"gate_unavailable" in answer.body, method != "HEAD")
                continue
            check(f"{status} to {method}", answer.status, status)
            check(f"{status} to {method}: headers", [answer.told(name) for name, _ in headers], [[value] for _, value in headers])
            check(f"{status} to {method}: body", answer.body, b"" if method == "HEAD" else REFUSAL)


def claims(stand, check):
    """Of what a client writes into the names of claims, nothing reaches the service, whatever the gate gives."""
    for what, given, expected in [("all", FULL, ["true"]), ("empty", EMPTY, []), ("none", [], []), ("no tenant", NO_TENANT, [])]:
        stand.gate.answer = always(200, given)
        _, _, reached = stand.send(headers=FORGED)
        # Caddy 2.6 writes its own placeholder where the gate gave nothing.
        left = [value for value in told(reached) if value and not value.startswith("{http.")]
        check(f"claims, {what} given", (len(reached), left), (1, expected))
        check(f"claims, {what} given: others", told(reached, "Chancery-Other"), [])
        _, _, reached = stand.send(headers=UNDERSCORE)
        check(f"underscores, {what} given", "forged" in told(reached) + told(reached, "Chancery-Client-Id"), False)
    stand.gate.answer = always(200, FULL)
    answer, _, reached = stand.send(headers=[("Connection", "close, Chancery-Tenant")])
    check("claims named in Connection", (answer.status, told(reached)), (400, []) if stand.is_caddy else (200, ["true"]))


def original(stand, check):
    """The gate is told of the request that the service will get, and a client cannot tell it of another."""
    stand.gate.answer = always(200, FULL)
    lies = [("X-Forwarded-Uri", "/healthz"), ("X-Forwarded-Method", "GET"), ("X-Original-URI", "/healthz")]
    for headers in [lies, lies * 2, [*lies, ("Connection", "close, X-Forwarded-Uri, X-Forwarded-Method")]]:
        _, asked, _ = stand.send(method="DELETE", headers=headers)
        check("the original request", stand.original(asked), [("DELETE", "/invoices/1")])
    _, asked, _ = stand.send(headers=[("Authorization", "Bearer a"), ("Authorization", "Bearer b")])
    both = ["Bearer a,Bearer b"] if stand.is_envoy else ["Bearer a", "Bearer b"]
    check("Authorization twice", told(asked, "Authorization"), both)
    for trick in TRICKS:
        _, asked, reached = stand.send(trick)
        (seen,) = [request.target for request in reached]
        check(f"{trick}, as the gate sees it", stand.original(asked), [("GET", seen)])
        if not stand.is_traefik:
            check(f"{trick}, as the service sees it", seen, trick)


def services(stand, check):
    """What a service answers reaches the client as it is."""
    for status in [401, 403, 404, 500, 503]:
        stand.service.answer = always(status, [("Retry-After", "9"), ("WWW-Authenticate", "Basic")], b"of the service")
        answer, _, _ = stand.send()
        told_by_it = answer.told("Retry-After"), answer.told("WWW-Authenticate"), answer.body
        check(f"{status} of the service", (answer.status, *told_by_it), (status, ["9"], ["Basic"], b"of the service"))
    stand.service.stop()
    answer, _, _ = stand.send()
    check("no service", (answer.status, b"gate_unavailable" in answer.body), (503 if stand.is_envoy else 502, False))


def closed(stand, check):
    """Without an answer of the gate nothing gets in: here the service is gone already, and would be a 502."""
    stand.gate.answer = lambda request: time.sleep(40) or (200, FULL, b"")
    for what in ["a slow gate", "no gate"]:
        answer, _, _ = stand.send()
        check(what, (answer.status, b"gate_unavailable" in answer.body), (500, False) if stand.is_traefik else (503, True))
        stand.gate.stop()
