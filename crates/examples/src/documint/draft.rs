//! What a caller says about a new invoice.

use super::invoice::Line;
use serde::Deserialize;

/// More lines do not fit on the one page that there is.
pub const MAX_LINES: usize = 40;
/// One printed line holds no more.
const MAX_TEXT: usize = 80;

/// An invoice to be. Number, tenant and creator are not among it: the first is DocuMint's, the others are the
/// token's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The project it bills.
    pub project: String,
    /// The number of a customer of the account.
    pub customer: String,
    /// The name of a template of the account.
    #[serde(default = "plain")]
    pub template: String,
    /// What is billed.
    pub lines: Vec<Line>,
}

fn plain() -> String {
    "plain".to_owned()
}

impl Draft {
    /// What the lines add up to, in cents; or everything that is wrong with the draft itself.
    pub(super) fn total(&self) -> Result<u64, Vec<String>> {
        let mut faults = Vec::new();
        let mut text = |what: &str, text: &str| {
            let is_line = !text.trim().is_empty() && !text.chars().any(char::is_control);
            if !is_line || text.chars().count() > MAX_TEXT {
                faults.push(format!("{what} is one line of 1 to {MAX_TEXT} characters"));
            }
        };
        text("project", &self.project);
        for (at, line) in self.lines.iter().enumerate() {
            text(&format!("lines[{at}].text"), &line.text);
        }
        if self.lines.is_empty() || self.lines.len() > MAX_LINES {
            faults.push(format!("an invoice has 1 to {MAX_LINES} lines"));
        }
        let price = |line: &Line| line.unit_cents.checked_mul(line.quantity.into());
        let total = self.lines.iter().try_fold(0_u64, |sum, line| sum.checked_add(price(line)?));
        if total.is_none() {
            faults.push("the total is more than DocuMint can count".to_owned());
        }
        total.filter(|_| faults.is_empty()).ok_or(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(lines: &[(&str, u32, u64)]) -> Draft {
        let line = |(text, quantity, unit_cents): &(&str, u32, u64)| Line {
            text: (*text).to_owned(),
            quantity: *quantity,
            unit_cents: *unit_cents,
        };
        let lines = lines.iter().map(line).collect();
        Draft { project: "p".to_owned(), customer: "A-c1".to_owned(), template: plain(), lines }
    }

    #[test]
    fn the_lines_add_up() {
        assert_eq!(draft(&[("Paint", 2, 150), ("Brush", 1, 1)]).total(), Ok(301));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_no_total_wraps_around() {
        let faults = Draft { project: " ".to_owned(), ..draft(&[("", 2, u64::MAX)]) }.total().unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(draft(&[]).total().is_err());
        assert!(draft(&[("a", 1, 1); MAX_LINES + 1]).total().is_err());
        assert!(draft(&[("a", 1, u64::MAX), ("b", 1, 1)]).total().is_err());
    }
}
