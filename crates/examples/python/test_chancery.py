"""What no vector says: clocks that disagree, blocks that end, names that are not one another's, disk and network.

    python test_chancery.py [the folder of the modules; the one of this file otherwise]
"""
import base64
import gzip
import hashlib
import http.server
import io
import json
import pathlib
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, sys.argv.pop() if sys.argv[1:] else str(pathlib.Path(__file__).parent))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import chancery_follower
from chancery_follower import Follower
from chancery_revocation import CLIENT, FAMILY, KEY, TENANT, TOKEN, Bad, Document, RevocationLog, hashed, number
from chancery_revocation import read_document, read_ids, read_names, to_base64url
from chancery_token import Refused, verify

ISSUER, KEY_OF_LOG = "https://auth.example.com", Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = {"log-1": to_base64url(KEY_OF_LOG.public_key().public_bytes_raw())}
ID = to_base64url(bytes(range(16)))
CLAIMS = {"rvs": 5000, "jti": ID, "client_id": "billing", "sub": "billing", "tenant": "acme"}


def place(sequence, log=b"a", branch=b"-"):
    return log * 16, sequence, branch * 32


def document(sequence, iat=1000, start=None, ended=None, floor=0, **of):
    return Document(iat, floor, start and place(start, **of), place(sequence, **of), ended or {})


class Clocks(unittest.TestCase):
    """An age is the larger of what two clocks say, and never less than what was seen signed."""

    def setUp(self):
        self.wall = self.monotonic = 0
        self.log = RevocationLog(600, clocks=(lambda: self.wall, lambda: self.monotonic))

    def at(self, wall, monotonic):
        self.wall, self.monotonic = wall, monotonic

    def take(self, *what, **of):
        return self.log.take(document(*what, **of))

    def test_a_wall_clock_that_is_set_back_makes_nothing_younger(self):
        self.at(1000, 50)
        self.take(7, iat=990)
        self.at(400, 150)
        self.assertEqual(self.log.age(), 110)

    def test_a_machine_that_slept_knows_by_its_wall_clock(self):
        self.at(1000, 50)
        self.take(7, iat=990)
        self.at(9000, 51)
        self.assertEqual(self.log.age(), 8010)

    def test_nothing_is_younger_than_the_latest_that_was_ever_seen_signed(self):
        self.at(1000, 50)
        self.take(7, iat=900)
        self.assertEqual(self.log.age(), 100)
        self.assertEqual(self.take(6, iat=1040), "older")
        self.assertEqual(self.log.age(), 140)

    def test_a_wall_clock_that_was_wrong_counts_until_the_next_word_only(self):
        self.at(5000, 50)
        self.take(7, iat=1000)
        self.assertEqual(self.log.age(), 4000)
        self.at(1010, 60)
        self.assertEqual(self.log.age(), 4010)
        self.assertEqual(self.take(7, iat=1010), "heartbeat")
        self.assertEqual(self.log.age(), 0)

    def test_what_was_signed_before_confirms_nothing(self):
        self.at(1000, 50)
        self.take(7, iat=1000)
        self.at(1100, 150)
        self.assertEqual(self.take(9, iat=990, start=7), "new")
        self.assertEqual(self.log.age(), 100)

    def test_another_log_or_branch_is_as_old_as_itself(self):
        for of in {"log": b"b"}, {"branch": b"+"}:
            self.log.forget()
            self.at(1000, 50)
            self.take(7, iat=1000)
            self.assertEqual(self.take(8 if "log" in of else 7, iat=900 if "log" in of else 1001, **of), "new")
            self.assertEqual(self.log.age(), 100 if "log" in of else 0)


class Entries(unittest.TestCase):
    def setUp(self):
        self.log = RevocationLog(600, clocks=(lambda: 1000, lambda: 1000))

    def verdict(self, kid="token-1", **claims):
        return self.log.check(CLAIMS | claims, kid)

    def test_an_id_ends_its_token_until_the_floor_has_passed_its_block(self):
        jti = TOKEN + bytes(range(8))
        snapshot = {}
        read_ids(TOKEN, b"\x04\x01\x00" + encoded(int.from_bytes(jti[1:], "big")), 5000, snapshot)
        self.assertEqual(snapshot, {jti: 5119})
        self.log.take(document(5000, ended=snapshot))
        for floor in 4096, 5000, 5118:
            self.log.take(document(6000 + floor, ended={}, floor=floor))
            self.assertEqual(self.verdict(rvs=5118), "revoked", floor)
        self.log.take(document(20000, floor=5119))
        self.assertEqual((self.verdict(rvs=5118), self.verdict(rvs=5119)), ("issued_below_floor", None))
        self.assertEqual(self.log.ended, {})

    def test_a_delta_knows_the_block_of_an_id_too(self):
        text = delta(7, [(TOKEN + bytes(range(8)), 90), (FAMILY + bytes(8), 80), (TOKEN + bytes(8), 30)])
        found = read_document(text, KEYS, ISSUER, 1000)
        self.assertEqual(set(found.ended.values()), {1023})

    def test_a_client_that_acts_for_a_person_can_be_ended(self):
        self.log.take(document(9000, ended={hashed(CLIENT, "billing"): 5001}))
        self.assertEqual(self.verdict(sub="user:ada"), "revoked")
        self.assertEqual(self.verdict(sub="user:ada", client_id="other"), None)
        self.assertEqual(self.verdict(sub="user:ada", client_id="other", act={"sub": "billing"}), "revoked")

    def test_of_one_name_the_latest_entry_counts_and_the_floor_never_goes_down(self):
        name = hashed(TENANT, "acme")
        self.log.take(document(9000, ended={name: 6000}, floor=100))
        self.log.take(document(9001, ended={name: 4000}, floor=50))
        self.assertEqual((self.verdict(), self.log.floor), ("revoked", 100))

    def test_a_token_that_is_no_further_than_the_log_is_not_ahead_of_it(self):
        self.log.strict = True
        self.log.take(document(5000))
        self.assertEqual((self.verdict(rvs=5000), self.verdict(rvs=5001)), (None, "revocation_behind"))

    def test_of_two_branches_of_one_length_the_later_one_is_followed(self):
        self.log.take(document(7, iat=900))
        self.assertEqual(self.log.take(document(7, iat=900, branch=b"+")), "older")
        self.assertEqual(self.log.take(document(7, iat=901, branch=b"+")), "new")


class Documents(unittest.TestCase):
    def refused(self, **changed):
        with self.assertRaises(Bad, msg=changed):
            read_document(delta(7, [], **changed), KEYS, ISSUER, 1000)

    def test_the_one_that_the_others_are_made_of_is_good(self):
        self.assertEqual(read_document(delta(7, []), KEYS, ISSUER, 1000).place[1], 7)

    def test_numbers_are_in_their_shortest_form_and_have_64_bits(self):
        self.assertEqual(number(io.BytesIO(b"\xff" * 9 + b"\x01")), 2**64 - 1)
        for data in b"\x80\x00", b"\xff" * 9 + b"\x02", b"\xff" * 10 + b"\x01":
            self.assertRaises(Bad, number, io.BytesIO(data))

    def test_hashes_have_their_length_and_members_their_type(self):
        self.refused(log=to_base64url(bytes(15)))
        self.refused(floor=-1)
        self.refused(floor=True)
        self.refused(iat=1000.0)
        self.refused(ends="A")
        self.refused(ids="AAAA")

    def test_an_entry_of_an_unknown_kind_is_not_stepped_over(self):
        for kind in 0, 1, 2, 8, 255:
            self.assertRaises(Bad, read_names, bytes([kind, *range(16), 1, 0]), 0, 9)
        self.assertRaises(Bad, read_ids, TOKEN, b"\x00\x00\x00", 9, {})
        self.assertRaises(Bad, read_ids, TOKEN, b"\x00\x01\x80\x80\x80\x80\x10\x05", 9, {})

    def test_a_text_that_is_deep_or_long_or_strange_is_bad_and_no_accident(self):
        deep = to_base64url(b"[" * 50000)
        for text in "", ".", "..", f"{deep}.{deep}.", "é.é.é", "a.b.c.d", f"{to_base64url(b'[]')}..", "\ud800..":
            self.assertRaises(Bad, read_document, text, KEYS, ISSUER, 1000)


class Tokens(unittest.TestCase):
    def test_a_text_of_more_than_8_kib_is_not_opened(self):
        follower = Follower(ISSUER, "nowhere", 600)
        with self.assertRaises(Refused) as caught:
            verify("a.b.c", "https://api.example.com", "live", follower)
        self.assertEqual((caught.exception.status, caught.exception.reason), (503, "keys_unavailable"))
        follower.keys["tokens"] = KEYS
        for text, why in ("a" * 8193, "over 8 KiB"), ("a" * 8192, "not enough values"):
            with self.assertRaises(Refused) as caught:
                verify(text, "https://api.example.com", "live", follower)
            self.assertEqual((caught.exception.status, caught.exception.reason), (401, "invalid_token"))
            self.assertIn(why, str(caught.exception.__cause__))


class Network(unittest.TestCase):
    """An issuer that answers with whatever a test wants."""

    def setUp(self):
        test = self

        class Issuer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                test.asked.append((self.path, dict(self.headers)))
                status, headers, body = test.answers.get(self.path.split("?")[0], (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": len(body), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.asked, self.answers = [], {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
        self.addCleanup(self.server.server_close)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.server.shutdown)
        self.issuer, folder = f"http://127.0.0.1:{self.server.server_port}", tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = pathlib.Path(folder.name) / "state"
        self.state.mkdir(0o700)

    def follower(self, *credentials):
        return Follower(self.issuer, self.state, 600, *credentials)

    def informed(self, *credentials):
        """One that knows a log up to 7."""
        follower = self.follower(*credentials)
        follower.keys = {"log": KEYS, "tokens": KEYS}
        self.answers["/revocation/snapshot"] = 200, {}, snapshot(7, iss=self.issuer).encode()
        self.assertEqual(follower.ask_for_news(0), 0)
        return follower

    def test_a_staleness_in_fractions_asks_in_whole_seconds(self):
        follower = self.informed()
        follower.log.max_staleness = 7.5
        self.answer_delta(503)
        self.assertRaises(Bad, follower.ask_for_news, 0)
        self.assertIn("wait=3", self.asked[-1][0].split("&"))

    def answer_delta(self, status, text="", **headers):
        self.answers["/revocation/delta"] = status, headers, text.encode()

    def test_news_are_taken_and_kept_and_known_after_a_start(self):
        follower = self.informed()
        self.answer_delta(200, delta(7, [(TOKEN + bytes(range(8)), 90)], iss=self.issuer))
        self.assertEqual(follower.ask_for_news(0), 0)
        self.answer_delta(200, delta(8, [], iss=self.issuer, prev=follower.log.place[2], iat=now() + 1))
        self.assertGreater(follower.ask_for_news(0), 0)
        again = self.follower()
        for name in "log.keys", "tokens.keys":
            (self.state / name).write_text(key_document())
        again.restore()
        self.assertEqual((again.log.place, again.log.iat), (follower.log.place, follower.log.iat))
        self.assertEqual(again.check(CLAIMS, "token-1"), "revoked")

    def test_of_a_folder_from_the_future_nothing_is_used_for_the_clock_was_set_back(self):
        follower = self.informed()
        for name in "log.keys", "tokens.keys":
            (self.state / name).write_text(key_document())
        for ahead, known in (50, True), (100, False):
            beat = delta(7, [], iss=self.issuer, prev=follower.log.place[2], iat=now() + ahead)
            (self.state / "beat").write_text(beat)
            again = self.follower()
            again.restore()
            self.assertEqual(again.log.place is not None, known)

    def test_a_snapshot_takes_the_place_of_everything_on_disk_only_if_it_says_everything(self):
        follower = self.informed()
        follower.log.ended[hashed(KEY, "token-0")] = 3
        follower.receive(snapshot(9, iss=self.issuer))
        self.assertEqual(len((self.state / "log").read_text().split()), 2)
        del follower.log.ended[hashed(KEY, "token-0")]
        follower.receive(snapshot(10, iss=self.issuer))
        self.assertEqual(len((self.state / "log").read_text().split()), 1)

    def test_a_bad_document_changes_nothing_and_has_the_keys_looked_at(self):
        follower = self.informed()
        before = follower.log.place, (self.state / "log").read_text()
        for text in "", "no document", snapshot(9, iss="https://other.example"), snapshot(9, iss=self.issuer)[:-9]:
            follower.keys_wanted.clear()
            self.answer_delta(200, text)
            self.assertRaises(Bad, follower.ask_for_news, 0)
            self.assertTrue(follower.keys_wanted.is_set())
        self.assertEqual((follower.log.place, (self.state / "log").read_text()), before)

    def test_a_place_that_is_forgotten_is_given_up_for_a_snapshot_and_ever_more_slowly(self):
        follower = self.informed()
        self.answer_delta(410)
        waits = []
        for _ in range(4):
            waits.append(follower.ask_for_news(0))
            self.answers["/revocation/snapshot"] = 200, {}, snapshot(7, iss=self.issuer).encode()
            self.assertTrue(follower.snapshot_wanted)
            follower.ask_for_news(0)
            self.assertFalse(follower.snapshot_wanted)
        self.assertEqual(waits[0], 0)
        self.assertTrue(all(0.1 <= wait <= 1.6 for wait in waits[1:]), waits)

    def test_an_issuer_that_knows_less_is_a_failure_and_is_asked_again(self):
        follower = self.informed()
        follower.snapshot_wanted = True
        self.answers["/revocation/snapshot"] = 200, {}, snapshot(6, iss=self.issuer).encode()
        self.assertRaisesRegex(Bad, "knows less", follower.ask_for_news, 0)
        self.assertTrue(follower.snapshot_wanted)

    def test_a_question_after_a_failure_is_not_held(self):
        follower = self.informed()
        self.answer_delta(503, **{"Retry-After": "0"})
        for failures, wait in (0, "wait=25"), (1, "wait=0"):
            self.assertRaises(Bad, follower.ask_for_news, failures)
            self.assertIn(wait, self.asked[-1][0])

    def test_credentials_are_shown_with_deltas_alone_and_left_out_when_they_are_refused(self):
        follower = self.informed("invoices-1", "billing", "a b")
        self.answer_delta(401)
        self.assertRaises(Bad, follower.ask_for_news, 0)
        self.assertRaises(Bad, follower.ask_for_news, 1)
        snapshot, shown, hidden = (headers for _, headers in self.asked)
        self.assertEqual(shown["Chancery-Verifier"], "invoices-1")
        self.assertEqual(shown["Authorization"], "Basic " + base64.b64encode(b"billing:a+b").decode())
        self.assertFalse({"Authorization", "Chancery-Verifier"} & {*snapshot, *hidden})

    def test_no_redirect_is_followed_and_no_answer_is_unpacked_past_its_limit(self):
        follower = self.follower()
        follower.keys = {"log": KEYS, "tokens": KEYS}
        self.answers["/revocation/snapshot"] = 302, {"Location": "/elsewhere"}, b""
        self.assertRaises(Bad, follower.ask_for_news, 0)
        bomb = gzip.compress(bytes(chancery_follower.LARGEST + 1))
        self.answers["/revocation/snapshot"] = 200, {"Content-Encoding": "gzip"}, bomb
        self.assertRaisesRegex(Bad, "too large", follower.ask_for_news, 0)
        self.assertEqual([path for path, _ in self.asked], ["/revocation/snapshot"] * 2)

    def test_keys_that_sign_tokens_do_not_sign_the_log(self):
        follower = self.follower()
        for path in chancery_follower.KEYS.values():
            self.answers[path] = 200, {"Cache-Control": "public, max-age=300"}, key_document().encode()
        self.assertRaisesRegex(Bad, "signs tokens and the log", follower.ask_for_keys, 0)
        other = key_document(Ed25519PrivateKey.from_private_bytes(b"2" * 32), "token-1")
        self.answers["/.well-known/jwks.json"] = 200, {"Cache-Control": "public, max-age=300"}, other.encode()
        self.assertTrue(210 <= follower.ask_for_keys(0) <= 240)
        self.assertEqual([*follower.keys["tokens"], *follower.keys["log"]], ["token-1", "log-1"])
        for status, body in (500, other.encode()), (200, b"{"), (200, b'{"keys":[]}'):
            self.answers["/.well-known/jwks.json"] = status, {}, body
            self.assertRaises(Exception, follower.ask_for_keys, 0)
            self.assertTrue(follower.keys["tokens"])

    def test_a_key_of_the_log_that_is_gone_has_the_disk_begin_anew(self):
        follower = self.informed()
        follower.keys["log"] = KEYS | {"log-0": "gone"}
        other = key_document(Ed25519PrivateKey.from_private_bytes(b"2" * 32), "token-1")
        self.answers["/keys/revocation.json"] = 200, {}, key_document().encode()
        self.answers["/.well-known/jwks.json"] = 200, {}, other.encode()
        follower.ask_for_keys(0)
        follower.ask_for_news(0)
        self.assertEqual((self.asked[-1][0], follower.behind), ("/revocation/snapshot", 0))

    def test_nothing_is_asked_in_the_clear_and_nothing_kept_where_others_write(self):
        for host in "auth.example.com", "localhost.example.com", "127.0.0.1:x@example.com":
            issuer = f"http://{host}"
            self.assertRaises(Bad, Follower, issuer, self.state, 600)
        self.state.chmod(0o777)
        self.assertRaisesRegex(Bad, "chmod 700", self.follower().start)

    def test_a_disk_that_takes_nothing_keeps_no_news_away(self):
        follower = self.informed()
        self.state.joinpath("log").unlink()
        self.state.joinpath("log").mkdir()
        self.answer_delta(200, delta(7, [(TOKEN + bytes(range(8)), 90)], iss=self.issuer))
        follower.ask_for_news(0)
        self.assertEqual(follower.check(CLAIMS, "token-1"), "revoked")


def now():
    return int(time.time())


def encoded(value):
    """A number of its own length."""
    return bytes([value & 127 | 128]) + encoded(value >> 7) if value > 127 else bytes([value])


def key_document(key=KEY_OF_LOG, kid="log-1"):
    x = to_base64url(key.public_key().public_bytes_raw())
    return json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x}]})


def signed(kind, claims):
    header = {"alg": "EdDSA", "typ": f"chancery-rev-{kind}+jwt", "kid": "log-1"}
    text = ".".join(to_base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{to_base64url(KEY_OF_LOG.sign(text.encode()))}"


def snapshot(sequence, **changed):
    claims = {"iss": ISSUER, "iat": now(), "log": to_base64url(b"a" * 16), "floor": 0, "sequence": sequence}
    claims |= {"head": to_base64url(b"-" * 32), "count": 0, "tokens": "", "families": "", "wide": ""}
    return signed("snapshot", claims | changed)


def delta(start, entries, prev=b"-" * 32, **changed):
    """Entries of ids, as marks and ends in minutes."""
    head, ends, last = prev, b"", {TOKEN: 0, FAMILY: 0}
    for sequence, (mark, end) in enumerate(entries, start + 1):
        entry = sequence.to_bytes(8, "big") + mark + end.to_bytes(4, "big")
        head = hashlib.sha256(b"chancery-rev-entry\0" + head + entry).digest()
        distance, last[mark[:1]] = end - last[mark[:1]], end
        zigzag = distance * 2 if distance >= 0 else -distance * 2 - 1
        ends += encoded(zigzag * 2 | (mark[:1] == FAMILY))
    claims = {"iss": ISSUER, "iat": 1000, "log": to_base64url(b"a" * 16), "floor": 0, "from": start}
    claims |= {"prev": to_base64url(prev), "to": start + len(entries), "head": to_base64url(head), "wide": ""}
    claims |= {"ids": to_base64url(b"".join(mark[1:] for mark, _ in entries)), "ends": to_base64url(ends)}
    return signed("delta", claims | changed)


if __name__ == "__main__":
    unittest.main()
