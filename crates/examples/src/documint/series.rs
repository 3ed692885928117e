//! Numbers show whose they are: `A-1` belongs to the account with the series `A`.
//!
//! So the tenant of a record is known before anybody looks whether there is one, and an answer about another
//! tenant's number cannot depend on it.

/// The series of a number; the whole text where it names none.
pub(super) fn of(number: &str) -> &str {
    number.split_once('-').map_or(number, |(series, _)| series)
}

/// The number at this place of a series.
pub(super) fn number(series: &str, place: u64) -> String {
    format!("{series}-{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_of_the_series_it_begins_with_and_of_no_longer_one() {
        assert_eq!((of("A-1"), of("AB-1"), of("A-c-1"), of("A"), of("")), ("A", "AB", "A", "A", ""));
        assert_eq!(of(&number("A", 7)), "A");
    }
}
