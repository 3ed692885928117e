"""A worker of the summarizer in Python, by the standard library alone: `chancery agent exec` gives it tokens and proofs.

    chancery agent exec -- python3 summarizer_worker.py http://127.0.0.1:8421

Reads numbers of documents from standard input, one a line, and prints a line of JSON for each. No secret, no key and no
refresh token ever is in this process: it asks the socket that CHANCERY_TOKEN_URL names what to send with each request.
"""

import http.client
import ipaddress
import json
import os
import re
import socket
import sys
import urllib.parse
from time import sleep

# How often something is tried while somebody asks for patience, how long is waited where nobody says how long, and at most.
ATTEMPTS, PAUSE, PATIENCE = 10, 1, 10
# An agent may itself wait for its issuer.
AGENT_TIMEOUT, SERVICE_TIMEOUT = 90, 30


class Over(Exception):
    """The session was ended. Another attempt changes nothing."""


class Refused(Exception):
    """The service does not open this to our token, or the agent gives none."""


class Away(Exception):
    """Not now: somebody asked for patience for longer than we have it, or is not there."""


def pause(headers):
    """Waits as long as an answer asks for. Where it names a date, or nothing, that is a second."""
    wish = headers.get("Retry-After", "").strip()
    sleep(min(max(int(wish), PAUSE), PATIENCE) if re.fullmatch("[0-9]{1,9}", wish) else PAUSE)


def exchange(connection, method, target, body=None, headers={}):
    """Status, headers and what was said, as JSON; None where it is none. Nobody there: an OSError or an HTTPException."""
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    try:
        return answer.status, answer.headers, json.loads(text)
    except ValueError:
        return answer.status, answer.headers, None


def reason(status, said):
    """The stable name of a refusal, where there is one."""
    name = said.get("reason") if isinstance(said, dict) else None
    return name if isinstance(name, str) else f"status_{status}"


class Agent:
    """What `chancery agent` says over its socket, a JSON of a few members."""

    def __init__(self, token_url):
        # http+unix://%2Frun%2Fagent%2Fsocket/token: where the socket is stands in the place of the host.
        self.path = urllib.parse.unquote(urllib.parse.urlsplit(token_url).netloc)

    def proof(self, method, url, nonce):
        """The headers of one request: a token, and the proof that it is ours, if it is bound to a key."""
        asked = {"method": method, "url": url} | ({"nonce": nonce} if nonce else {})
        said = self._post("/proof", asked)
        try:
            headers = {"Authorization": said["authorization"]}
            return said["access_token"], headers | ({"DPoP": said["dpop"]} if "dpop" in said else {})
        except (KeyError, TypeError):
            raise Refused("agent_bad_answer") from None

    def forget(self, token):
        """The service said 401 to this one: the next is another."""
        self._post("/forget", {"access_token": token})

    def _post(self, path, body):
        why = None
        for attempt in range(ATTEMPTS):
            if attempt:
                pause(headers)
            try:
                status, headers, said = exchange(self._connection(), "POST", path, json.dumps(body))
            except (OSError, http.client.HTTPException):
                # It may be about to be started again.
                why, headers = "agent_unreachable", {}
                continue
            if status in (200, 204):
                return said
            why = reason(status, said)
            if why == "session_revoked":
                raise Over(said.get("ended_by"))
            if status != 429 and status < 500:
                raise Refused(why)
        raise Away(why)

    def _connection(self):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.sock.settimeout(AGENT_TIMEOUT)
            connection.sock.connect(self.path)
        except OSError:
            connection.close()
            raise
        return connection


def is_this_machine(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Papers:
    """The service, as far as our token opens it."""

    def __init__(self, url, agent):
        self.url, self.agent, self.nonce = url.rstrip("/"), agent, None
        self.at = urllib.parse.urlsplit(self.url)
        # A token is sent in the clear to nobody but this machine.
        is_plain = self.at.scheme == "http" and is_this_machine(self.at.hostname)
        _, is_secure = self.at.port, self.at.scheme == "https"  # a port that is none is a ValueError
        if not (is_secure or is_plain) or not self.at.hostname:
            raise ValueError(f"{url}: a service is https, or on this machine")
        if self.at.query or self.at.fragment or "@" in self.at.netloc:
            raise ValueError(f"{url}: that is more than the address of a service")

    def open(self, path):
        """What is at a path of it, as JSON."""
        forgot, why, wish = False, None, None
        for _ in range(ATTEMPTS):
            if wish is not None:
                pause(wish)
            token, headers = self.agent.proof("GET", self.url + path, self.nonce)
            try:
                status, told, body = exchange(self._connection(), "GET", self.at.path + path, headers=headers)
            except (OSError, http.client.HTTPException):
                # It may be about to be started again, too.
                why, wish = "service_unreachable", {}
                continue
            self.nonce = told.get("DPoP-Nonce", self.nonce)
            if status == 200 and body is None:
                raise Refused("not_json")
            if status == 200:
                return body
            why, wish = reason(status, body), None
            if status == 401 and isinstance(body, dict) and body.get("error") == "use_dpop_nonce":
                continue
            if status == 401 and not forgot:
                forgot = True
                self.agent.forget(token)
                continue
            if status != 429 and status < 500:
                raise Refused(why)
            wish = told
        raise Away(why)

    def _connection(self):
        kind = http.client.HTTPSConnection if self.at.scheme == "https" else http.client.HTTPConnection
        return kind(self.at.hostname, self.at.port, timeout=SERVICE_TIMEOUT)


def sentences(text):
    return [part for part in re.split(r"(?<=[.?!]) +", text.strip()) if part]


def references(text):
    words = (word.strip(".,;:?!()") for word in text.split())
    return [word for word in words if re.fullmatch(r"/[\w-]+(/[\w-]+)*", word)]


def look(papers, path):
    try:
        found = papers.open(urllib.parse.quote(path))
    except Refused as why:
        return {"path": path, "refused": str(why)}
    title = found.get("title") if isinstance(found, dict) else None
    return {"path": path, "title": title} if isinstance(title, str) else {"path": path, "untitled": None}


def sum_up(papers, number):
    document = papers.open("/documents/" + urllib.parse.quote(number, safe=""))
    title, text = (document.get(name) if isinstance(document, dict) else None for name in ("title", "text"))
    if not (isinstance(title, str) and isinstance(text, str)):
        raise Refused("not_a_document")
    said = sentences(text)
    return {
        "document": number,
        "title": title,
        "begins": said[0] if said else "",
        "sentences": len(said),
        "words": len(text.split()),
        # What a document says decides what is asked for. The token decides what comes back.
        "refers_to": [look(papers, path) for path in references(text)],
    }


def main(url, token_url):
    try:
        papers = Papers(url, Agent(token_url))
    except ValueError as why:
        sys.exit(str(why))
    for line in sys.stdin:
        number = line.strip()
        if not number:
            continue
        try:
            said = {"summary": sum_up(papers, number)}
        except (Refused, Away) as why:
            said = {"not_read": {"document": number, "reason": str(why)}}
        except Over as why:
            sys.exit(f"the session is over: {why}")
        print(json.dumps(said, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or "CHANCERY_TOKEN_URL" not in os.environ:
        sys.exit("usage: chancery agent exec -- python3 summarizer_worker.py URL")
    main(sys.argv[1], os.environ["CHANCERY_TOKEN_URL"])
