//! Who has to show what (rule ). A client that quietly stops trying something has failed.

use std::collections::BTreeSet;

use super::client::Client;
use super::report::Heard;
use super::runtime::Runtime;

/// What a library can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// It gets a token, and tells why it gets none.
    Asks,
    /// It verifies a live token and what the forger signed rightly, and refuses every forged one of a format.
    Verifies,
    /// The same of each format.
    VerifiesAll,
    /// It gives the verdicts of our vectors.
    Agrees,
    /// We verify what it signs, and refuse what it forges.
    Signs,
    /// It goes on with a session, also after an answer was lost, and not with another client's.
    Refreshes,
    /// Many of it go on with one session at once.
    Shares,
    /// It signs who it is by each of these algorithms, once, for the issuer, for a minute.
    AssertsByKey(&'static [&'static str]),
    /// It proves that it has a key, and nobody else comes in with its tokens (RFC 9449).
    ProvesPossession,
    /// It looks at tokens and ends them: its own, of both kinds.
    Revokes,
    /// It calls a service, which hears of what it revoked.
    Calls,
    /// It gets a token for one that it was handed, which is no more than that (RFC 8693).
    Exchanges,
    /// It prints a token and ends.
    Prints,
    /// It keeps a session in a file from one run to the next.
    Keeps,
}

/// The control of the forger: where it is refused, what else the forger signed proves nothing.
const CONTROL: &str = "verifies a token signed by the forger with the issuer's key";

/// The vectors have more groups than this; a corpus that tries fewer has lost some.
const LEAST_GROUPS: usize = 30;

/// One program that has to be here.
struct Demand {
    /// The name of its client.
    client: &'static str,
    /// Two clients may have one name, as the programs of the README do.
    runtime: Runtime,
    proofs: &'static [Proof],
}

const VERIFIER: &[Proof] = &[Proof::Verifies, Proof::Signs];
const ASKER: &[Proof] = &[Proof::Asks];
const REFRESHER: &[Proof] = &[Proof::Asks, Proof::Refreshes];
/// Whoever can do all that a client of ours can.
const EVERYTHING: &[Proof] = &[
    Proof::Asks,
    Proof::Refreshes,
    Proof::Shares,
    Proof::AssertsByKey(&["ES256", "EdDSA"]),
    Proof::ProvesPossession,
    Proof::Revokes,
    Proof::Calls,
    Proof::Exchanges,
];

/// Each is a foreign library.
const LIBRARIES: [Demand; 13] = [
    Demand { client: "jose", runtime: Runtime::Node, proofs: VERIFIER },
    Demand { client: "pyjwt", runtime: Runtime::Python, proofs: VERIFIER },
    Demand { client: "joserfc", runtime: Runtime::Python, proofs: VERIFIER },
    Demand { client: "go-jose", runtime: Runtime::Go, proofs: VERIFIER },
    Demand { client: "golang-jwt", runtime: Runtime::Go, proofs: VERIFIER },
    Demand { client: "nimbus", runtime: Runtime::Java, proofs: VERIFIER },
    Demand { client: "pyseto", runtime: Runtime::Python, proofs: VERIFIER },
    Demand { client: "go-paseto", runtime: Runtime::Go, proofs: VERIFIER },
    Demand { client: "oauth4webapi", runtime: Runtime::Node, proofs: EVERYTHING },
    Demand { client: "openid-client", runtime: Runtime::Node, proofs: EVERYTHING },
    Demand {
        client: "authlib",
        runtime: Runtime::Python,
        proofs: &[Proof::Asks, Proof::Refreshes, Proof::AssertsByKey(&["RS256"]), Proof::Revokes],
    },
    Demand { client: "x-oauth2", runtime: Runtime::Go, proofs: REFRESHER },
    Demand { client: "oauth2", runtime: Runtime::Rust, proofs: REFRESHER },
];

/// A program of others, and no library.
const CURL: Demand = Demand { client: "curl", runtime: Runtime::Shell, proofs: ASKER };

/// What stands on libraries that are counted already, or on none.
const OURS: [Demand; 6] = [
    Demand { client: "guide", runtime: Runtime::Node, proofs: &[Proof::Prints, Proof::Keeps] },
    Demand { client: "guide", runtime: Runtime::Python, proofs: &[Proof::Prints] },
    Demand { client: "readme", runtime: Runtime::Node, proofs: &[Proof::Verifies] },
    Demand { client: "readme", runtime: Runtime::Python, proofs: &[Proof::Verifies] },
    Demand { client: "corpus", runtime: Runtime::Python, proofs: &[Proof::Agrees] },
    Demand { client: "chancery", runtime: Runtime::Rust, proofs: &[Proof::VerifiesAll] },
];

fn roster() -> impl Iterator<Item = &'static Demand> {
    LIBRARIES.iter().chain([&CURL]).chain(&OURS)
}

impl Demand {
    /// The client that it is about, if it is among `clients`.
    fn among<'c>(&self, clients: &'c [Client]) -> Option<&'c Client> {
        clients.iter().find(|client| client.name == self.client && client.runtime == self.runtime)
    }
}

/// What of others is among the clients, for the last line.
pub(super) fn present(clients: &[Client]) -> String {
    let libraries = LIBRARIES.iter().filter(|demand| demand.among(clients).is_some()).count();
    let curl = CURL.among(clients).map_or("", |_| " and curl");
    format!("{libraries} foreign libraries{curl}")
}

/// What the chosen clients should have shown and did not even try.
pub(super) fn untried(chosen: &[Client], heard: &[Heard], forged: &[BTreeSet<String>]) -> Vec<String> {
    let mut untried = Vec::new();
    for (demand, client) in roster().filter_map(|demand| Some((demand, demand.among(chosen)?))) {
        let cases: BTreeSet<&str> = heard
            .iter()
            .filter(|heard| heard.client == client.name && heard.through == client.through())
            .map(|heard| heard.verdict.case.as_str())
            .collect();
        let lacks = demand.proofs.iter().flat_map(|proof| proof.lacks(&cases, forged));
        untried
            .extend(lacks.map(|what| format!("{} ({}): did not try: {what}", client.name, client.through())));
    }
    untried
}

impl Proof {
    /// The cases that belong to it and are not among `cases`.
    fn lacks(self, cases: &BTreeSet<&str>, forged: &[BTreeSet<String>]) -> Vec<String> {
        let among = |wanted: &[&str]| -> Vec<String> {
            wanted.iter().filter(|case| !cases.contains(**case)).map(|case| (*case).to_owned()).collect()
        };
        match self {
            Self::Asks => among(&["gets a token", "is told why"]),
            Self::Verifies => {
                let mut lacks = among(&["verifies a live token", CONTROL]);
                // A library reads one format: the one of which it tried the most.
                lacks.extend(missing(cases, forged).into_iter().min_by_key(Vec::len).unwrap_or_default());
                lacks
            }
            Self::VerifiesAll => {
                let mut lacks = among(&["verifies a live token", CONTROL]);
                lacks.extend(missing(cases, forged).concat());
                lacks
            }
            Self::Agrees => {
                let groups = cases.iter().filter(|case| case.starts_with("gives the verdicts of ")).count();
                if groups < LEAST_GROUPS {
                    vec![format!("{LEAST_GROUPS} groups of vectors")]
                } else {
                    Vec::new()
                }
            }
            Self::Refreshes => among(&[
                "refreshes its session",
                "refreshes again after an answer was lost",
                "is refused: another client's refresh token",
            ]),
            Self::Shares => among(&["shares its session among workers"]),
            Self::AssertsByKey(algorithms) => {
                let by = algorithms.iter().map(|algorithm| format!("authenticates by {algorithm}"));
                let mut lacks: Vec<String> = by.filter(|case| !cases.contains(case.as_str())).collect();
                lacks.extend(among(&[
                    "is refused: an assertion that was used before",
                    "is refused: an assertion for an endpoint",
                    "is refused: an assertion that lives for an hour",
                    "is refused: an assertion by another key",
                ]));
                lacks
            }
            Self::ProvesPossession => among(&[
                "gets a token bound to its key",
                "refreshes with its key",
                "calls a service with its key",
                "is refused: a proof that was used before",
                "is refused: a proof for another address",
                "is refused: a bound token as Bearer",
                "is refused: a refresh with another key",
                "is refused: a request without a proof",
            ]),
            Self::Revokes => among(&[
                "introspects an access token",
                "introspects a refresh token",
                "learns nothing about the tokens of others",
                "revokes an access token",
                "revokes a refresh token",
                "is refused: a revoked refresh token",
                "is refused: to revoke another client's refresh token",
            ]),
            Self::Calls => among(&["calls a service"]),
            Self::Exchanges => among(&[
                "exchanges a token that it was handed",
                "exchanges a bound token with its key",
                "is refused: a bound token without its key",
                "goes on with a session that it was lent",
                "loses what it was lent with the session",
                "is refused: more than was handed over",
                "is refused: an exchange that nobody allowed",
            ]),
            Self::Prints => among(&["prints a good token"]),
            Self::Keeps => among(&[
                "keeps it until it ends",
                "refreshes it",
                "goes on after an answer was lost",
                "begins anew when its session is over",
            ]),
            Self::Signs => {
                let mut lacks = among(&["its own tokens are verified by us"]);
                if cases.iter().filter(|case| case.starts_with("we refuse: ")).count() < 3 {
                    lacks.push("three forgeries of its own".to_owned());
                }
                lacks
            }
        }
    }
}

/// The forgeries of each format that were not tried.
fn missing(cases: &BTreeSet<&str>, forged: &[BTreeSet<String>]) -> Vec<Vec<String>> {
    let of_one = |of: &BTreeSet<String>| -> Vec<String> {
        let refusals = of.iter().map(|case| format!("refuses: {case}"));
        refusals.filter(|case| !cases.contains(case.as_str())).collect()
    };
    forged.iter().map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Verdict;
    use super::*;
    use crate::interop::client;
    use crate::layout;

    /// The file that pins each library, and how it is called there.
    const PINS: [(&str, &str, &str); 18] = [
        ("jose", "package.json", "\"jose\""),
        ("pyjwt", "requirements.txt", "PyJWT"),
        ("joserfc", "requirements.txt", "joserfc"),
        ("go-jose", "go/go.mod", "go-jose/go-jose"),
        ("golang-jwt", "go/go.mod", "golang-jwt/jwt"),
        ("nimbus", "java/pom.xml", "nimbus-jose-jwt"),
        ("pyseto", "requirements.txt", "pyseto"),
        ("go-paseto", "go/go.mod", "go-paseto"),
        ("oauth4webapi", "package.json", "\"oauth4webapi\""),
        ("openid-client", "package.json", "\"openid-client\""),
        ("authlib", "requirements.txt", "Authlib"),
        ("x-oauth2", "go/go.mod", "x/oauth2"),
        ("oauth2", "../../Cargo.toml", "oauth2 = "),
        ("curl", "curl.sh", "curl"),
        ("guide", "package.json", "\"openid-client\""),
        ("readme", "package.json", "\"jose\""),
        ("corpus", "requirements.txt", "pyseto"),
        ("chancery", "../../Cargo.toml", "chancery-verifier"),
    ];

    fn clients() -> Vec<Client> {
        client::all(&layout::root().join("tests/interop")).unwrap()
    }

    fn heard(client: &str, case: &str) -> Heard {
        let line = serde_json::json!({"library": client, "version": "1", "case": case, "outcome": "ok"});
        let verdict = Verdict::read(&line.to_string()).unwrap().unwrap();
        Heard { client: client.to_owned(), through: "npm", verdict }
    }

    #[test]
    fn r_9_4_at_least_four_foreign_libraries_verify_our_tokens_and_sign_for_us() {
        let clients = clients();
        for demand in roster() {
            assert!(
                demand.among(&clients).is_some(),
                "{} ({:?}) is not there",
                demand.client,
                demand.runtime
            );
            let (_, file, name) = PINS.iter().find(|(client, _, _)| *client == demand.client).unwrap();
            let pins = std::fs::read_to_string(layout::root().join("tests/interop").join(file)).unwrap();
            assert!(pins.contains(name), "{file} does not pin {name}");
        }
        // Node jose, PyJWT and joserfc, go-jose, Nimbus: the four of the rule.
        for named in ["jose", "pyjwt", "joserfc", "go-jose", "nimbus"] {
            let of_rule = LIBRARIES.iter().find(|demand| demand.client == named).unwrap();
            assert_eq!(of_rule.proofs, VERIFIER, "{named}");
        }
    }

    #[test]
    fn r_9_4_a_library_that_tries_less_than_it_has_to_is_named() {
        let forged = [
            BTreeSet::from(["x".to_owned(), "y".to_owned()]),
            BTreeSet::from(["v".to_owned(), "w".to_owned()]),
        ];
        let mut said = vec![heard("jose", "verifies a live token"), heard("jose", "refuses: x")];
        let chosen: Vec<Client> = clients().into_iter().filter(|client| client.name == "jose").collect();
        let missing = untried(&chosen, &said, &forged).join("\n");
        assert!(!missing.contains("live token") && !missing.contains("refuses: x"), "{missing}");
        for lacks in [CONTROL, "refuses: y", "its own tokens are verified by us", "three forgeries"] {
            assert!(missing.contains(lacks), "{missing}");
        }
        for case in [
            CONTROL,
            "refuses: y",
            "its own tokens are verified by us",
            "we refuse: a",
            "we refuse: b",
            "we refuse: c",
        ] {
            said.push(heard("jose", case));
        }
        assert_eq!(untried(&chosen, &said, &forged), Vec::<String>::new());
    }

    #[test]
    fn a_library_that_no_longer_tries_what_a_thief_would_is_named() {
        let chosen: Vec<Client> =
            clients().into_iter().filter(|client| client.name == "openid-client").collect();
        let missing = untried(&chosen, &[heard("openid-client", "authenticates by ES256")], &[]).join("\n");
        assert!(!missing.contains("by ES256"), "{missing}");
        for lacks in [
            "gets a token",
            "authenticates by EdDSA",
            "an assertion that was used before",
            "a proof for another address",
            "a bound token as Bearer",
            "another client's refresh token",
            "revokes an access token",
            "exchanges a token",
        ] {
            assert!(missing.contains(lacks), "{lacks}: {missing}");
        }
        let authlib: Vec<Client> = clients().into_iter().filter(|client| client.name == "authlib").collect();
        let missing = untried(&authlib, &[], &[]).join("\n");
        assert!(missing.contains("by RS256") && !missing.contains("a proof"), "{missing}");
    }

    #[test]
    fn what_another_client_tried_counts_for_nobody_else() {
        let chosen: Vec<Client> = clients().into_iter().filter(|client| client.name == "curl").collect();
        let said = [heard("oauth2", "gets a token"), heard("oauth2", "is told why")];
        assert_eq!(untried(&chosen, &said, &[]).len(), 2);
    }

    #[test]
    fn each_program_of_the_readme_answers_for_itself() {
        let chosen: Vec<Client> = clients().into_iter().filter(|client| client.name == "readme").collect();
        let missing =
            untried(&chosen, &[heard("readme", CONTROL), heard("readme", "verifies a live token")], &[]);
        assert_eq!(missing.len(), 2, "{missing:?}");
        assert!(missing.iter().all(|what| what.starts_with("readme (pip)")), "{missing:?}");
    }

    #[test]
    fn our_own_verifier_answers_for_both_formats_and_the_corpus_for_its_groups() {
        let named = |name: &str| -> Vec<Client> {
            clients().into_iter().filter(|client| client.name == name).collect()
        };
        let forged = [BTreeSet::from(["x".to_owned()]), BTreeSet::from(["v".to_owned()])];
        let mut said = heard("chancery", "refuses: x");
        said.through = "here";
        let missing = untried(&named("chancery"), &[said], &forged).join("\n");
        assert!(missing.contains("refuses: v") && missing.contains(CONTROL), "{missing}");
        assert!(!missing.contains("refuses: x"), "{missing}");
        assert_eq!(untried(&named("corpus"), &[], &forged).len(), 1);
    }

    #[test]
    fn curl_is_no_library() {
        assert_eq!(present(&clients()), format!("{} foreign libraries and curl", LIBRARIES.len()));
        let jose: Vec<Client> = clients().into_iter().filter(|client| client.name == "jose").collect();
        assert_eq!(present(&jose), "1 foreign libraries");
    }
}
