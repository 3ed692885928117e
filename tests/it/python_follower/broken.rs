//! Followers that leave out one check: whoever runs the vectors has to notice. Without these the vectors could be run
//! wrongly, and nobody would know.

use super::python::Python;
use crate::support::Folder;

/// What is broken, where, and by what it is replaced.
type Break = (&'static str, &'static str, &'static str);

const LOG: &str = "chancery_revocation.py";
const TOKEN: &str = "chancery_token.py";

/// Seen by `vectors.py`.
const BY_THE_VECTORS: [Break; 35] = [
    // What opens a document.
    (LOG, ".verify(signature, f\"{head}.{body}\".encode())", ""),
    (LOG, " and header[\"alg\"] in (\"EdDSA\", \"Ed25519\")", ""),
    (LOG, "need(to_base64url(data) == text", "need(True"),
    (LOG, "need(len(dict(pairs)) == len(pairs)", "need(True"),
    (LOG, " and is_sound(signature[:32])", ""),
    (LOG, "need(claims.keys() == members.keys()", "need(True"),
    (LOG, "claims[\"iss\"] == issuer and ", ""),
    (LOG, " and claims[\"iat\"] <= now + 60", ""),
    (LOG, "max(claims[\"floor\"], claims.get(\"from\", 0))", "claims.get(\"from\", 0)"),
    // What it says.
    (LOG, "need(before < block <= end >> 10", "need(block <= end >> 10"),
    (LOG, "need(step or name < 0", "need(True"),
    (LOG, "need(count == claims[\"count\"] and ", "need("),
    (LOG, "marks == sorted(set(marks))", "marks == sorted(marks)"),
    (LOG, "need(sequence <= end", "need(True"),
    (LOG, "need(head == claims[\"head\"]", "need(True"),
    // What becomes of it.
    (LOG, "if held and (new.place[1] < held[1] or is_branch", "if held and (is_branch"),
    (LOG, "if new.start and new.place != held and new.start != held", "if new.start and not held"),
    (LOG, "new.iat > self.iat or not is_same_log", "True"),
    (LOG, "self.ended.update((mark, at)", "self.ended = dict((mark, at)"),
    (LOG, "if at > self.floor or mark[:1] == KEY", "if at > self.floor"),
    // What is asked of it.
    (LOG, "return \"revocation_never_heard\"", "return None"),
    (LOG, "if rvs < self.floor", "if False"),
    (LOG, "any(mark in self.ended for mark in ending) or ", ""),
    (LOG, "rvs < self.ended.get(mark, 0)", "rvs <= self.ended.get(mark, 0)"),
    (LOG, ", hashed(KEY, kid)], [ALL, ", "], [hashed(KEY, kid), ALL, "),
    (LOG, "[ALL, *(hashed", "[*(hashed"),
    (LOG, ", *claims.get(\"anc\", [])]", "]"),
    (LOG, ", *(people(claims[\"act\"]) if \"act\" in claims else [])", ""),
    (LOG, "[*family, *((TOKEN", "[*((TOKEN"),
    (LOG, "if self.age() > self.max_staleness", "if False"),
    (LOG, "self.strict and rvs > self.place[1]", "False"),
    // Tokens themselves.
    (TOKEN, "claims.get(\"aud\") in (audience, [audience])", "True"),
    (TOKEN, "\"cnf\" not in claims", "True"),
    (TOKEN, "now < claims[\"exp\"] + leeway", "True"),
    (TOKEN, "(\"at+jwt\",)", "(\"at+jwt\", \"JWT\", \"dpop+jwt\")"),
];

/// Seen by `test_chancery.py`, for the vectors leave it open.
const BY_THE_TESTS: [Break; 9] = [
    (LOG, "max(wall, monotonic + max(self.gap, self.ahead))", "wall"),
    (LOG, "block << 10 | 1023", "block << 10"),
    (LOG, "distance >> 1 ^ -(distance & 1)", "distance >> 1"),
    (LOG, "need(kind in NAMED or kind == ALL", "need(True"),
    ("chancery_follower.py", "need(is_here or issuer.startswith(\"https://\")", "need(True"),
    ("chancery_follower.py", "if status not in (200, 410)", "if status not in (200, 302, 410)"),
    ("chancery_follower.py", "need(len(body) <= largest and", "need("),
    ("chancery_follower.py", "\"w\" if says_all else \"a\"", "\"w\""),
    ("chancery_follower.py", "need(not {*keys[\"log\"].values()}", "need(True or {*keys[\"log\"].values()}"),
];

/// Copies of the modules with one of these in each; those that nobody noticed.
fn unnoticed(breaks: &[Break], notices: impl Fn(&Python) -> bool + Sync) -> Vec<Break> {
    let work = |part: &[Break]| -> Vec<Break> {
        let goes_unnoticed = |(file, from, to): &Break| {
            let folder = Folder::new();
            let broken = Python::copied(&folder);
            let text = folder.read(file);
            assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
            folder.write(file, text.replace(from, to));
            !notices(&broken)
        };
        part.iter().filter(|broken| goes_unnoticed(broken)).copied().collect()
    };
    // Two at a time: each is a process of half a second.
    let (one, other) = breaks.split_at(breaks.len() / 2);
    std::thread::scope(|scope| {
        let half = scope.spawn(|| work(one));
        let rest = work(other);
        [half.join().unwrap(), rest].concat()
    })
}

#[test]
fn whoever_leaves_out_one_check_is_told_so_by_the_vectors() {
    let notices = |broken: &Python| {
        let said = broken.run("vectors.py", &["vectors"]);
        // A list of faults, and not a program that fell over.
        !said.ended_well && said.out.lines().count() > 1
    };
    assert_eq!(unnoticed(&BY_THE_VECTORS, notices), []);
}

#[test]
fn what_the_vectors_leave_open_the_tests_notice() {
    let notices = |broken: &Python| {
        let said = broken.run("test_chancery.py", &[]);
        !said.ended_well && said.err.contains("\nFAILED (")
    };
    assert_eq!(unnoticed(&BY_THE_TESTS, notices), []);
}
