"""Requests written byte by byte: a client that keeps no rule that would hide a trick."""
import http.client
import socket


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Answer:
    def __init__(self, status, headers=(), body=b""):
        self.status, self.headers, self.body = status, headers, body

    def told(self, name):
        return [value for given, value in self.headers if given.lower() == name.lower()]


def send(port, target, headers=(), method="GET", body=b""):
    """Sends one request and reads its answer; status 0 means that the connection ended without one."""
    lines = [f"{method} {target} HTTP/1.1", "Host: api.documint.example", *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    if not any(name.lower() == "connection" for name, _ in headers):
        lines.append("Connection: close")
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        answer = http.client.HTTPResponse(connection, method=method)
        try:
            answer.begin()
            return Answer(answer.status, answer.getheaders(), answer.read())
        except (http.client.HTTPException, OSError):
            return Answer(0)
