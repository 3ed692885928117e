//! What the page says of each group of figures: what is measured, and why its limit is its limit.

use super::data::Data;
use super::results::Results;

/// Figures that belong together.
pub(super) struct Group {
    pub(super) title: &'static str,
    /// Figures and curves whose ids begin so, up to a dot or the end.
    pub(super) ids: &'static [&'static str],
    pub(super) text: &'static str,
    pub(super) plots: &'static [Plot],
    /// What runs of this group alone are asked for with.
    pub(super) again: &'static [&'static str],
}

/// A picture, and the file it is in.
pub(super) enum Plot {
    /// What is named `chancery` is drawn in colour.
    Bars {
        file: &'static str,
        title: &'static str,
        bars: &'static [(&'static str, &'static str)],
    },
    Lines {
        file: &'static str,
        title: &'static str,
        curve: &'static str,
    },
}

pub(super) const GROUPS: [Group; 12] = [
    Group {
        title: "Signing and verifying",
        ids: &["codec.jwt.sign", "codec.jwt.verify_cold", "codec.paseto.sign", "codec.paseto.verify_cold"],
        text: "From claims to a token, and from a token that was never seen before to a verdict: signature, times, \
issuer, audience and every other claim. One thread, tokens of four scopes and one bound, sixty-four of them in turn. \
The limit is the bare Ed25519 operation of ed25519-dalek over the same bytes in the same run, `sign` or `verify_strict` \
with the key already parsed (`raw`): all that a codec adds to it is overhead, and six percent are allowed. Verifying can \
stay below it, because ours reaches the verdict of `verify_strict` in a cheaper way ([decision 0005](decisions/0005-strict-verification.md)). The issuer signs \
over aws-lc-rs, which is shown beside its own bare operation. The peers get the same tokens and keep their keys between calls where they can. They check less: \
jsonwebtoken and PyJWT do not look at `typ`, pasetors at no time but `exp`; `jose` and PyJWT are processes that take their turns and time themselves, so no pipe is in their \
figures.",
        plots: &[
            Plot::Bars {
                file: "verify.svg",
                title: "Verifying one token",
                bars: &[
                    ("chancery, JWT", "codec.jwt.verify_cold"),
                    ("chancery, PASETO", "codec.paseto.verify_cold"),
                    ("ed25519-dalek, signature only", "codec.jwt.verify_cold.raw"),
                    ("aws-lc-rs, signature only", "codec.jwt.verify_cold.raw_aws_lc_rs"),
                    ("jsonwebtoken (Rust), JWT", "codec.jwt.verify_cold.jsonwebtoken"),
                    ("pasetors (Rust), PASETO", "codec.paseto.verify_cold.pasetors"),
                    ("jose (Node), JWT", "codec.jwt.verify_cold.jose"),
                    ("PyJWT (Python), JWT", "codec.jwt.verify_cold.pyjwt"),
                ],
            },
            Plot::Bars {
                file: "sign.svg",
                title: "Signing one token",
                bars: &[
                    ("chancery over aws-lc-rs, JWT", "codec.jwt.sign.ours_over_aws_lc_rs"),
                    ("chancery, JWT", "codec.jwt.sign"),
                    ("chancery, PASETO", "codec.paseto.sign"),
                    ("ed25519-dalek, signature only", "codec.jwt.sign.raw"),
                    ("aws-lc-rs, signature only", "codec.jwt.sign.raw_aws_lc_rs"),
                    ("jsonwebtoken (Rust), JWT", "codec.jwt.sign.jsonwebtoken"),
                    ("pasetors (Rust), PASETO", "codec.paseto.sign.pasetors"),
                    ("jose (Node), JWT", "codec.jwt.sign.jose"),
                    ("PyJWT (Python), JWT", "codec.jwt.sign.pyjwt"),
                ],
            },
        ],
        again: &["codec.jwt.sign", "codec.jwt.verify_cold", "codec.paseto"],
    },
    Group {
        title: "A token that was verified a moment ago",
        ids: &["codec.jwt.verify_cached_ns", "codec.jwt.cache_size"],
        text: "A service sees the same token many times. Ten thousand tokens in the verified-token cache, looked up in \
random order, expiry and key generation checked each time. The limit is 300 ns: less than one SHA-256 over such a \
token takes (about 370 ns), which is what a cache that hashes its keys cryptographically would pay before it could \
look anything up. `with_revocation` asks each time, too, whether the token is revoked, among 250,000 ids and a thousand \
names; that may add 10 ns. The curve shows what more tokens cost: past the processor's caches every lookup waits for memory. \
None of the peers has such a cache; beside a hit stands what they pay for every verification, above.",
        plots: &[Plot::Lines {
            file: "cache.svg",
            title: "One lookup, by tokens in the cache",
            curve: "codec.jwt.cache_size",
        }],
        again: &["codec.jwt.verify_cached_ns", "codec.jwt.cache_size"],
    },
    Group {
        title: "What revocation costs",
        ids: &["revocation.check_ns", "revocation.entry_bytes", "revocation.wire", "revocation.growth"],
        text: "Every token is asked about, so the question must cost nothing that shows: 150 ns for the dearest token that is \
good, one with four actors and eight ancestors (14 names and ids are looked for), among 250,000 revoked ids and a thousand \
names, in the set of a log that is being appended to. Nothing is allocated; a test counts. `plain` is a client's own \
token, `revoked` one that is found. An id may take 20 bytes in memory, and as many on the wire as stand there, compressed \
by gzip: of its 16 random bytes 8 are told, and no code compresses those. Documents are the same in every run. The curves \
go on to ten million ids, with the thousand names beside them. A log holds four million at a time, for a snapshot of more \
would pass the 64 MiB that verifiers read, and the curve of the snapshot ends there; more can come together in a verifier \
where logs were joined, and so did these.",
        plots: &[
            Plot::Lines {
                file: "revocation_check.svg",
                title: "Asking about one token, by revoked ids",
                curve: "revocation.growth.check_ns",
            },
            Plot::Lines {
                file: "revocation_memory.svg",
                title: "Memory of what is revoked",
                curve: "revocation.growth.memory_kib",
            },
            Plot::Lines {
                file: "revocation_snapshot.svg",
                title: "The whole of it on the wire",
                curve: "revocation.growth.snapshot_kib",
            },
        ],
        again: &["revocation.check_ns", "revocation.wire", "revocation.growth"],
    },
    Group {
        title: "How soon a revocation is everywhere",
        ids: &["revocation.reach_1000", "revocation.reach_wan", "revocation.append"],
        text: "From the answer to `POST /oauth2/revoke`, by which the entry is durable, to the instant at which a connected \
verifier refuses the token: the shipped issuer in a process of its own, and verifiers with nothing but their followers, all \
on this machine. `reach_1000` has a thousand of them on loopback: one signature is made, a thousand requests are \
answered, and a thousand verifiers check it and the chain. `reach_wan` has a hundred behind a proxy in user space that \
delays each direction by 40 ms, and holds up one write in a hundred by 200 ms more with all that stands behind it, as a \
lost packet does. There each revocation comes as soon as the one before is applied, so that it meets questions which are \
still on their way. The values are the 99th percentile of all verifiers and the five revocations of a round. \
`append.vs_xadd` is what durability costs: revocations that are acknowledged per second, over a Redis with `appendfsync \
always`, divided by bare `XADD`s that are put together in the same way and wait for the same disk; at least 0.7 of them must \
be reached with the compare-and-set, the chain and the set on top.",
        plots: &[],
        again: &["revocation.reach_1000", "revocation.reach_wan", "revocation.append"],
    },
    Group {
        title: "The gate before services that are not Rust",
        ids: &["gate.vs_empty_auth", "gate.p99_added_ms", "gate.rss_mb"],
        text: "nginx as crates/examples/composition configures it, with one worker that asks about every request: once \
`chancery gate` as it is shipped, which follows the log of a running issuer, once a bare server in Rust that says 200 \
to everything. All else is the same, and the service behind has one small answer. `vs_empty_auth` is the rate with \
the gate divided by the rate with the empty server; at least 0.7 of it must be left. nginx and who it asks share one \
processor, so that what the gate takes is missing elsewhere; clients and the service behind have the other. 64 tokens come \
in turn, so verdicts come from the cache, but what is revoked is asked about each time. `p99_added_ms` is how much later \
the 99th of 100 answers comes, at half of the rate that the slower side reached: requests are sent at random times, the \
same for both, whether or not the ones before were answered, and each wait counts from when its request was due. `rss_mb` \
is resident memory after half a million requests with ten thousand tokens, at most 20 MiB; `with_revoked` is the same with \
250,000 revoked ids in the log.",
        plots: &[],
        again: &["gate.vs_empty_auth", "gate.p99_added_ms", "gate.rss_mb"],
    },
    Group {
        title: "The token endpoint beside the least it could cost",
        ids: &["http.token.vs_ceiling"],
        text: "`POST /oauth2/token` with client credentials: the shipped issuer with everything on (checks, limits, log, \
metrics, store) beside a ceiling, a bare handler on the same server, router, runtime and cryptography that reads the \
form, hashes one secret, makes one signature and answers with the same headers and as many bytes. The figure is the \
ceiling's processor time for a request divided by ours; at least 0.85 of it must be reached, over the embedded store \
and over Redis. Processor time is counted by the kernel, with the server alone on one processor and its 32 \
connections on another. The rates stand beside it.",
        plots: &[],
        again: &["http.token.vs_ceiling"],
    },
    Group {
        title: "Going on with a session",
        ids: &["http.refresh", "family.redis_bytes"],
        text: "`grant_type=refresh_token` over HTTP with 64 requests in flight, each with the newest token of a session: the shipped \
issuer with everything on. `vs_ceiling` is its rate divided by that of a bare server, which reads the form, hashes one \
secret, runs one script in the same Redis that reads and writes a hash of seven fields, makes one signature, and answers with \
the same headers and as many bytes; at least 0.8 of it must be reached, with a Redis that syncs once a second and with one that \
syncs each write before it answers. 32,768 sessions go on in turn, three times as many as an issuer remembers, so most \
requests ask the store twice. The server has one processor; Redis and those who ask share the other. `embedded_vs_fsync` has the \
embedded store, beside one 4 KiB append with `fdatasync` after the other: at least five times as many. `garbage_vs_ceiling` is how fast what is \
no refresh token of its bearer is refused, beside the bare server without its Redis; at least 0.9. `vs_refusals` is the same beside one that \
does not sign either. `redis_bytes` is what Redis needs for one session, at most 400 bytes; the run breaks when that changes during a \
million rotations.",
        plots: &[],
        again: &["http.refresh", "family.redis_bytes"],
    },
    Group {
        title: "A token at hand",
        ids: &["client.cached_ns", "agent.socket_us", "agent.at_once", "agent.rss_mib"],
        text: "What programs pay for the token of a session, which they ask for before every request. `cached_ns` is one that \
the library has at hand, in a program that holds the session itself, with its file: at most 200 ns, and the run breaks when a \
call allocates or waits. `socket_us` is what programs without credentials pay, who ask `chancery agent serve` over its Unix \
socket: the 99th percentile of all answers, at most 300 µs. `proof` is the same for a bound token, with which the agent \
signs a proof for each request; beside both stands a bare server with the same answers, asked in turn in the same way, and \
`connecting`, for programs that connect for each question. Agent and program have a processor each. `at_once` is how often \
the issuer is asked when 64 processes want a token at the moment when there is none: once. `rss_mib` is resident memory of \
the agent after 128,000 answers with 64 connections open, at most 15 MiB.",
        plots: &[],
        again: &["client.cached_ns", "agent.socket_us", "agent.at_once", "agent.rss_mib"],
    },
    Group {
        title: "More clients",
        ids: &["http.token.many_clients", "http.token.clients_in_store"],
        text: "Clients that are registered must not slow those who ask. A store of 100,000 clients, 5000 of whom ask in \
turn, beside a store of ten; at least 0.95 of the speed must be left, by processor time. The curve has an issuer of \
its own for each number of clients. The same placement as above.",
        plots: &[Plot::Lines {
            file: "clients.svg",
            title: "Tokens a second, by clients in the store",
            curve: "http.token.clients_in_store",
        }],
        again: &["http.token.many_clients", "http.token.clients_in_store"],
    },
    Group {
        title: "Memory",
        ids: &["http.token.rss_mb"],
        text: "Tokens leave nothing behind. Resident memory of the issuer after a million of them, at most 30 MiB; the run \
breaks when the store has grown by a byte.",
        plots: &[],
        again: &["http.token.rss_mb"],
    },
    Group {
        title: "A peer on the same machine",
        ids: &["http.token.vs_oidc_provider", "http.token.in_flight_rate", "http.token.in_flight_wait"],
        text: "The same request to `oidc-provider`, the most used token server of the Node world, on the Node that is \
pinned with it in tests/benches/peers: one process as it is shipped, clients and keys in memory, tokens of the same kind (JWT, \
EdDSA, `at+jwt`). Its JavaScript runs on one thread, ours on all processors. Ours must answer six times as many; a bare handler in Rust reached 6.8 times when the limit was \
set. Both servers and the client share the machine. The curves have from 1 to 64 requests in flight, one on each \
connection; a wait is from the request's first byte to the answer's last, as the client sees it.",
        plots: &[
            Plot::Lines {
                file: "in_flight_rate.svg",
                title: "Tokens a second, by requests in flight",
                curve: "http.token.in_flight_rate",
            },
            Plot::Lines {
                file: "in_flight_wait.svg",
                title: "Wait for a token, by requests in flight",
                curve: "http.token.in_flight_wait",
            },
        ],
        again: &["http.token.vs_oidc_provider", "http.token.in_flight_rate"],
    },
    Group {
        title: "Durable writes, and the first token",
        ids: &["store", "start"],
        text: "What is written to the embedded store is on disk before it is answered. 64 clients inserted at a time, beside \
one 4 KiB append with `fdatasync` after the other in the same folder: at least five times as many, which only writes \
that share a sync can reach. Both take turns of a twentieth of a second or so, and a round sums up sixteen of each, so that a disk \
that others use is slow or fast for both. Redis stands beside, with and without a sync for each write. The first \
token must be there 100 ms after the start of the process.",
        plots: &[],
        again: &["store", "start"],
    },
];

impl Group {
    pub(super) fn holds(&self, id: &str) -> bool {
        self.ids
            .iter()
            .any(|own| id.strip_prefix(own).is_some_and(|tail| tail.is_empty() || tail.starts_with('.')))
    }

    /// Whether the data have anything of it. Those that were published before it was thought of have not.
    pub(super) fn is_in(&self, data: &Data) -> bool {
        let Results { figures, curves, .. } = &data.results;
        figures.iter().any(|figure| self.holds(&figure.id))
            || curves.iter().any(|curve| self.holds(&curve.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plot_shows_what_belongs_to_some_group() {
        for group in &GROUPS {
            for plot in group.plots {
                let ids: Vec<&str> = match plot {
                    Plot::Bars { bars, .. } => bars.iter().map(|(_, id)| *id).collect(),
                    Plot::Lines { curve, .. } => vec![curve],
                };
                assert!(ids.iter().all(|id| group.holds(id)), "{}: {ids:?}", group.title);
            }
        }
    }

    #[test]
    fn no_id_belongs_to_two_groups() {
        for (at, group) in GROUPS.iter().enumerate() {
            for id in group.ids {
                let holders = GROUPS.iter().filter(|other| other.holds(id)).count();
                assert_eq!(holders, 1, "{id} of group {at}");
            }
        }
    }
}
