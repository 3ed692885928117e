//! The parameters of a request to a token, revocation or introspection endpoint: `application/x-www-form-urlencoded` in
//! UTF-8, each at most once (RFC 6749 section 3.2 and appendix B).

use std::borrow::Cow;

/// Most parameters of one request. A request has about five.
const MAX_PARAMETERS: usize = 32;

/// What a client sent. Parameters without a value count as left out (RFC 6749 section 3.2).
#[derive(Default)]
pub(super) struct TokenForm<'b> {
    pub(super) grant_type: Option<Cow<'b, str>>,
    pub(super) client_id: Option<Cow<'b, str>>,
    pub(super) client_secret: Option<Cow<'b, str>>,
    pub(super) client_assertion: Option<Cow<'b, str>>,
    pub(super) client_assertion_type: Option<Cow<'b, str>>,
    pub(super) scope: Option<Cow<'b, str>>,
    pub(super) resource: Option<Cow<'b, str>>,
    pub(super) tenant: Option<Cow<'b, str>>,
    /// RFC 6749 section 6.
    pub(super) refresh_token: Option<Cow<'b, str>>,
    /// RFC 8693 section 2.1.
    pub(super) subject_token: Option<Cow<'b, str>>,
    pub(super) subject_token_type: Option<Cow<'b, str>>,
    pub(super) actor_token: Option<Cow<'b, str>>,
    pub(super) actor_token_type: Option<Cow<'b, str>>,
    pub(super) requested_token_type: Option<Cow<'b, str>>,
    pub(super) audience: Option<Cow<'b, str>>,
    /// Ours: whether a family is to begin with the exchange.
    pub(super) delegate: Option<Cow<'b, str>>,
    /// Ours: how many seconds that family lives at most.
    pub(super) delegate_expires_in: Option<Cow<'b, str>>,
    /// What is to be revoked or introspected (RFC 7009 section 2.1, RFC 7662 section 2.1).
    pub(super) token: Option<Cow<'b, str>>,
}

/// Why a form cannot be read. Neither names nor values that a client chose are repeated: a secret may be among
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormFault {
    /// A `%` without two hexadecimal digits.
    #[error("the body is not form-encoded; encode each name and value (a % is %25)")]
    Encoding,
    /// A name or value that is no UTF-8.
    #[error("a parameter is not UTF-8")]
    NotUtf8,
    /// A parameter stands there twice.
    #[error("{} stands there twice; send it once", .name.unwrap_or("a parameter"))]
    Repeated {
        /// Which, if it is one that we know.
        name: Option<&'static str>,
    },
    /// More than one `resource` or `audience`. RFC 8707 section 2 and RFC 8693 section 2.1 allow them; a token of ours has
    /// one audience.
    #[error("several resources were named; a token is for one, ask for one token per resource")]
    SeveralResources,
    /// More than [`MAX_PARAMETERS`].
    #[error("the form has more than 32 parameters")]
    TooManyParameters,
}

impl FormFault {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Encoding => "form_encoding",
            Self::NotUtf8 => "form_not_utf8",
            Self::Repeated { .. } => "parameter_repeated",
            Self::SeveralResources => "several_resources",
            Self::TooManyParameters => "too_many_parameters",
        }
    }
}

impl<'b> TokenForm<'b> {
    pub(super) fn parse(body: &'b [u8]) -> Result<Self, FormFault> {
        let body = std::str::from_utf8(body).map_err(|_| FormFault::NotUtf8)?;
        let mut form = Self::default();
        let mut unknown: Vec<Cow<'b, str>> = Vec::new();
        let mut rest = Some(body).filter(|body| !body.is_empty());
        let mut count = 0;
        while let Some(pairs) = rest {
            let (pair, after) = cut(pairs, b'&');
            rest = after;
            if pair.is_empty() {
                continue;
            }
            if count == MAX_PARAMETERS {
                return Err(FormFault::TooManyParameters);
            }
            count += 1;
            let (name, value) = cut(pair, b'=');
            let (name, value) = (plain(name)?, plain(value.unwrap_or_default())?);
            if value.is_empty() {
                continue;
            }
            let Some((slot, known)) = form.slot(&name) else {
                if unknown.contains(&name) {
                    return Err(FormFault::Repeated { name: None });
                }
                unknown.push(name);
                continue;
            };
            if slot.is_some() {
                return Err(match known {
                    "resource" | "audience" => FormFault::SeveralResources,
                    _ => FormFault::Repeated { name: Some(known) },
                });
            }
            *slot = Some(value);
        }
        Ok(form)
    }

    fn slot(&mut self, name: &str) -> Option<(&mut Option<Cow<'b, str>>, &'static str)> {
        Some(match name {
            "grant_type" => (&mut self.grant_type, "grant_type"),
            "client_id" => (&mut self.client_id, "client_id"),
            "client_secret" => (&mut self.client_secret, "client_secret"),
            "client_assertion" => (&mut self.client_assertion, "client_assertion"),
            "client_assertion_type" => (&mut self.client_assertion_type, "client_assertion_type"),
            "scope" => (&mut self.scope, "scope"),
            "resource" => (&mut self.resource, "resource"),
            "tenant" => (&mut self.tenant, "tenant"),
            "refresh_token" => (&mut self.refresh_token, "refresh_token"),
            "subject_token" => (&mut self.subject_token, "subject_token"),
            "subject_token_type" => (&mut self.subject_token_type, "subject_token_type"),
            "actor_token" => (&mut self.actor_token, "actor_token"),
            "actor_token_type" => (&mut self.actor_token_type, "actor_token_type"),
            "requested_token_type" => (&mut self.requested_token_type, "requested_token_type"),
            "audience" => (&mut self.audience, "audience"),
            "delegate" => (&mut self.delegate, "delegate"),
            "delegate_expires_in" => (&mut self.delegate_expires_in, "delegate_expires_in"),
            "token" => (&mut self.token, "token"),
            _ => return None,
        })
    }
}

/// What stands before the first `mark`, and what after it.
fn cut(text: &str, mark: u8) -> (&str, Option<&str>) {
    // A byte of ASCII is never a part of another character.
    let at = text.bytes().position(|byte| byte == mark);
    let halves = at.and_then(|at| text.split_at_checked(at));
    halves.map_or((text, None), |(before, after)| (before, after.get(1..)))
}

/// Undoes form encoding; without a copy when nothing was encoded.
pub(super) fn decode(text: &[u8]) -> Result<Cow<'_, str>, FormFault> {
    std::str::from_utf8(text).map_err(|_| FormFault::NotUtf8).and_then(plain)
}

/// The same of what is text already. Characters that ought to be encoded are tolerated.
fn plain(text: &str) -> Result<Cow<'_, str>, FormFault> {
    let encoded = |byte: &u8| matches!(byte, b'%' | b'+');
    let mut rest = text.as_bytes();
    let Some(mut at) = rest.iter().position(encoded) else { return Ok(Cow::Borrowed(text)) };
    let mut decoded = Vec::with_capacity(text.len());
    while let Some((before, found)) = rest.split_at_checked(at) {
        decoded.extend_from_slice(before);
        rest = match found {
            [b'%', high, low, after @ ..] => {
                let (Some(high), Some(low)) = (hex(*high), hex(*low)) else {
                    return Err(FormFault::Encoding);
                };
                decoded.push(high << 4 | low);
                after
            }
            [b'+', after @ ..] => {
                decoded.push(b' ');
                after
            }
            // The end; or a `%` too close to it.
            [] => break,
            _ => return Err(FormFault::Encoding),
        };
        at = rest.iter().position(encoded).unwrap_or(rest.len());
    }
    String::from_utf8(decoded).map(Cow::Owned).map_err(|_| FormFault::NotUtf8)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(body: &[u8]) -> Result<TokenForm<'_>, FormFault> {
        TokenForm::parse(body)
    }

    #[test]
    fn plus_percent_and_plain_letters_are_undone() {
        let form = parsed(b"scope=a%3Ab+c:d&resource=https%3a%2F%2Fx&tenant=%C3%BC&client_id=bot").unwrap();
        assert_eq!(form.scope.as_deref(), Some("a:b c:d"));
        assert_eq!(form.resource.as_deref(), Some("https://x"));
        assert_eq!(form.tenant.as_deref(), Some("ü"));
        assert!(matches!(form.client_id, Some(Cow::Borrowed("bot"))), "plain text is not copied");
    }

    #[test]
    fn a_parameter_without_a_value_was_left_out() {
        let form = parsed(b"scope=&scope&&tenant=x&scope=a:b").unwrap();
        assert_eq!((form.scope.as_deref(), form.tenant.as_deref()), (Some("a:b"), Some("x")));
        assert!(parsed(b"").unwrap().grant_type.is_none());
    }

    #[test]
    fn unknown_parameters_are_ignored_and_repeated_ones_refused() {
        assert!(parsed(b"foo=1&bar=2").is_ok());
        let fault = |body| parsed(body).err();
        assert_eq!(fault(b"foo=1&foo=2"), Some(FormFault::Repeated { name: None }));
        assert_eq!(fault(b"scope=a:b&scope=a:b"), Some(FormFault::Repeated { name: Some("scope") }));
        assert_eq!(fault(b"scop%65=a:b&scope=a:b"), Some(FormFault::Repeated { name: Some("scope") }));
        assert_eq!(fault(b"resource=https://a&resource=https://b"), Some(FormFault::SeveralResources));
    }

    #[test]
    fn what_is_not_form_encoded_is_refused() {
        for body in [&b"scope=%"[..], b"scope=%4", b"scope=%zz", b"%=1"] {
            assert_eq!(parsed(body).err(), Some(FormFault::Encoding), "{body:?}");
        }
        for body in [&b"scope=%ff"[..], b"scope=\xff", b"\xc3=1"] {
            assert_eq!(parsed(body).err(), Some(FormFault::NotUtf8), "{body:?}");
        }
        let many: Vec<String> = (0..33).map(|n| format!("p{n}=1")).collect();
        assert_eq!(parsed(many.join("&").as_bytes()).err(), Some(FormFault::TooManyParameters));
        assert!(parsed(many[..32].join("&").as_bytes()).is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parsed(&body).is_ok();
        }

        #[test]
        fn what_a_browser_encodes_is_read(scope in "\\PC{1,40}", tenant in "\\PC{1,40}") {
            let body = form_urlencoded::Serializer::new(String::new())
                .append_pair("scope", &scope)
                .append_pair("tenant", &tenant)
                .finish();
            let form = parsed(body.as_bytes()).unwrap();
            prop_assert_eq!(form.scope.as_deref(), Some(&*scope));
            prop_assert_eq!(form.tenant.as_deref(), Some(&*tenant));
        }
    }
}
