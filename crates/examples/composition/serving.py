"""HTTP, as little as it takes: a table of routes in front of functions. The same for any service behind the gate."""

import json
import signal
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from claims import Refused

# An invoice of forty full lines has about 6 KiB.
MAX_BODY = 16 * 1024


def serve(name, port, routes, caller):
    """Serves until it is asked to end. A route is (method, path, scope, handler); without a scope it is open to
    everybody. `caller` makes claims of headers and a scope; a handler takes them, the JSON that came, and the texts in
    the places of the braces, and returns a status, what is to be sent, and headers."""
    # Loopback, and not to be changed: whoever reaches this port past the proxy can write the claims of anybody. Where
    # strangers run programs on the same machine, or a network lies between, put a Unix socket or mutual TLS there.
    server = ThreadingHTTPServer(("127.0.0.1", port), Service)
    server.routes, server.caller, server.lock = routes, caller, threading.Lock()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit(0))
    print(f"{name} listens at http://127.0.0.1:{server.server_port}", flush=True)
    with server:
        server.serve_forever()


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "service", ""
    # One packet an answer, and a connection that outlives the minute for which nginx keeps an idle one.
    wbufsize, disable_nagle_algorithm, timeout = 64 * 1024, True, 75
    error_content_type, error_message_format = "application/json", '{"reason": "request_unreadable"}\n'

    def work(self):
        try:
            # Read before anything is decided, or what is left of it would be taken for the next request.
            body = self.read_body()
            # As it was sent: in `self.path`, two slashes at the beginning have become one.
            target = self.requestline.split()[1]
            scope, handler, places = find_route(self.server.routes, self.command, target)
            who = self.server.caller(self.headers, scope) if scope else None
            value = self.read_json(body) if self.command in ("POST", "PUT", "PATCH") else None
            with self.server.lock:
                answer = handler(who, value, *places)
        except Refused as refused:
            answer = refused.status, refused.body, {"Cache-Control": "no-store", **refused.headers}
        except Exception:
            traceback.print_exc()
            answer = 500, {"reason": "internal"}, {}
        self.answer(*answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = work

    def read_body(self):
        lengths = self.headers.get_all("Content-Length") or ["0"]
        # More digits than these are too many bytes, whatever they say.
        plain = len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdigit() and len(lengths[0]) < 10
        if not plain or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise unreadable(411, "say how long it is, in one Content-Length")
        if int(lengths[0]) > MAX_BODY:
            self.close_connection = True
            raise unreadable(413, f"it has {MAX_BODY} bytes at most")
        return self.rfile.read(int(lengths[0]))

    def read_json(self, body):
        if self.headers.get_content_type() != "application/json":
            raise unreadable(415, "it is application/json")
        try:
            return json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise unreadable(400, "it is not JSON") from None

    def answer(self, status, value, headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        if status != 204:
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        if self.close_connection:
            headers = {**headers, "Connection": "close"}
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        if status != 204 and self.command != "HEAD":
            self.wfile.write(body)


def find_route(routes, method, target):
    """The path is taken apart first, and what is in the place of a brace is decoded once. Nothing is cleaned up on the
    way: gate and service must speak of the same path."""
    parts, allowed = target.split("?")[0].split("/"), []
    for verb, template, scope, handler in routes:
        pairs = list(zip(template.split("/"), parts))
        same = template.count("/") == len(parts) - 1
        if same and all(part == want or (part and want.startswith("{")) for want, part in pairs):
            if verb == ("GET" if method == "HEAD" else method):
                return scope, handler, [decoded(part) for want, part in pairs if want.startswith("{")]
            allowed.append(verb)
    if allowed:
        raise Refused(405, {"Allow": ", ".join(allowed)}, reason="no_such_method")
    raise Refused(404, reason="no_such_route")


def decoded(part):
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise Refused(400, reason="path_unreadable") from None


def unreadable(status, detail):
    return Refused(status, reason="body_unreadable", detail=detail)
