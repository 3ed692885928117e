//! Places in a JSON document (RFC 6901).

/// Longest name of a member that is repeated in an answer.
const MAX_TOLD: usize = 40;

/// Where a value stands, as a path from the root.
#[derive(Debug)]
pub(super) enum Pointer<'p> {
    Root,
    Member(&'p Pointer<'p>, &'p str),
    Entry(&'p Pointer<'p>, usize),
}

impl Pointer<'_> {
    /// The pointer, up to the first name that may be something else than a name: a secret that went astray is not
    /// repeated in an answer.
    pub(super) fn told(&self) -> String {
        let mut text = String::new();
        self.tell(&mut text);
        text
    }

    fn tell(&self, text: &mut String) -> bool {
        match self {
            Self::Root => true,
            Self::Entry(parent, at) => parent.tell(text) && push(text, &at.to_string()),
            Self::Member(parent, name) => parent.tell(text) && is_plain(name) && push(text, name),
        }
    }
}

fn push(text: &mut String, segment: &str) -> bool {
    text.push('/');
    text.push_str(segment);
    true
}

/// Names of ours and names of scopes and axes are in small letters; our secrets are not. None of these characters
/// needs an escape.
fn is_plain(name: &str) -> bool {
    let legal =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b':' | b'.');
    (1..=MAX_TOLD).contains(&name.len()) && name.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_up_to_what_may_be_a_secret() {
        let grants = Pointer::Member(&Pointer::Root, "grants");
        let second = Pointer::Entry(&grants, 1);
        assert_eq!(Pointer::Member(&second, "reason").told(), "/grants/1/reason");
        assert_eq!(Pointer::Root.told(), "");
        let secret = Pointer::Member(&second, "chs_test_Xy");
        assert_eq!(secret.told(), "/grants/1");
        assert_eq!(Pointer::Member(&secret, "reason").told(), "/grants/1");
        let long = "x".repeat(41);
        assert_eq!(Pointer::Member(&grants, &long).told(), "/grants");
    }
}
