"""Requests that a lenient service takes for another one: none gets in by the route of that other one."""

# To a strict reader all of these are refused.
PATHS = ["//healthz", "/invoices//1", "/healthz/../customers", "/invoices/../customers", "/invoices/./1", "/invoices/..",
         "/invoices/%2e%2e/customers", "/invoices/.%2E/customers", "/invoices%2f1", "/healthz%2F..%2Fcustomers",
         "/invoices/1;a=b", "/healthz;/../customers", "/invoices\\1", "/invoices/%5c1", "/invoices/%2561", "/%69nvoices/1",
         "/invoices/1/", "/INVOICES/1", "/Healthz", "/healthz/", "/invoices/%00", "/invoices/%zz", "/invoices/%",
         "/invoices/\xe9", "/invoices/%ff", "/invoices/1#a", "/invoices/1%23a", "/invoices/1%3fa", "/..//invoices", "*",
         "invoices", "/invoices/1?_method=DELETE", "/invoices/1?[_method]=DELETE", "x:http://g/healthz",
         "x:http://g/metrics", "x:http://g/auth/envoy/healthz"]
# What Traefik makes plain before it asks: the gate judges this path, and this path reaches the service.
MADE_PLAIN = {"//healthz": "/healthz", "/invoices//1": "/invoices/1", "/healthz/../customers": "/customers",
              "/invoices/../customers": "/customers", "/invoices/./1": "/invoices/1", "/invoices/..": "/",
              "/invoices/%2e%2e/customers": "/customers", "/invoices/.%2E/customers": "/customers",
              "/healthz;/../customers": "/customers", "/%69nvoices/1": "/invoices/1", "/..//invoices": "/invoices"}
# The gate's, or none where a proxy refuses by itself what is no HTTP to it.
REASONS = {(400, "path_not_plain"), (400, "path_ambiguous"), (400, "method_override"), (404, "route_undeclared"), (400, None),
           (404, None)}
OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X.Method.Override", "X-Original-URL",
             "X-Rewrite-URL", "Path-Info", "Script-Name"]
FORWARDED = [("X-Forwarded-Uri", "/healthz"), ("X-Forwarded-Method", "GET")]
ORIGINAL = [("X-Original-URI", "/healthz"), ("X-Original-Method", "GET")]
WEBSOCKET = [("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]


def paths(stand, check):
    for target in PATHS:
        plain = MADE_PLAIN.get(target) if stand.is_traefik else None
        for token in [None, "good"]:
            answer, reached = stand.send(target, token)
            if plain:
                expected, same = stand.send(plain, token)
                check(f"{target} is {plain}", (answer.status, targets(reached)), (expected.status, targets(same)))
            else:
                check(f"{target}: reached", targets(reached), [])
                check(f"{target}: {stand.verdict(target, token)}", stand.verdict(target, token) in REASONS, True)


def targets(reached):
    return [request.target for request in reached]


def headers(stand, check):
    for name in OVERRIDES:
        for target, token in [("/invoices/1", "good"), ("/healthz", None)]:
            answer, reached = stand.send(target, token, [(name, "forged")])
            seen = answer.status, "forged" in values(reached)
            check(f"{name} at {target}: {seen}", seen in [(400, False), (200, False)], True)
    for lies in [FORWARDED, ORIGINAL]:
        hidden = ("Connection", "close, " + ", ".join(name for name, _ in lies))
        for sent in [lies, lies * 2, [*lies, hidden]]:
            check(f"another {lies[0][0]}", stand.verdict("/invoices/1", None, sent), (401, "token_missing"))
    hidden = [("Connection", "close, Authorization")]
    check("Authorization in Connection", stand.verdict("/invoices/1", "good", hidden), (401, "token_missing"))


def values(reached):
    return [value for request in reached for _, value in request.headers]


def connections(stand, check):
    """Requests that end up as something else than a request and its answer."""
    for protocol in ["websocket", "h2c"]:
        upgrade = [("Upgrade", protocol), ("Connection", "Upgrade"), *WEBSOCKET]
        # Envoy does not upgrade to what its sample does not name, and takes h2c for a wish that it may pass over.
        refused = (403, None) if stand.is_envoy and protocol == "websocket" else None
        check(f"upgrade to {protocol}, no token", stand.verdict("/invoices/1", None, upgrade), refused or (401, "token_missing"))
        check(f"upgrade to {protocol}", stand.verdict("/invoices/1", "good", upgrade), refused or (200, "service"))
    waiting = [("Expect", "100-continue")]
    verdict = stand.verdict("/invoices", "good", waiting, method="POST", body=b"hello")
    check("a body that waits", verdict, (403, "insufficient_scope"))
