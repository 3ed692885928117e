//! The help pages.

use crate::failure::Failure;

/// The verbs that have a page.
#[cfg(test)]
pub(crate) const VERBS: [&str; 7] = ["test", "ci", "bench", "interop", "compose", "fuzz", "deny"];

/// The page of one verb, or the list of them.
pub(crate) fn for_verb(verb: Option<&str>) -> Result<&'static str, Failure> {
    match verb {
        None => Ok(ALL),
        Some("test") => Ok(TEST),
        Some("ci") => Ok(CI),
        Some("bench") => Ok(BENCH),
        Some("interop") => Ok(INTEROP),
        Some("compose") => Ok(COMPOSE),
        Some("fuzz") => Ok(FUZZ),
        Some("deny") => Ok(DENY),
        Some(other) => Err(Failure::usage(format!("no verb `{other}`; `cargo xtask --help` lists them"))),
    }
}

const ALL: &str = "\
The project's own commands. Everything is built with --release, into target/.

  cargo xtask test [--full] [FILTER...]       every test, or those whose names hold a filter
  cargo xtask ci [STAGE...]                   everything a change must pass; ends with minutes per stage
  cargo xtask bench [--quick] [FILTER]        our speed against its limits, and beside others
  cargo xtask interop [CLIENT...]             foreign libraries against a running issuer
  cargo xtask compose [--once]                issuer, gate, nginx and two services that are not Rust, to try
  cargo xtask fuzz [--seconds N] [TARGET...]  what a stranger may send, thrown at the parsers
  cargo xtask deny                            licences, banned crates, sources

  cargo xtask VERB --help                     more about one of them

What the system must bring (a C compiler, Python, Node, nginx, Go, Java) is installed with apt-get where that is possible,
and named where it is not.

Exit codes: 0 all is well, 1 something failed, 2 the words on the command line were wrong.
";

const TEST: &str = "\
cargo xtask test [--full] [FILTER...]

Builds the `chancery` binary as it is shipped, then runs every test of the workspace, doc tests included: they
hold the code that must not compile. FILTER is a part of a test's name, e.g. the rule that it proves (`r_1_2`);
several are alternatives. Options of the test harness pass through (`--nocapture`, `--exact`).

  --full   also what takes minutes: more cases per property, longer storms, 200 rounds of each kill and not 30, eight
           hours of a fleet and not one (sets CHANCERY_TEST_FULL=1)

What rests on chance prints its seed, as CHANCERY_TEST_SEED=…, which a failure shows. Set, it is thrown again.

The tests find the binary through CHANCERY_BIN. All of them run even when one fails; the last line is the sum.
Plain `cargo test r_1_2` works too, for tests that need no binary.
";

const CI: &str = "\
cargo xtask ci [STAGE...]

The stages, in this order; the first that fails ends the run. The table of minutes is printed either way.

  fetch    Cargo.lock fits the manifests; all crates are here
  fmt      formatting
  rules    direction of dependencies, rules of the house (tests of crates/xtask)
  alone    each pure crate built by itself, the verifier with each feature by itself
  clippy   every lint, -D warnings, all targets
  docs     every page of the public API, without a warning
  test     `cargo xtask test`
  interop  `cargo xtask interop`
  compose  `cargo xtask compose --once`
  demo     `chancery demo` exits with 0
  fuzz     `cargo xtask fuzz`, briefly
  bench    `cargo xtask bench --quick`: every program still runs; a missed limit fails nothing
  deny     `cargo xtask deny`

With STAGE only those run. A stage that leaves a process running has failed; what it left is ended.
Takes no standard input. `.ci/run` is this command.
";

const BENCH: &str = "\
cargo xtask bench [--quick] [FILTER]
cargo xtask bench --publish | --page

Runs the programs of tests/benches one after the other, contenders taking turns within each, and prints a table.
FILTER is the start of an id; its first word is the program (`codec`, `codec.jwt.sign`). All of it takes less than
twenty minutes on two processors. The foreign libraries that take part are fetched with npm and pip into
target/bench/peers, pinned in tests/benches/peers.

  --quick     a smoke run: do they still work? The numbers mean little
  --publish   afterwards, make the run the published one: docs/benchmarks/data.json, docs/BENCHMARKS.md and its
              pictures. Whole runs only, with every peer; take it while the machine does nothing else
  --page      write the page again from the published data; nothing is measured

target/bench/results.json holds the run: a list of {id, value, unit, limit, ratio}, ratio = value / limit, so
that up to 1 the limit is met, or up to `allowed` where a program states it. A missed limit is shown and fails nothing;
a program that breaks does. Contenders stand in the table only.
target/bench/data.json holds all of it: machine, versions, rounds, contenders, curves.
Each program leaves its part in target/bench/parts/<program>.json: a list of figures ({id, value, unit}, with `limit` and
`allowed` or `floor`, and `rounds` and `note` if it has them; neither limit nor floor for a contender), curves ({curve,
x, unit, series: [{name, points: [[x, median, least, most]]}]}) and versions ({used, version}).
";

const INTEROP: &str = "\
cargo xtask interop [--verbose] [CLIENT...]

Starts an issuer as it is shipped, in a folder of its own under target/interop, and lets libraries that nobody
here wrote get its tokens, verify them, and refuse some fifty forged ones of each format. What they sign themselves
is verified by us. CLIENT is one of them (`jose`, `nimbus`, `curl`); an unknown one is answered with the list.

  --verbose   a row for every case, not one for each library and kind of case

The libraries are pinned and come through npm, pip, go, maven and crates, into target/interop. Needs Node 20,
Python 3.11, Go 1.21, a JDK 17, Maven 3.6 and curl; what is missing is installed with apt-get where that is possible,
else named. Nothing is skipped. The first run fetches for minutes, later ones take about one.

Ends with 1 if a case failed, a client broke, or one did not try all that it has to. tests/interop/README.md says
what is forged and how a client is written.
";

const COMPOSE: &str = "\
cargo xtask compose [--once]

Starts crates/examples/composition in target/compose: an issuer, `chancery gate`, nginx that asks it, a service in
Python and one in Node behind them, each a process of its own on a free port of the loopback interface. Registers
their clients, tells where everything listens, and drills: a token is revoked in earnest, and nginx, the gate and
the follower in Python have to refuse it. Then it prints lines to try and stays until Ctrl-C.

  --once   run those lines, hold each answer to what it should be, and end

The folder is emptied at the start and left at the end, with all files as they were filled in, and with the logs.
Needs nginx, Node 20, Python 3.11 with venv, and curl; what is missing is installed with apt-get where that is
possible, else named. Nothing is left running. Ends with 1 if the drill or a line failed.
";

const FUZZ: &str = "\
cargo xtask fuzz [--seconds N] [TARGET...]

libFuzzer over the targets of tests/fuzz/fuzz_targets, with coverage feedback, on the stable toolchain.

  --seconds N   so long per target; 60 if not said

The corpus grows in target/fuzz/corpus and starts from tests/fuzz/seeds/<target>. An input that breaks a target is
kept in target/fuzz/artifacts/<target>; once the bug is fixed, commit it as a seed and write the test that it
stands for.
";

const DENY: &str = "\
cargo xtask deny

Asks cargo-deny, with .cargo/deny.toml, whether every crate in the tree has a licence that we accept, comes from
the registry, and is not banned. The pinned cargo-deny is built under target/tools the first time (about a
minute). Security advisories are checked only against a copy of their database that is already in
~/.cargo/advisory-dbs; without one the run says that it skipped them.
";
