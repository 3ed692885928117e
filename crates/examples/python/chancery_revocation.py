"""What documents of Chancery's revocation log say, and what they end. No I/O: that is `chancery_follower.py`.

docs/PROTOCOL.md, "The revocation log", has the rules; tests/vectors/revocation.json proves them. Needs `cryptography`.
"""
import base64
import hashlib
import io
import json
import logging
import threading
import time
from collections import namedtuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# What nobody can say yet, and may say soon: a service answers 503, and 401 to all else that is against a token.
UNKNOWN = {"revocation_never_heard", "revocation_stale", "revocation_behind"}
TOKEN, FAMILY, CLIENT, TENANT, SUBJECT, ALL, KEY = (bytes([code]) for code in range(1, 8))
NAMED = {CLIENT: b"client", TENANT: b"tenant", SUBJECT: b"subject", KEY: b"key"}
BOTH = {"iss": str, "iat": int, "log": bytes, "floor": int, "head": bytes, "wide": bytes}
KINDS = {
    "chancery-rev-snapshot+jwt": BOTH | {"sequence": int, "count": int, "tokens": bytes, "families": bytes},
    "chancery-rev-delta+jwt": BOTH | {"from": int, "prev": bytes, "to": int, "ids": bytes, "ends": bytes},
}
# A key that signs with Ed25519 has these members, where it has them.
USABLE = {"kty": ["OKP"], "crv": ["Ed25519"], "use": ["sig", None], "alg": ["EdDSA", "Ed25519", None], "d": [None]}
USABLE["key_ops"] = [["verify"], None]
# The points of low order by their `y`: with such a key, or such an `R`, a signature proves nothing.
P, EIGHTH = 2**255 - 19, 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
LOW_ORDER = {0, 1, P - 1, EIGHTH, P - EIGHTH}
# Places are (log, sequence, head); a snapshot has no start. A mark is the code of a kind, with an id or a hashed name:
# `ended` has each with its sequence, and an id with the last one of its block.
Document = namedtuple("Document", "iat floor start place ended")
LOG = logging.getLogger("chancery")


class Bad(ValueError):
    """What came is not as it should be. Nothing of it is used."""


def need(holds, what):
    if not holds:
        raise Bad(what)


def to_base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(to_base64url(data) == text, "base64url in another spelling")
    return data


def from_json(data):
    def unique(pairs):
        need(len(dict(pairs)) == len(pairs), "a member stands twice")
        return dict(pairs)

    return json.loads(data.decode(), object_pairs_hook=unique)


def read_keys(data):
    """The Ed25519 keys of a JWK Set by their ids; other entries are left out, and so are two of the same id."""
    entries = [entry for entry in from_json(data)["keys"] if isinstance(entry, dict)]
    named = [entry.get("kid") for entry in entries]
    whole = [key for key in entries if isinstance(key.get("kid"), str) and isinstance(key.get("x"), str)]
    ours = [key for key in whole if all(key.get(name) in values for name, values in USABLE.items())]
    keys = {key["kid"]: key["x"] for key in ours if named.count(key["kid"]) == 1}
    need(keys, "a key document without a key")
    return keys


def is_sound(point):
    y = int.from_bytes(point, "little") & (1 << 255) - 1
    return y < P and y not in LOW_ORDER


def open_jwt(text, kinds, keys):
    """Header and claims of a JWT: of one of these kinds, and signed with one of these keys, by Ed25519 alone."""
    try:
        head, body, signature = text.split(".")
        need(len(head) <= 1024, "a header that is too large")
        header = from_json(from_base64url(head))
        need(header.keys() == {"alg", "typ", "kid"} and header["alg"] in ("EdDSA", "Ed25519"), "another header")
        need(header["typ"] in kinds, "a document of another kind")
        need(header["kid"] in keys, "signed with a key that is not known")
        point, signature = from_base64url(keys[header["kid"]]), from_base64url(signature)
        need(is_sound(point) and is_sound(signature[:32]), "a signature that proves nothing")
        Ed25519PublicKey.from_public_bytes(point).verify(signature, f"{head}.{body}".encode())
        return header, from_json(from_base64url(body))
    except (ValueError, TypeError, AttributeError, RecursionError, InvalidSignature) as why:
        raise Bad(str(why) or "not signed with the key that it names") from why


def number(stream):
    """The next number of its own length, in its shortest form."""
    value = 0
    for shift in range(0, 70, 7):
        byte = stream.read(1)[0]
        value |= (byte & 127) << shift
        if byte < 128:
            need(value < 1 << 64 and (byte or not shift), "a number in a longer form")
            return value
    raise Bad("a number that is too large")


def read_ids(kind, data, end, ended):
    """Adds the ids of a snapshot, which stand in blocks, and says how many they are."""
    stream, block, before, total = io.BytesIO(data), 0, -1, 0
    while stream.tell() < len(data):
        block, count, minute = block + number(stream), number(stream), number(stream)
        need(before < block <= end >> 10 and count and minute < 1 << 32, "blocks are out of order")
        before, last, name, total = block, block << 10 | 1023, -1, total + count
        for _ in range(count):
            step = number(stream)
            need(step or name < 0, "an id stands twice")
            name = max(name, 0) + step
            ended[kind + name.to_bytes(8, "big")] = last
    return total


def read_names(data, start, end):
    """The entries by name: the sequence of each, its mark, and its end as the chain has it."""
    stream, names = io.BytesIO(data), []
    while kind := stream.read(1):
        need(kind in NAMED or kind == ALL, "an entry of a kind that this follower does not know: update it")
        name = stream.read(0 if kind == ALL else 16)
        sequence, minute = start + number(stream), b"" if kind == KEY else number(stream).to_bytes(4, "big")
        need(sequence <= end, "an entry behind the end")
        names.append((sequence, kind + name, minute))
    return names


def read_snapshot(claims):
    ended, end, names = {}, claims["sequence"], read_names(claims["wide"], 0, claims["sequence"])
    count = read_ids(TOKEN, claims["tokens"], end, ended) + read_ids(FAMILY, claims["families"], end, ended)
    marks = [mark for _, mark, _ in names]
    need(count == claims["count"] and marks == sorted(set(marks)), "entries are miscounted, or out of order")
    ended.update((mark, sequence) for sequence, mark, _ in names)
    return ended


def read_delta(claims):
    """Every entry from one place to the other, in the order of the log: the chain of hashes leads over all of them."""
    start, end, head, ids = claims["from"], claims["to"], claims["prev"], claims["ids"]
    ends, last, column, ended = io.BytesIO(claims["ends"]), [0, 0], [], {}
    for at in range(0, len(ids), 8):
        family, distance = (coded := number(ends)) & 1, coded >> 1
        last[family] += distance >> 1 ^ -(distance & 1)
        column.append(((TOKEN, FAMILY)[family] + ids[at : at + 8], last[family].to_bytes(4, "big")))
    names = read_names(claims["wide"], start, end)
    sequences = [sequence for sequence, _, _ in names]
    need(sequences == sorted({*sequences} - {start}), "entries are out of order")
    need(len(column) + len(names) == end - start and not len(ids) % 8 and not ends.read(), "entries are miscounted")
    names, column = {sequence: (mark, minute) for sequence, mark, minute in names}, iter(column)
    for sequence in range(start + 1, end + 1):
        mark, minute = names.get(sequence) or next(column)
        entry = head + sequence.to_bytes(8, "big") + mark + minute
        head = hashlib.sha256(b"chancery-rev-entry\0" + entry).digest()
        ended[mark] = sequence | 1023 if mark[:1] in (TOKEN, FAMILY) else sequence
    need(head == claims["head"], "the chain is broken")
    return ended


def read_document(text, keys, issuer, now):
    """What a snapshot or a delta says, once all of it is checked."""
    header, claims = open_jwt(text, KINDS, keys)
    members = KINDS[header["typ"]]
    try:
        need(claims.keys() == members.keys(), "members are missing, or not known")
        for member, kind in members.items():
            need(type(claims[member]) is (int if kind is int else str), f"{member} is of another type")
            need(kind is not int or 0 <= claims[member] < 1 << 53, f"{member} is out of range")
            claims[member] = from_base64url(claims[member]) if kind is bytes else claims[member]
        need(claims["iss"] == issuer and claims["iat"] <= now + 60, "of another issuer, or from the future")
        is_delta = "from" in claims
        place = (claims["log"], claims["to" if is_delta else "sequence"], claims["head"])
        start = (claims["log"], claims["from"], claims["prev"]) if is_delta else None
        need(max(claims["floor"], claims.get("from", 0)) <= place[1], "the sequences contradict each other")
        need([len(part) for part in (place[0], place[2], (start or place)[2])] == [16, 32, 32], "a hash is cut off")
        ended = read_delta(claims) if is_delta else read_snapshot(claims)
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as why:
        raise Bad(f"the document: {why}") from why
    return Document(claims["iat"], claims["floor"], start, place, ended)


def hashed(kind, name):
    return kind + hashlib.sha256(b"chancery-rev:" + NAMED[kind] + b"\0" + name.encode()).digest()[:16]


def people(claims):
    """Whom a token speaks for, and who acts for them."""
    return [claims["sub"], *(people(claims["act"]) if "act" in claims else [])]


def ids(claims):
    """The ids by which a token can be ended, each with the kind of the entry."""
    family = [(FAMILY, claims["sid"])] if "sid" in claims else []
    return [*family, *((TOKEN, name) for name in [claims["jti"], *claims.get("anc", [])])]


def marks(claims, kid):
    """What entries can be about: ids and the key, whose tokens end; and names, whose tokens end below its sequence."""
    names = [(TENANT, claims["tenant"]), (CLIENT, claims["client_id"])]
    names += [(kind, who) for who in people(claims) for kind in (SUBJECT, CLIENT)]
    ending = [kind + from_base64url(name)[:8] for kind, name in ids(claims)]
    return [*ending, hashed(KEY, kid)], [ALL, *(hashed(kind, name) for kind, name in names)]


class RevocationLog:
    """All that is known of a log. Any thread may ask."""

    def __init__(self, max_staleness, strict=False, clocks=(time.time, time.monotonic)):
        """`strict`: nobody can say of a token whose issuer knew more of the log than is known here."""
        self.max_staleness, self.strict, self.clocks, self.lock = max_staleness, strict, clocks, threading.Lock()
        self.forget()

    def forget(self):
        self.place, self.ended, self.floor, self.iat, self.gap, self.ahead = None, {}, 0, 0, 0, float("-inf")

    def check(self, claims, kid):
        """Why a token whose signature and claims are in order is not let in; None if nothing is against it."""
        (ending, naming), rvs = marks(claims, kid), claims["rvs"]
        with self.lock:
            if self.place is None:
                return "revocation_never_heard"
            if rvs < self.floor:
                return "issued_below_floor"
            if any(mark in self.ended for mark in ending) or any(rvs < self.ended.get(mark, 0) for mark in naming):
                return "revoked"
            if self.age() > self.max_staleness:
                return "revocation_stale"
            return "revocation_behind" if self.strict and rvs > self.place[1] else None

    def age(self):
        """Seconds since the issuer looked at the end of its log, by the later of two clocks: one may be set back."""
        wall, monotonic = (clock() for clock in self.clocks)
        return max(wall, monotonic + max(self.gap, self.ahead)) - self.iat

    def take(self, new):
        """Joins a document to what is known, of which nothing is taken back before the floor has passed it."""
        wall, monotonic = (clock() for clock in self.clocks)
        with self.lock:
            held, self.ahead = self.place, max(self.ahead, new.iat - monotonic)
            is_same_log = held and new.place[0] == held[0]
            is_branch = is_same_log and new.place[1] == held[1] and new.place != held
            if held and (new.place[1] < held[1] or is_branch and not new.start and new.iat <= self.iat):
                return "older"
            if new.start and new.place != held and new.start != held:
                return "snapshot_needed"
            if held and (is_branch or not is_same_log):
                LOG.error("the issuer lost a part of its revocation log; what was known of it still counts here")
            is_later = new.iat > self.iat or not is_same_log
            if is_later:
                self.iat, self.gap = new.iat, max(wall - monotonic, self.ahead)
            self.ended.update((mark, at) for mark, at in new.ended.items() if at > self.ended.get(mark, 0))
            if new.floor > self.floor:
                self.floor = new.floor
                self.ended = {mark: at for mark, at in self.ended.items() if at > self.floor or mark[:1] == KEY}
            self.place = new.place
        return "new" if new.place != held else "heartbeat" if is_later else "held"

    def is_all_in(self, document):
        """Whether a snapshot says all that is known, so that no other document is needed beside it."""
        return all(document.ended.get(mark, 0) >= at for mark, at in self.ended.items())
