"""A server that keeps every request as it came and answers as it is told: a service to guard, or a made-up gate."""
import contextlib
import http.server
import socket
import threading


class Request:
    """One request: its line and headers in the spelling and number in which they came."""

    def __init__(self, line, headers):
        self.method, self.target, _ = line.split(" ", 2)
        self.headers = headers

    def told(self, name):
        """The values of a header, however its name is spelled: case aside, and `-` or `_` or `.`."""
        plain = folded(name)
        return [value for given, value in self.headers if folded(given) == plain]


def folded(name):
    return name.lower().replace("_", "-").replace(".", "-")


def always(status, headers=(), body=b""):
    return lambda request: (status, headers, body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A proxy may drop a connection whenever it likes."""


class Recorder:
    def __init__(self, answer=always(200)):
        self.requests, self.answer, self.connections = [], answer, set()
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version, sys_version = "recorder", ""

            def setup(self):
                recorder.connections.add(self.request)
                super().setup()

            def answer_any(self):
                request = Request(self.requestline, list(self.headers.items()))
                request.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                recorder.requests.append(request)
                status, headers, body = recorder.answer(request)
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                if status >= 200 and status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def __getattr__(self, name):
                if name.startswith("do_"):
                    return self.answer_any
                raise AttributeError(name)

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        """Ends as a killed process does: open connections too."""
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
