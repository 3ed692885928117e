"""A follower of Chancery's revocation log: asks, keeps on disk, and answers. Over `chancery_revocation.py`: copy both.

    follower = Follower("https://auth.example.com", "/var/lib/invoices", max_staleness=600).start()
    follower.check(claims, kid)  # of a verified token: None, or why not; `chancery_token.verify` does both
"""
import base64, contextlib, gzip, http.client, logging, os, pathlib, random, re, threading, time
from urllib.parse import quote_plus, urlencode, urlsplit

from chancery_revocation import Bad, RevocationLog, need, read_document, read_keys, to_base64url

KEYS = {"log": "/keys/revocation.json", "tokens": "/.well-known/jwks.json"}
LARGEST = 64 << 20  # bytes of an answer, unpacked
MANY = 256  # deltas behind a snapshot on disk, of which one over 4 KiB counts as several: time for another snapshot
LOG = logging.getLogger("chancery")


def ask(url, wait, headers, largest=LARGEST):
    """Status, headers and unpacked body of the answer to a GET. No redirect is followed."""
    at, until, body = urlsplit(url), time.monotonic() + wait + 10, bytearray()
    connect = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
    with contextlib.closing(connect(at.netloc, timeout=wait + 10)) as connection:
        connection.request("GET", url.split(at.netloc, 1)[1], headers={"Accept-Encoding": "gzip"} | headers)
        answer = connection.getresponse()
        source = gzip.GzipFile(fileobj=answer) if answer.headers["Content-Encoding"] == "gzip" else answer
        while piece := source.read1(1 << 16):
            body += piece
            need(len(body) <= largest and time.monotonic() < until, "an answer that is too large, or drips")
    return answer.status, answer.headers, body


def backoff(failures):
    return random.uniform(0.1, min(10, 0.1 * 2**failures)) if failures else 0


class Follower:
    def __init__(self, issuer, state_dir, max_staleness, name=None, client_id=None, secret=None):
        """Past `max_staleness` seconds without its word nobody can say. It counts who has a name and a client."""
        is_here = urlsplit(issuer).hostname in ("localhost", "127.0.0.1", "::1")
        need(is_here or issuer.startswith("https://"), f"{issuer} is neither https nor on this machine")
        self.issuer, self.folder, self.log = issuer, pathlib.Path(state_dir), RevocationLog(max_staleness)
        self.introduction = {"Chancery-Verifier": name} if name else {}
        if client_id:
            pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
            self.introduction["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        self.keys, self.keys_wanted = {name: {} for name in KEYS}, threading.Event()
        self.snapshot_wanted, self.behind, self.detours, self.tidy_at, self.introduced_at = False, 0, 0, 0, 0
        self.check = self.log.check

    def is_ready(self):
        return bool(self.keys["tokens"] and self.log.place) and self.log.age() <= self.log.max_staleness

    def start(self):
        self.folder.mkdir(0o700, parents=True, exist_ok=True)
        need(not self.folder.stat().st_mode & 0o022, f"others may write into {self.folder}: chmod 700 it")
        self.restore()
        for step, bell in (self.ask_for_keys, self.keys_wanted), (self.ask_for_news, threading.Event()):
            threading.Thread(target=self.forever, args=(step, bell), daemon=True).start()
        return self

    def forever(self, step, bell):
        failures = 0
        while True:
            try:
                pause, failures = step(failures), 0
            except Exception as why:  # whatever it is: what is known stays, and grows old
                failures, pause = failures + 1, backoff(failures + 1)
                LOG.warning("%s: %s", step.__name__, why)
            bell.wait(pause)
            bell.clear()

    def ask_for_keys(self, _):
        found = {name: ask(self.issuer + path, 0, {}, 1 << 16) for name, path in KEYS.items()}
        need(all(status == 200 for status, _, _ in found.values()), "no keys")
        keys = {name: read_keys(document) for name, (_, _, document) in found.items()}
        need(not {*keys["log"].values()} & {*keys["tokens"].values()}, "a key signs tokens and the log")
        if self.keys["log"].keys() - keys["log"].keys():
            self.behind = MANY  # what is on disk may be signed with a key that is gone
        self.keys = keys
        for name, (_, headers, document) in found.items():
            self.keep(f"{name}.keys", document.decode())
        lifetime = re.search(r"max-age=(\d+)", headers["Cache-Control"] or "")
        return max(60, min(3600, int(lifetime[1] if lifetime else 300))) * random.uniform(0.7, 0.8)

    def ask_for_news(self, failures):
        """One question about the log. Says how long to wait until the next one."""
        began, place, hold = time.monotonic(), self.log.place, max(1, min(25, int(self.log.max_staleness - 1) // 2))
        need(self.keys["log"], "the keys of the log are not here yet")
        tidies, question, introduction = self.behind >= MANY and began >= self.tidy_at, "snapshot", {}
        if place and not self.snapshot_wanted and not tidies:
            hold = 0 if failures else 1 if self.log.age() > hold + 5 else hold
            question = "delta?" + urlencode({"log": to_base64url(place[0]), "after": place[1], "wait": hold})
            introduction = self.introduction if began >= self.introduced_at else {}
        self.tidy_at = began + 60 if tidies else self.tidy_at
        status, headers, body = ask(f"{self.issuer}/revocation/{question}", hold, introduction)
        if introduction and status in (400, 401, 403):
            self.introduced_at = began + 600
            raise Bad("the credentials of this follower are refused; it asks without them for ten minutes")
        if status not in (200, 410):
            time.sleep(min(60, int(headers["Retry-After"] or 0)) * random.uniform(1, 1.5))
            raise Bad(f"{question} is answered with {status}")
        outcome = self.receive(body.decode()) if status == 200 else "snapshot_needed"
        need(outcome != "older" or tidies, "the issuer knows less of its log than is known here")
        self.snapshot_wanted = outcome == "snapshot_needed"
        self.detours = self.detours + 1 if self.snapshot_wanted else self.detours if question == "snapshot" else 0
        if self.snapshot_wanted:
            return backoff(self.detours - 1)
        return max(0, began + 1 - time.monotonic()) if outcome in ("heartbeat", "held") else 0

    def receive(self, text):
        """Takes what is new in a document, and keeps it for the next start."""
        try:
            document = read_document(text, self.keys["log"], self.issuer, time.time())
        except Bad:
            self.keys_wanted.set()  # it may be signed with a new one
            raise
        outcome = self.log.take(document)
        if outcome == "new" and document.start:
            self.behind += 1 + len(text) // 4096
            self.keep("log", text, "a")
        elif outcome != "older" and not document.start:
            self.behind, says_all = 0, self.log.is_all_in(document)
            self.keep("log", text, "w" if says_all else "a")
            self.keep("beat", "")
        elif outcome == "heartbeat":
            self.keep("beat", text)
        return outcome

    def keep(self, name, text, mode="w"):
        """A crash leaves the old file or the new one, or a line cut off, and then the next start uses none of it."""
        path, draft = self.folder / name, self.folder / (name if mode == "a" else f"{name}.{os.getpid()}")
        try:
            with open(draft, mode, opener=lambda at, flags: os.open(at, flags, 0o600)) as file:
                file.write(f"{text}\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as why:  # news are worth more than their copy
            LOG.error("%s is not kept: %s", path, why)
            self.behind = MANY

    def restore(self):
        """What an earlier process knew: all of it, or nothing."""
        try:
            self.keys = {name: read_keys((self.folder / f"{name}.keys").read_bytes()) for name in KEYS}
            for text in [text for name in ("log", "beat") for text in (self.folder / name).read_text().split()]:
                document = read_document(text, self.keys["log"], self.issuer, time.time())
                need(self.log.take(document) != "snapshot_needed", "a document is missing")
                self.behind += 1 + len(text) // 4096 if document.start else 0
        except Exception as why:
            LOG.warning("it starts without what may be kept in %s: %s", self.folder, why)
            self.log.forget()
