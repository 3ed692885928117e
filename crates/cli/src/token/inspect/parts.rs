//! A token taken apart. Nothing in it may be believed.

use chancery_token::UnixTime;
use chancery_token::encoding::from_base64url;
use serde_json::Value;

/// What it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `typ` says JWT access token (RFC 9068).
    JwtAccessToken,
    /// Another JWT.
    OtherJwt,
    /// The footer says access token of ours.
    PasetoAccessToken,
    /// Another v4.public.
    OtherPaseto,
}

/// Header and claims.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) what: What,
    /// JOSE header, or PASETO footer.
    pub(super) header: Value,
    pub(super) claims: Value,
}

impl What {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::JwtAccessToken => "jwt_access_token",
            Self::OtherJwt => "jwt",
            Self::PasetoAccessToken => "paseto_access_token",
            Self::OtherPaseto => "paseto",
        }
    }

    pub(super) fn title(self, environment: Option<&str>) -> String {
        let world = environment.map_or_else(String::new, |name| format!(", {name} environment"));
        match self {
            Self::JwtAccessToken => format!("JWT access token (RFC 9068){world}"),
            Self::OtherJwt => "a JWT that is no access token of ours".to_owned(),
            Self::PasetoAccessToken => format!("PASETO v4.public access token{world}"),
            Self::OtherPaseto => "a PASETO v4.public that is no access token of ours".to_owned(),
        }
    }
}

impl Parts {
    /// Takes a token apart; `None` when it has neither form.
    pub(super) fn read(token: &str) -> Option<Self> {
        token.strip_prefix("v4.public.").map_or_else(|| Self::jwt(token), Self::paseto)
    }

    fn jwt(token: &str) -> Option<Self> {
        let segments: Vec<&str> = token.split('.').collect();
        let [header, payload, _] = segments.as_slice() else { return None };
        let (header, claims) = (object(&from_base64url(header)?)?, object(&from_base64url(payload)?)?);
        let typ = header.get("typ").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let is_access_token = typ.strip_prefix("application/").unwrap_or(&typ) == "at+jwt";
        let what = if is_access_token { What::JwtAccessToken } else { What::OtherJwt };
        Some(Self { what, header, claims })
    }

    fn paseto(rest: &str) -> Option<Self> {
        let (body, footer) = rest.split_once('.').unwrap_or((rest, ""));
        let body = from_base64url(body)?;
        // The last 64 bytes are the signature.
        let claims = object(body.get(..body.len().checked_sub(64)?)?)?;
        let footer = from_base64url(footer)?;
        let header = object(&footer).unwrap_or_else(|| String::from_utf8_lossy(&footer).into());
        let is_access_token = header.get("typ").and_then(Value::as_str) == Some("at+paseto");
        let what = if is_access_token { What::PasetoAccessToken } else { What::OtherPaseto };
        Some(Self { what, header, claims })
    }

    /// Whether it says that it is an access token of an issuer like ours.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.what, What::JwtAccessToken | What::PasetoAccessToken)
            && self.claims.get("rvs").is_some()
    }

    /// A claim that is a time, in either spelling.
    pub(super) fn time(&self, claim: &str) -> Option<UnixTime> {
        let value = self.claims.get(claim)?;
        let seconds = value.as_u64().map(UnixTime::from_secs).filter(|time| *time <= UnixTime::MAX);
        seconds.or_else(|| UnixTime::from_rfc3339(value.as_str()?))
    }

    /// The name of the key.
    pub(super) fn kid(&self) -> Option<String> {
        self.header.get("kid").and_then(Value::as_str).map(str::to_owned)
    }
}

fn object(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().filter(Value::is_object)
}
