//! Bytes as decisions.

use crate::clients::SCOPES;
use chancery_token::Confirmation;

/// Whoever decides what happens. The end comes when there is nothing left.
pub(crate) struct Bytes<'b>(pub(crate) &'b [u8]);

impl Bytes<'_> {
    pub(crate) fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn index(&mut self, of: usize) -> Option<usize> {
        usize::from(self.next()?).checked_rem(of)
    }

    /// Some scopes by name, or none in particular.
    pub(crate) fn scopes(&mut self) -> Option<Option<String>> {
        let bits = self.next()?;
        Some((bits & 0x80 != 0).then(|| chosen(bits)))
    }

    /// One of two keys, or none.
    pub(crate) fn key(&mut self) -> Option<Option<Confirmation>> {
        let byte = self.next()? % 8;
        Some((byte < 2).then_some(Confirmation::DpopKey([byte; 32])))
    }
}

/// Scopes by their bits, with spaces between.
pub(crate) fn chosen(bits: u8) -> String {
    let held = SCOPES.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
    held.map(|(_, scope)| *scope).collect::<Vec<_>>().join(" ")
}
