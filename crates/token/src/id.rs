//! The names that stand in tokens.

use crate::encoding::{array_from_base64url, base64url_in};
use std::fmt;
use std::str::FromStr;

/// A name that is not in its alphabet or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} has 1 to {most} characters of A-Z a-z 0-9 '-' '_' '.'{extra}, and is neither '.' nor '..'")]
pub struct InvalidName {
    what: &'static str,
    most: usize,
    extra: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $most:literal, $extra:literal, $others:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let legal =
                    |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.') || $others.contains(&b);
                // In a path these two mean another place (RFC 3986 section 5.2.4).
                let is_place = matches!(text, "." | "..");
                if (1..=$most).contains(&text.len()) && text.bytes().all(legal) && !is_place {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidName { what: $what, most: $most, extra: $extra })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

name!(
    /// An OAuth client (RFC 6749 section 2.2). Holds no `:`, so that subjects like `user:alice` can never be
    /// taken for a client (RFC 9700 section 4.15).
    ClientId, "a client id", 64, "", b""
);
name!(
    /// The tenant whose records a token may touch.
    TenantId, "a tenant", 64, "", b""
);
name!(
    /// Whoever a token speaks for: the client itself, or later a person (`user:alice`).
    Subject, "a subject", 128, " ':' '@'", b":@"
);

impl From<ClientId> for Subject {
    fn from(client: ClientId) -> Self {
        Self(client.0)
    }
}

impl Subject {
    /// Whether this is `client` itself.
    pub fn is_client(&self, client: &ClientId) -> bool {
        self.0 == client.0
    }

    /// Whether this is a person: the namespace that no client id can reach.
    pub fn is_user(&self) -> bool {
        self.0.starts_with("user:")
    }
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Wraps 16 bytes, which must be uniformly random where the id is made.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads 22 characters of base64url.
            pub fn parse(text: &str) -> Option<Self> {
                array_from_base64url(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(base64url_in(&self.0, &mut [0; 24]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), base64url_in(&self.0, &mut [0; 24]))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(base64url_in(&self.0, &mut [0; 24]))
            }
        }
    };
}

random_id!(
    /// The `jti` of a token (RFC 7519 section 4.1.7): 16 random bytes.
    TokenId
);
random_id!(
    /// The `sid` of a token: the refresh family it came from, 16 random bytes.
    FamilyId
);

/// Which world a credential belongs to. One issuer serves one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real records.
    Live,
    /// Everything else.
    Test,
}

impl Environment {
    /// The value of the `env` claim.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(text: &str) -> Result<Self, UnknownEnvironment> {
        match text {
            "live" => Ok(Self::Live),
            "test" => Ok(Self::Test),
            _ => Err(UnknownEnvironment),
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Neither `live` nor `test`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an environment is 'live' or 'test'")]
pub struct UnknownEnvironment;

/// How a token is written. An audience has one format, and a verifier accepts that one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JWT access token, `typ: at+jwt` (RFC 9068).
    Jwt,
    /// PASETO v4.public.
    Paseto,
}

impl Format {
    /// The word for it in configuration, flags and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Paseto => "paseto",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text {
            "jwt" => Ok(Self::Jwt),
            "paseto" => Ok(Self::Paseto),
            _ => Err(UnknownFormat),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Neither `jwt` nor `paseto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a format is 'jwt' or 'paseto'")]
pub struct UnknownFormat;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_never_reaches_the_namespace_of_people() {
        assert!("user:alice".parse::<ClientId>().is_err());
        let subject: Subject = "user:alice".parse().unwrap();
        assert!(subject.is_user() && !subject.is_client(&"alice".parse().unwrap()));
    }

    #[test]
    fn names_keep_to_their_alphabet() {
        for text in ["", "a b", "a\n", "a\"", "a\\", "ä", "a/b", "a:b", "a*"] {
            assert!(text.parse::<ClientId>().is_err() && text.parse::<TenantId>().is_err(), "{text:?}");
        }
        assert!(["a\"", "a\\", "a\0", "a b"].iter().all(|text| text.parse::<Subject>().is_err()));
        assert!("a".repeat(64).parse::<TenantId>().is_ok() && "a".repeat(65).parse::<TenantId>().is_err());
    }

    #[test]
    fn a_name_is_no_step_of_a_path() {
        for text in [".", ".."] {
            let refused = text.parse::<ClientId>().unwrap_err();
            assert!(refused.to_string().contains("neither '.' nor '..'"), "{refused}");
            assert!(text.parse::<TenantId>().is_err() && text.parse::<Subject>().is_err());
        }
        assert!(["...", ".a", "a."].iter().all(|text| text.parse::<ClientId>().is_ok()));
    }

    #[test]
    fn a_token_id_has_one_spelling() {
        let id = TokenId::from_bytes([255; 16]);
        assert_eq!(TokenId::parse(&id.to_string()), Some(id));
        assert_eq!(TokenId::parse("_____________________x"), None);
        assert_eq!(TokenId::parse("abc"), None);
    }
}
