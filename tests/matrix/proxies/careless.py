"""A sample without one of its lines, and what a client then gets through: the line is needed, and a check can fail."""
from proxies.made_up import CLAIMS, EMPTY, FORGED, NO_TENANT, UNDERSCORE, Stand, told
from proxies.recorder import always

ALL_HEADERS = "(path|script|x)[^a-z0-9].*"
CARELESS = {
    "caddy": [
        ("no `route`", {"\troute {": "\thandle {"}, lambda stand: told(stand.send()[2]) == []),
        ("no `error @hides`", {"\t\terror @hides 400\n": ""},
         lambda stand: told(stand.send(headers=[("Connection", "close, Chancery-Tenant")])[2]) == []),
    ],
    "caddy 2.6.2": [
        ("no `request_header`", {"\t\trequest_header -Chancery*\n": ""},
         lambda stand: "forged" in told(stand.send(headers=UNDERSCORE)[2])),
    ],
    "caddy 2.10.2": [
        ("no `request_header`", {"\t\trequest_header -Chancery*\n": ""},
         lambda stand: forged_where_empty(stand)),
    ],
    "traefik": [
        ("a list of headers", {"authResponseHeadersRegex: (?i)^chancery": f"authResponseHeaders: [{', '.join(CLAIMS)}]"},
         lambda stand: "forged" in told(stand.send(headers=UNDERSCORE)[2])),
        ("trusted headers", {"maxResponseBodySize: 65536": "trustForwardHeader: true",
                             "address: 127.0.0.1:8080": "address: 127.0.0.1:8080\n    forwardedHeaders: { insecure: true }"},
         lambda stand: told(stand.send(headers=[("X-Forwarded-Uri", "/healthz")])[1], "X-Forwarded-Uri") == ["/healthz"]),
        ("few headers asked with", {"maxResponseBodySize: 65536": "authRequestHeaders: [Authorization]"},
         lambda stand: told(stand.send(headers=[("X-HTTP-Method-Override", "PUT")])[1], "X-HTTP-Method-Override") == []),
    ],
    "envoy": [
        ("no header_mutation", {"remove_on_match: { key_matcher: { prefix: chancery, ignore_case: true } }": "remove: nothing"},
         lambda stand: forged_where_absent(stand)),
        ("underscores allowed", {"REJECT_REQUEST": "ALLOW", "prefix: chancery, ignore_case": "prefix: chancery-, ignore_case"},
         lambda stand: "forged" in told(stand.send(headers=UNDERSCORE)[2])),
        ("failure_mode_allow", {"failure_mode_allow: false": "failure_mode_allow: true"},
         lambda stand: let_in_without_gate(stand)),
        ("no allowed_headers", {ALL_HEADERS: "nothing"},
         lambda stand: told(stand.send(headers=[("X-HTTP-Method-Override", "PUT")])[1], "X-HTTP-Method-Override") == []),
    ],
}


def forged_where_empty(stand):
    """A public route."""
    stand.gate.answer = always(200, EMPTY)
    return "forged" in told(stand.send(headers=FORGED)[2])


def forged_where_absent(stand):
    stand.gate.answer = always(200, NO_TENANT)
    return "forged" in told(stand.send(headers=FORGED)[2])


def let_in_without_gate(stand):
    stand.gate.stop()
    return len(stand.send()[2]) == 1


def run(product, check):
    for what, changes, gets_through in CARELESS.get(product.name, []) + CARELESS.get(f"{product.name} {product.version}", []):
        with Stand(product, changes) as stand:
            check(f"{what}: what must not be happens", gets_through(stand), True)
