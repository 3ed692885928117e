use chancery_token::UnixTime;
use std::fmt;

/// How far a new log begins above the highest sequence that anybody remembers of an older one: no issuer appends
/// a million entries between two signs of life, so sequences never go back.
pub const LOG_GAP: u64 = 1 << 20;

/// New logs begin no lower than this many sequences for each second since 1970: an issuer that remembers nothing
/// at all still begins above every log that grew slower than that on average.
const PER_SECOND: u64 = 1024;

/// A place in a revocation log. Sequences grow across logs: a later log begins above an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Sequence(u64);

impl Sequence {
    /// Wraps a number, such as the `rvs` claim of a token.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, as tokens carry it.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Where a log begins that is started at `now` by somebody who knows of no sequence above `highest_known`:
    /// the larger of `highest_known + 2^20` and `1024 ·` the seconds since 1970.
    pub const fn start(highest_known: Option<Self>, now: UnixTime) -> Self {
        let by_time = now.as_secs().saturating_mul(PER_SECOND);
        let by_memory = match highest_known {
            Some(highest) => highest.0.saturating_add(LOG_GAP),
            None => 0,
        };
        Self(if by_memory > by_time { by_memory } else { by_time })
    }

    /// The next one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

    #[test]
    fn a_log_without_a_memory_begins_at_its_time() {
        assert_eq!(Sequence::start(None, NOW).get(), 1_795_305_600 * 1024);
        assert_eq!(Sequence::start(Some(Sequence::new(17)), NOW).get(), 1_795_305_600 * 1024);
    }

    #[test]
    fn a_log_begins_far_above_the_highest_sequence_that_is_remembered() {
        let highest = Sequence::new(1_795_305_600 * 1024 - 1);
        assert_eq!(Sequence::start(Some(highest), NOW).get(), highest.get() + (1 << 20));
    }

    #[test]
    fn a_log_never_begins_below_an_earlier_one_even_when_the_clock_goes_back() {
        let first = Sequence::start(None, NOW);
        let second = Sequence::start(Some(first), UnixTime::from_secs(0));
        assert!(second > first);
    }

    #[test]
    fn a_sequence_fits_a_json_number_that_every_reader_keeps_exact() {
        // RFC 8259 section 6: integers up to 2^53 are exact everywhere. That lasts for 270,000 years.
        assert!(Sequence::start(None, UnixTime::MAX).get() < 1 << 53);
        assert_eq!(serde_json::to_string(&Sequence::new(7)).unwrap(), "7");
    }

    #[test]
    fn the_largest_numbers_stop_instead_of_wrapping() {
        let last = Sequence::new(u64::MAX);
        assert_eq!(Sequence::start(Some(last), NOW), last);
        assert_eq!(last.next(), last);
        assert_eq!(Sequence::start(None, UnixTime::from_secs(u64::MAX)), last);
    }
}
