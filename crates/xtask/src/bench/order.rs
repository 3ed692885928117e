//! What the words on the command line ask for.

use crate::failure::Failure;

/// Programs that measure ids which do not start with their name.
const FURTHER: [(&str, &str); 2] = [("refresh", "http.refresh"), ("refresh", "family")];

/// `[--quick | --publish | --page] [FILTER]`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Run the programs.
    Measure { extent: Extent, publish: bool },
    /// Write the published page again from the published data.
    Page,
}

/// How much is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything, as the figures need it.
    Whole,
    /// As briefly as it can be done: does every program still run?
    Quick { filter: Option<String> },
    /// Only ids that begin so.
    Part { filter: String },
}

impl Order {
    /// All of it, as briefly as it can be done: does every program still run?
    pub(crate) fn smoke() -> Self {
        Self::Measure { extent: Extent::Quick { filter: None }, publish: false }
    }

    pub(super) fn read(words: &[String]) -> Result<Self, Failure> {
        let (mut quick, mut publish, mut page, mut filter) = (false, false, false, None);
        for word in words {
            match word.as_str() {
                "--quick" => quick = true,
                "--publish" => publish = true,
                "--page" => page = true,
                option if option.starts_with('-') => {
                    return Err(Failure::usage(format!("bench knows no option `{option}`")));
                }
                first if filter.is_none() => filter = Some(first.to_owned()),
                second => {
                    return Err(Failure::usage(format!("one filter at most; `{second}` is a second one")));
                }
            }
        }
        if page {
            return if quick || publish || filter.is_some() {
                Err(Failure::usage("`--page` measures nothing, so nothing stands beside it"))
            } else {
                Ok(Self::Page)
            };
        }
        let extent = match (quick, filter) {
            (true, filter) => Extent::Quick { filter },
            (false, Some(filter)) => Extent::Part { filter },
            (false, None) => Extent::Whole,
        };
        if publish && extent != Extent::Whole {
            return Err(Failure::usage("only a whole run is published: neither `--quick` nor a filter"));
        }
        Ok(Self::Measure { extent, publish })
    }
}

impl Extent {
    pub(super) fn is_quick(&self) -> bool {
        matches!(self, Self::Quick { .. })
    }

    pub(super) fn filter(&self) -> Option<&str> {
        match self {
            Self::Whole => None,
            Self::Quick { filter } => filter.as_deref(),
            Self::Part { filter } => Some(filter),
        }
    }

    /// An id starts with the name of the program that measures it, but for [`FURTHER`] ones.
    pub(super) fn chooses(&self, program: &str) -> bool {
        let Some(filter) = self.filter() else { return true };
        if let Some((owner, _)) = FURTHER.iter().find(|(_, beginning)| is_below(filter, beginning)) {
            return *owner == program;
        }
        let is_among = |(owner, beginning): &(&str, &str)| *owner == program && is_below(beginning, filter);
        filter.split('.').next() == Some(program) || FURTHER.iter().any(is_among)
    }

    /// The word for a data file.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Quick { .. } => "quick",
            Self::Part { .. } => "part",
        }
    }
}

/// Whether an id is another one, or starts with it and a dot.
fn is_below(id: &str, beginning: &str) -> bool {
    id.strip_prefix(beginning).is_some_and(|tail| tail.is_empty() || tail.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Order, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Order::read(&words)
    }

    fn extent(line: &str) -> Extent {
        match read(line).unwrap() {
            Order::Measure { extent, publish: false } => extent,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_filter_chooses_the_program_that_its_id_starts_with() {
        assert!(extent("codec.jwt.sign").chooses("codec"));
        assert!(extent("--quick codec").chooses("codec"));
        assert!(!extent("codec.jwt.sign").chooses("start"));
        assert!(!extent("code").chooses("codec"));
    }

    #[test]
    fn an_id_that_starts_with_another_name_chooses_its_program_alone() {
        for id in ["http.refresh", "http.refresh.vs_ceiling.always", "family.redis_bytes", "family"] {
            assert!(extent(id).chooses("refresh") && !extent(id).chooses("http"), "{id}");
        }
        assert!(extent("http").chooses("http") && extent("http").chooses("refresh"));
        assert!(extent("http.token").chooses("http") && !extent("http.token").chooses("refresh"));
        assert!(extent("refresh").chooses("refresh"));
    }

    #[test]
    fn without_a_filter_every_program_is_chosen() {
        assert!(extent("--quick").chooses("codec") && extent("").chooses("start"));
        assert_eq!(extent(""), Extent::Whole);
    }

    #[test]
    fn a_second_filter_and_an_unknown_option_are_usage_errors() {
        for line in ["codec start", "codec --fast"] {
            assert!(matches!(read(line), Err(Failure::Usage(_))), "{line}");
        }
    }

    #[test]
    fn neither_a_quick_run_nor_a_part_of_one_is_published() {
        assert_eq!(read("--publish").unwrap(), Order::Measure { extent: Extent::Whole, publish: true });
        for line in ["--quick --publish", "--publish codec", "--publish --quick codec"] {
            assert!(matches!(read(line), Err(Failure::Usage(_))), "{line}");
        }
    }

    #[test]
    fn the_page_is_written_again_without_measuring() {
        assert_eq!(read("--page").unwrap(), Order::Page);
        for line in ["--page --quick", "--page codec", "--page --publish"] {
            assert!(matches!(read(line), Err(Failure::Usage(_))), "{line}");
        }
    }
}
