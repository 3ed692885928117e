//! `cargo xtask compose`: the example of `crates/examples/composition`, all of it, with one command.

mod ending;
mod running;
mod tries;

use crate::failure::Failure;
use crate::{binary, layout, needs, python};
use ending::Ending;
use running::Composition;
use tries::Tries;

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let stay = Stay::read(words)?;
    needs::ensure(&[needs::C, needs::CURL, needs::NGINX, needs::NODE_OF_DEBIAN])?;
    let (chancery, python) = (binary::build()?, python::ensure()?);
    // From here on nothing that was started may outlive us, whoever asks us to end.
    let ending = Ending::listen()?;
    let composition = Composition::start(&chancery, &python, &layout::target("compose"))?;
    println!("\n{composition}");
    composition.drill()?;
    let tries = Tries::of(&composition);
    match stay {
        Stay::UntilAsked => {
            println!("\nTry it, in another terminal:\n{tries}\n\nCtrl-C ends it.");
            ending.wait()
        }
        Stay::Once => tries.run(),
    }
}

/// How long it all stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// Until somebody asks us to end.
    UntilAsked,
    /// Until it was shown to work.
    Once,
}

impl Stay {
    fn read(words: &[String]) -> Result<Self, Failure> {
        match words {
            [] => Ok(Self::UntilAsked),
            [word] if word == "--once" => Ok(Self::Once),
            [word, ..] => Err(Failure::usage(format!("compose knows no `{word}`; `--once` is all there is"))),
        }
    }
}

/// Starts it, drills, tries it, and ends it: what CI does.
pub(crate) fn once() -> Result<(), Failure> {
    run(&["--once".to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(line: &str) -> Result<Stay, Failure> {
        Stay::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn it_stays_until_it_is_asked_to_end_unless_once_is_said() {
        assert_eq!(stay("").unwrap(), Stay::UntilAsked);
        assert_eq!(stay("--once").unwrap(), Stay::Once);
    }

    #[test]
    fn other_words_are_a_usage_error() {
        for line in ["--twice", "--once --once", "nginx"] {
            assert!(matches!(stay(line), Err(Failure::Usage(_))), "{line}");
        }
    }
}
