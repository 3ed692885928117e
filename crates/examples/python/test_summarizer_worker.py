"""What a day of the summarizer does not bring: agents and services that go away, and answers that are none.

    python test_summarizer_worker.py
"""

import contextlib
import http.server
import io
import json
import os
import socket
import socketserver
import sys
import tempfile
import threading
import unittest

import summarizer_worker
from summarizer_worker import ATTEMPTS, Agent, Away, Over, Papers, Refused

GIVEN = {"authorization": "DPoP t", "access_token": "t", "dpop": "a.b.c", "expires_at": 1}
DOCUMENT = {"title": "A title", "text": "One. Two."}


class Answers(http.server.BaseHTTPRequestHandler):
    """Says what its server has in store, one after the other, the last one for ever; what is None cuts the connection."""

    def answer(self):
        server = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.asked.append((self.path, dict(self.headers), body))
        said = server.says.pop(0) if len(server.says) > 1 else server.says[0]
        self.close_connection = True
        if said is None:
            return
        status, headers, body = said
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(text))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass

    def address_string(self):
        return "a socket"


class Service(http.server.HTTPServer):
    pass


class OnSocket(socketserver.UnixStreamServer):
    pass


class WorkerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path, self.slept, self.meanwhile = os.path.join(folder.name, "socket"), [], []
        sleep = summarizer_worker.sleep
        self.addCleanup(setattr, summarizer_worker, "sleep", sleep)
        summarizer_worker.sleep = self.sleep

    def sleep(self, seconds):
        self.slept.append(seconds)
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def serve(self, server, says):
        server.says, server.asked = says, []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def agent(self, *says):
        return self.serve(OnSocket(self.path, Answers), list(says) or [(200, {}, GIVEN)])

    def asks(self):
        return Agent("http+unix://" + self.path.replace("/", "%2F") + "/token")

    def papers(self, *says, base=""):
        service = self.serve(Service(("127.0.0.1", 0), Answers), list(says))
        return service, Papers(f"http://127.0.0.1:{service.server_port}{base}", self.asks())

    def test_a_token_goes_in_the_clear_to_this_machine_alone(self):
        for url in ("http://papers.example.com", "http://10.0.0.1:8421", "ftp://127.0.0.1", "papers", "https://",
                    "https://me@papers.example.com", "https://papers.example.com/?a=b", "https://a:b"):
            with self.assertRaises(ValueError, msg=url):
                Papers(url, None)
        for url in ("https://papers.example.com/v1", "http://127.0.0.1:1", "http://localhost", "http://[::1]:1"):
            Papers(url, None)

    def test_a_service_that_is_https_is_spoken_to_by_tls(self):
        self.agent()
        heard = []

        class Listens(socketserver.BaseRequestHandler):
            def handle(self):
                heard.append(self.request.recv(65536))

        server = self.serve(socketserver.TCPServer(("127.0.0.1", 0), Listens), [])
        papers = Papers(f"https://127.0.0.1:{server.server_address[1]}", self.asks())
        with self.assertRaisesRegex(Away, "service_unreachable"):
            papers.open("/documents/A-1")
        # The first byte of a handshake (RFC 8446 section 5.1).
        self.assertEqual({said[:1] for said in heard}, {b"\x16"})

    def test_the_path_of_a_service_is_part_of_the_request_and_of_its_proof(self):
        agent = self.agent()
        service, papers = self.papers((200, {}, DOCUMENT), base="/v1/")
        self.assertEqual(papers.open("/documents/A-1"), DOCUMENT)
        self.assertEqual(service.asked[0][0], "/v1/documents/A-1")
        self.assertEqual(json.loads(agent.asked[0][2])["url"], papers.url + "/documents/A-1")

    def test_who_asks_for_patience_is_given_some_of_it_and_not_all(self):
        unavailable = {"error": "temporarily_unavailable", "reason": "issuer_unreachable"}
        self.agent((503, {"Retry-After": "3600"}, unavailable))
        with self.assertRaisesRegex(Away, "issuer_unreachable"):
            self.asks().proof("GET", "https://papers.example.com/", None)
        self.assertEqual(self.slept, [10] * (ATTEMPTS - 1))

    def test_a_wait_that_is_a_date_or_nothing_is_a_second(self):
        self.agent()
        dates = [(503, {"Retry-After": said}, {}) for said in ("Wed, 21 Oct 2026 07:28:00 GMT", "", "-1", "0.5", "\u00b2")]
        _, papers = self.papers(*dates, (200, {}, DOCUMENT))
        self.assertEqual(papers.open("/documents/A-1"), DOCUMENT)
        self.assertEqual(self.slept, [1] * len(dates))

    def test_a_service_that_has_too_much_to_do_is_asked_again(self):
        self.agent()
        _, papers = self.papers((429, {"Retry-After": "3"}, {}), (200, {}, DOCUMENT))
        self.assertEqual(papers.open("/documents/A-1"), DOCUMENT)
        self.assertEqual(self.slept, [3])

    def test_an_agent_and_a_service_that_are_started_again_are_found_again(self):
        self.meanwhile = [lambda: None, self.agent]
        service, papers = self.papers(None, (200, {}, DOCUMENT))
        self.assertEqual(papers.open("/documents/A-1"), DOCUMENT)
        self.assertEqual((len(service.asked), self.slept), (2, [1, 1, 1]))

    def test_an_agent_that_stays_away_is_told(self):
        with self.assertRaisesRegex(Away, "agent_unreachable"):
            self.asks().proof("GET", "https://papers.example.com/", None)
        self.assertEqual(len(self.slept), ATTEMPTS - 1)

    def test_what_an_agent_says_that_is_none_is_no_token(self):
        for said in ((200, {}, b"<html>"), (200, {}, {}), (200, {}, [])):
            with self.subTest(said), contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
            self.agent(said)
            with self.assertRaisesRegex(Refused, "agent_bad_answer"):
                self.asks().proof("GET", "https://papers.example.com/", None)

    def test_a_session_that_was_ended_is_over(self):
        self.agent((403, {}, {"error": "e", "reason": "session_revoked", "ended_by": "refresh_token_ended"}))
        with self.assertRaisesRegex(Over, "refresh_token_ended"):
            self.asks().proof("GET", "https://papers.example.com/", None)

    def test_a_refused_token_is_forgotten_once(self):
        agent = self.agent()
        _, papers = self.papers((401, {}, {"reason": "token_expired"}))
        with self.assertRaisesRegex(Refused, "token_expired"):
            papers.open("/documents/A-1")
        self.assertEqual([path for path, *_ in agent.asked], ["/proof", "/forget", "/proof"])

    def test_a_nonce_that_is_asked_for_is_in_the_next_proof(self):
        agent = self.agent()
        _, papers = self.papers((401, {"DPoP-Nonce": "n-1"}, {"error": "use_dpop_nonce"}), (200, {}, DOCUMENT))
        self.assertEqual(papers.open("/documents/A-1"), DOCUMENT)
        self.assertEqual(json.loads(agent.asked[1][2])["nonce"], "n-1")

    def test_whatever_a_service_says_each_document_has_its_line(self):
        self.agent()
        says = {
            "not_json": [(200, {}, b"<html>")],
            "not_a_document": [(200, {}, ["title", "text"])],
            "status_404": [(404, {}, b"<html>")],
            "status_403": [(403, {}, {"error": "no reason"})],
            "status_502": [(502, {}, b"")],
            "service_unreachable": [None],
        }
        for reason, answers in says.items():
            with self.subTest(reason):
                service, _ = self.papers(*answers)
                url = f"http://127.0.0.1:{service.server_port}"
                self.assertEqual(self.run_main(url, "A-1\n"), [{"not_read": {"document": "A-1", "reason": reason}}])

    def test_a_reference_in_any_script_is_followed(self):
        self.agent()
        text = {"title": "A title", "text": "See /documents/\u00c4-1."}
        service, _ = self.papers((200, {}, text), (200, {}, ["title"]))
        [said] = self.run_main(f"http://127.0.0.1:{service.server_port}", "A-1\n")
        self.assertEqual(said["summary"]["refers_to"], [{"path": "/documents/\u00c4-1", "untitled": None}])
        self.assertEqual(service.asked[1][0], "/documents/%C3%84-1")

    def run_main(self, url, numbers):
        said, before = io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(numbers)
        try:
            with contextlib.redirect_stdout(said):
                summarizer_worker.main(url, "http+unix://" + self.path.replace("/", "%2F") + "/token")
        finally:
            sys.stdin = before
        return [json.loads(line) for line in said.getvalue().splitlines()]


if __name__ == "__main__":
    unittest.main()
