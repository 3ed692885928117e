//! The keys of one table, read one by one; what is left over means nothing.

use super::Report;
use crate::error::Fault;
use crate::nearest::nearest;
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// No token lives longer, whatever a catalog says: verifiers refuse longer ones by default.
const LONGEST_TOKEN: Duration = Duration::from_hours(1);

/// An approval that outlives a month is a grant (R30: it lapses by itself).
const LONGEST_APPROVAL: Duration = Duration::from_hours(30 * 24);

pub(super) struct Fields<'t, 'i> {
    table: &'t DeTable<'i>,
    at: Range<usize>,
    /// What the table is, for messages.
    of: String,
}

impl<'t, 'i> Fields<'t, 'i> {
    pub(super) fn new(table: &'t DeTable<'i>, at: Range<usize>, of: impl Into<String>) -> Self {
        Self { table, at, of: of.into() }
    }

    /// Tables under `key`, in the order of the file.
    pub(super) fn tables(
        &mut self,
        key: &str,
        report: &mut Report<'_>,
    ) -> Vec<(&'t str, Range<usize>, &'t DeTable<'i>)> {
        let Some(value) = self.table.get(key) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            report.fault(&value.span(), wrong_kind(key, value, "tables: [… NAME]"));
            return Vec::new();
        };
        let mut found = Vec::new();
        for (name, value) in table {
            match value.get_ref().as_table() {
                Some(table) => found.push((&**name.get_ref(), name.span(), table)),
                None => report.fault(&value.span(), wrong_kind(name.get_ref(), value, "a table")),
            }
        }
        found.sort_by_key(|(_, at, _)| at.start);
        found
    }

    /// A text that has to be there and says something.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        example: &'static str,
        report: &mut Report<'_>,
    ) -> Option<(&'t str, Range<usize>)> {
        if !self.table.contains_key(key) {
            report.fault(&self.at, Fault::Missing { of: self.of.clone(), key, example });
            return None;
        }
        self.optional(key, report)
    }

    /// A text that may be left out, but says something if it is there.
    pub(super) fn optional(
        &mut self,
        key: &'static str,
        report: &mut Report<'_>,
    ) -> Option<(&'t str, Range<usize>)> {
        let value = self.table.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            report.fault(&value.span(), wrong_kind(key, value, "a text in quotes"));
            return None;
        };
        if text.trim().is_empty() {
            report.fault(&value.span(), wrong_value(key, text, "a text that is not blank"));
            return None;
        }
        Some((text, value.span()))
    }

    /// A text that `read` understands.
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        report: &mut Report<'_>,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (text, at) = self.optional(key, report)?;
        let value = read(text);
        if value.is_none() {
            report.fault(&at, wrong_value(key, text, wanted));
        }
        value
    }

    /// A span of time like `"15m"`, at most one hour.
    pub(super) fn lifetime(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Duration> {
        self.parsed(key, "a span of time from \"1s\" to \"1h\", like \"15m\"", report, |text| {
            span(text, LONGEST_TOKEN)
        })
    }

    /// How long an approval counts, like `"8h"`, at most 30 days.
    pub(super) fn lapse(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Duration> {
        const WANTED: &str = "a span of time from \"1s\" to \"30d\", like \"8h\"";
        if !self.table.contains_key(key) {
            self.required(key, "lapses = \"8h\"", report);
            return None;
        }
        self.parsed(key, WANTED, report, |text| span(text, LONGEST_APPROVAL))
    }

    /// Says which keys nobody read.
    pub(super) fn finish(self, known: &'static [&'static str], report: &mut Report<'_>) {
        for (key, _) in self.table {
            if !known.contains(&&**key.get_ref()) {
                let key_name = key.get_ref().to_string();
                let nearest = nearest(&key_name, known.iter().copied()).map(str::to_owned);
                report.fault(&key.span(), Fault::UnknownKey { key: key_name, nearest, known });
            }
        }
    }

    pub(super) fn table(&self) -> &'t DeTable<'i> {
        self.table
    }
}

pub(super) fn wrong_kind(key: &str, value: &Spanned<DeValue<'_>>, wanted: &'static str) -> Fault {
    let found = match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Fault::WrongKind { key: key.to_owned(), found, wanted }
}

pub(super) fn wrong_value(key: &str, value: &str, wanted: &'static str) -> Fault {
    Fault::WrongValue { key: key.to_owned(), value: value.to_owned(), wanted }
}

/// A number and a unit; more than nothing, and `longest` at most.
fn span(text: &str, longest: Duration) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let span = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?);
    (!span.is_zero() && span <= longest).then_some(span)
}
