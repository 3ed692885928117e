"""What a client gets, and what reaches the service, through a proxy in front of the real gate."""
import base64
import contextlib
import json
import shutil

from issuer import Issuer
from proxies import tricks, wire
from proxies.made_up import CLAIMS
from proxies.products import WORK, Proxy
from proxies.real_gate import RealGate
from proxies.recorder import Recorder, always
from tokens import live

METADATA = "/.well-known/oauth-protected-resource"
LOOKALIKES = ["Chancery_Tenant", "chancery_tenant", "Chancery-Client_Id", "chancery.tenant", "CHANCERY_CLAIMS"]


class Stand:
    def __init__(self, product, gate, tokens):
        self.gate, self.tokens = gate, tokens
        self.is_caddy, self.is_traefik, self.is_envoy = (product.name == name for name in ["caddy", "traefik", "envoy"])
        self.service = Recorder(always(200, [], b"reached"))
        self.proxy = Proxy(product, gate.port, self.service.port)

    def stop(self):
        self.proxy.stop()
        self.service.stop()

    def send(self, target, token=None, headers=(), **more):
        self.service.requests.clear()
        bearer = [("Authorization", f"Bearer {self.tokens[token]}")] if token else []
        return wire.send(self.proxy.port, target, [*bearer, *headers], **more), self.service.requests[-1:]

    def verdict(self, *sent, **more):
        """Its status, and its reason where it is a refusal; `service` where it was let in."""
        answer, reached = self.send(*sent, **more)
        if reached:
            return answer.status, "service"
        return answer.status, json.loads(answer.body)["reason"] if answer.body.startswith(b"{") else None


def claims(stand, check):
    """A good token gets in with its claims and no others, whatever the client adds."""
    forged = [(name, "forged") for name in CLAIMS] * 2 + [("CHANCERY-TENANT", "forged"), ("Chancery-Other", "forged")]
    for headers in [[], forged]:
        answer, (request,) = stand.send("/invoices/INV-1?a=b", "good", headers)
        check("a good token", (answer.status, answer.body, request.target), (200, b"reached", "/invoices/INV-1?a=b"))
        told = [request.told(name) for name in ["Chancery-Client-Id", "Chancery-Tenant", "Chancery-Scope", "Chancery-Other"]]
        check("its claims", told, [["viewer"], ["acme"], ["invoices:read"], []])
        (text,) = request.told("Chancery-Claims")
        token = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        check("all of them", (token["client_id"], token["tenant"]), ("viewer", "acme"))
        check("its id", request.told("Chancery-Token-Id"), [token["jti"]])
        for token in [None, "good"]:
            answer, (request,) = stand.send("/healthz", token, headers)
            told = [value for name in CLAIMS for value in request.told(name) if value]
            check("a public route", (answer.status, told), (200, []))
    for name in LOOKALIKES:
        for target, token in [("/invoices/1", "good"), ("/healthz", None)]:
            answer, reached = stand.send(target, token, [(name, "forged")])
            seen = answer.status, "forged" in tricks.values(reached)
            check(f"{name} at {target}: {seen}", seen in [(200, False), (400, False)], True)
    answer, reached = stand.send("/invoices/1", "good", [("Connection", "close, Chancery-Tenant, Chancery-Claims")])
    told = [value for request in reached for value in request.told("Chancery-Tenant")]
    check("claims named in Connection", (answer.status, told), (400, []) if stand.is_caddy else (200, ["acme"]))


def refusals(stand, check):
    """They reach the client as the gate gave them."""
    twice = [("Authorization", "Bearer a")]
    for target, token, more, expected in [
        ("/invoices/1", None, {}, (401, "token_missing")),
        ("/invoices/1", "aud", {}, (401, "audience_mismatch")),
        ("/customers", "good", {}, (403, "insufficient_scope")),
        ("/nothing", "good", {}, (404, "route_undeclared")),
        ("/invoices/1", "good", {"method": "PUT"}, (405, "method_undeclared")),
        ("/invoices/1", "good", {"method": "OPTIONS"}, (405, "method_undeclared")),
        ("/invoices/1", "good", {"method": "TRACE"}, (405, "method_undeclared")),
        ("/invoices", None, {"method": "POST", "body": b"x" * 100_000}, (401, "token_missing")),
        ("/" + "a" * 5000, "good", {}, (414, "uri_too_long")),
        # Envoy makes one header of two.
        ("/invoices/1", "good", {"headers": twice}, (400, "credentials_malformed" if stand.is_envoy else "credentials_repeated")),
    ]:
        check(f"{more.get('method', 'GET')} {target[:20]} {token}", stand.verdict(target, token, **more), expected)
    answer, _ = stand.send("/invoices/1")
    (challenge,) = answer.told("WWW-Authenticate")
    check("the challenge", (challenge.startswith("Bearer "), METADATA in challenge), (True, True))
    check("Cache-Control", answer.told("Cache-Control"), ["no-store"])
    answer, _ = stand.send("/invoices/1", "good", method="PUT")
    check("Allow", {method.strip() for value in answer.told("Allow") for method in value.split(",")}, {"DELETE", "GET", "HEAD"})
    answer, reached = stand.send("/invoices/1", method="HEAD")
    check("HEAD", (answer.status, answer.body, reached), (401, b"", []))
    answer, reached = stand.send(METADATA)
    check("the metadata", (answer.status, "authorization_servers" in json.loads(answer.body), reached), (200, True, []))


def away(stand, check):
    """A gate that is slow, gone or back."""
    closed = (500, None) if stand.is_traefik else (503, "gate_unavailable")
    stand.gate.freeze()
    check("a frozen gate", stand.verdict("/invoices/1", "good"), closed)
    stand.gate.thaw()
    check("thawed", stand.verdict("/invoices/1", "good"), (200, "service"))
    stand.gate.kill()
    for target, token in [("/invoices/1", "good"), ("/healthz", None), ("/invoices/1", None)]:
        check(f"no gate, {target}", stand.verdict(target, token), closed)
    stand.gate.start()
    check("back", stand.verdict("/invoices/1", "good"), (200, "service"))
    check("back, no token", stand.verdict("/invoices/1"), (401, "token_missing"))


def run(product, check):
    folder = WORK / "real"
    shutil.rmtree(folder, ignore_errors=True)
    port = wire.free_port()
    with contextlib.ExitStack() as started:
        issuer = Issuer(folder / "issuer", f"http://127.0.0.1:{port}", port)
        started.callback(issuer.stop)
        gate = RealGate(folder / "gate", issuer.address)
        started.callback(gate.kill)
        stand = Stand(product, gate, live(issuer))
        started.callback(stand.stop)
        for part in [claims, refusals, tricks.paths, tricks.headers, tricks.connections, away]:
            part(stand, check)
