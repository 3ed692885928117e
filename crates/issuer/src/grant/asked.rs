//! The scopes that a client names.

use chancery_token::ScopeSet;

/// What clients of OpenID Connect ask for in order to refresh (Core section 11). Here a client refreshes if it is registered so,
/// with this word and without it: neither does it bring a refresh token, nor is it refused, nor does a token hold it.
const OFFLINE_ACCESS: &str = "offline_access";

/// At least one scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'r>(&'r str);

impl<'r> Asked<'r> {
    /// What `scope` names (RFC 6749 section 3.3). `None`: nothing in particular.
    pub(super) fn by(scope: Option<&'r str>) -> Option<Self> {
        let asked = Self(scope?);
        (asked.count() > 0).then_some(asked)
    }

    /// As if each of `scopes` had been named.
    pub(super) fn all(scopes: &'r ScopeSet) -> Self {
        Self(scopes.as_str())
    }

    /// Each of them, and its place in the request, counted from 0.
    pub(super) fn each(self) -> impl Iterator<Item = (usize, &'r str)> {
        self.0.split(' ').enumerate().filter(|(_, text)| *text != OFFLINE_ACCESS)
    }

    pub(super) fn count(self) -> usize {
        self.each().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(scope: &str) -> Option<Vec<(usize, &str)>> {
        Asked::by(Some(scope)).map(|asked| asked.each().collect())
    }

    #[test]
    fn r_11_3_offline_access_is_passed_over_and_everything_else_keeps_its_place() {
        assert_eq!(asked("a:b offline_access c:d"), Some(vec![(0, "a:b"), (2, "c:d")]));
        assert_eq!(asked("offline_access a:b offline_access"), Some(vec![(1, "a:b")]));
        assert_eq!(asked("a:b"), Some(vec![(0, "a:b")]));
        // It alone is as if nothing had been named.
        assert_eq!((asked("offline_access"), asked("offline_access offline_access")), (None, None));
        assert!(Asked::by(None).is_none());
    }

    #[test]
    fn r_11_3_only_the_word_itself_is_passed_over() {
        for other in
            ["Offline_access", "offline_access:read", "offline", "offline_accesses", "offline-access"]
        {
            assert_eq!(asked(other), Some(vec![(0, other)]));
        }
        // What is not written as RFC 6749 has it stays as it was.
        assert_eq!(asked("offline_access "), Some(vec![(1, "")]));
        assert_eq!(asked(""), Some(vec![(0, "")]));
    }
}
