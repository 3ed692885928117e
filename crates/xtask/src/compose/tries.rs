//! Lines to try, as they are printed and as they are run.

use std::fmt;
use std::time::Duration;

use super::running::Composition;
use crate::failure::Failure;
use crate::layout;
use crate::step::Step;

/// Each is answered in milliseconds.
const LIMIT: Duration = Duration::from_secs(30);

/// Shell lines, each with what its answer holds. No secret is in them: curl reads those from files.
pub(super) struct Tries(Vec<Try>);

struct Try {
    line: String,
    answer: &'static str,
}

impl Tries {
    pub(super) fn of(composition: &Composition) -> Self {
        let url = composition.url();
        let folder = layout::shown(composition.folder());
        let caller = layout::shown(&composition.caller);
        let get = |rest: &str, answer| Try {
            line: format!("curl -si -w '\\n' -H @{folder}/token.header {rest}"),
            answer,
        };
        let token = r#"sed 's/.*"access_token":"\([^"]*\)".*/Authorization: Bearer \1/'"#;
        Self(vec![
            // For its owner alone, as the secret is.
            Try {
                line: format!("(umask 077; curl -s -K {caller} | {token} > {folder}/token.header)"),
                answer: "",
            },
            get(&format!("{url}/invoices"), "A-1"),
            get(&format!("{url}/templates"), "Acme Corporation"),
            get(&format!("-X DELETE {url}/invoices/A-1"), "insufficient_scope"),
            // What a client says about itself is written over.
            get(&format!("-H 'Chancery-Tenant: globex' {url}/invoices/G-1"), "out_of_bounds"),
        ])
    }

    /// Runs them all, and fails where an answer is another one.
    pub(super) fn run(&self) -> Result<(), Failure> {
        for Try { line, answer } in &self.0 {
            let mut heard = String::new();
            let step = Step::program("sh").words(["-c", line]).env("no_proxy", "127.0.0.1").within(LIMIT);
            step.lines(|said| {
                println!("{said}");
                heard.push_str(said);
            })?;
            println!();
            if !heard.contains(answer) {
                return Err(Failure::broken(format!("`{line}`: no `{answer}` in the answer above")));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|each| write!(f, "\n  {}", each.line))
    }
}
