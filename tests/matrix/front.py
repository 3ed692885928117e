"""What stands at the issuer's URL: its metadata, its keys and ours together, and anything else as a service to guard."""
import http.server
import json
import threading
import urllib.request


class Front:
    def __init__(self):
        self.sources, self.own, self.fetches = [], [], 0
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                kind, body = front.answer(self.path)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                # What the issuer says with its default settings; the trial's own runs on shorter ones.
                self.send_header("Cache-Control", "public, max-age=300")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        if path == "/.well-known/jwks.json":
            self.fetches += 1
            keys = [key for issuer in self.sources for key in issuer.keys()] + [key.jwk for key in self.own]
            return "application/json", json.dumps({"keys": keys}).encode()
        if path.startswith("/.well-known/"):
            with urllib.request.urlopen(self.sources[0].address + path, timeout=10) as answer:
                return "application/json", answer.read()
        return "text/plain", b"reached"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
