//! The follower in Python: held to the vectors, and beside a running issuer.

mod broken;
mod kept;
mod living;
mod python;
mod town;

use crate::support::{AUDIENCE, Folder};
use python::Python;
use town::Town;

#[test]
fn the_python_follower_gives_every_verdict_of_the_vectors_and_reads_no_bad_document() {
    let said = Python::modules().run("vectors.py", &["vectors"]);
    assert!(said.ended_well, "{said:?}");
    // Fewer would mean that it looked at less than there is.
    let counts: Vec<u32> =
        said.out.split(", ").filter_map(|part| part.split(' ').next()?.parse().ok()).collect();
    let [verdicts, documents, tokens] = counts[..] else { panic!("{said:?}") };
    assert!(verdicts >= 97 && documents >= 62 && tokens >= 340, "{said:?}");
}

#[test]
fn what_the_vectors_leave_open_the_tests_of_the_python_modules_hold() {
    let said = Python::modules().run("test_chancery.py", &[]);
    assert!(said.ended_well && said.err.contains("\nOK"), "{said:?}");
}

#[test]
fn the_python_of_the_guide_runs_as_it_stands_there() {
    let (town, _issuer) = Town::new();
    let guide = std::fs::read_to_string(python::shipped("docs/guides/other-languages.md")).unwrap();
    let (_, after) = guide.split_once("```python\n").unwrap();
    let mut program = after.split_once("```").unwrap().0.to_owned();
    let state = town.folder.file("state");
    let secret = town.folder.file("billing.secret");
    for (shown, live) in [
        ("https://auth.example.com", &*town.url),
        ("https://api.example.com", AUDIENCE),
        ("/var/lib/invoices", state.to_str().unwrap()),
        ("/etc/invoices/client.secret", secret.to_str().unwrap()),
        ("client_id=\"invoices\"", "client_id=\"billing\""),
        ("\"live\"", "\"test\""),
    ] {
        assert_eq!(program.matches(shown).count(), 1, "{shown}");
        program = program.replace(shown, live);
    }
    // Who asks it: until it has heard of the issuer, and once for a scope that the token does not have.
    program.push_str(
        "\nimport sys, time\n\
         asked = (time.sleep(0.01) or caller(sys.argv[1], 'invoices:read') for _ in range(3000))\n\
         status, claims = next(answer for answer in asked if answer[0] != 503)\n\
         print(status, claims['tenant'], *caller(sys.argv[1], 'invoices:delete'), *caller('x', 'invoices:read'))\n",
    );
    let modules = Folder::new();
    let python = Python::copied(&modules);
    modules.write("guide.py", program);
    let said = python.run("guide.py", &[&town.token()]);
    assert_eq!(said.out, "200 acme 403 insufficient_scope 401 invalid_token\n", "{said:?}");
}
