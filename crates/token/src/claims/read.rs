//! From signed bytes to claims.

use super::{Claims, Confirmation, MAX_ACTORS, MAX_ANCESTORS, TimeForm};
use crate::bounds::Bounds;
use crate::encoding::array_from_base64url;
use crate::id::{Subject, TokenId};
use crate::json::{self, Json, JsonFault, Members, member};
use crate::malformed::{ClaimFault, Malformed};
use crate::scope::{Scope, ScopeSet};
use crate::time::UnixTime;
use std::str::FromStr;

impl Claims {
    /// Reads the payload of a token. Members that are not ours are ignored, but never twice the same.
    pub fn from_json(payload: &[u8], times: TimeForm) -> Result<Self, Malformed> {
        let text = str::from_utf8(payload).map_err(|_| Malformed::ClaimsNotUtf8)?;
        let members = json::object(text).map_err(|fault| match fault {
            JsonFault::Duplicate => Malformed::ClaimsDuplicated,
            JsonFault::TooDeep | JsonFault::TooMany => Malformed::ClaimsTooComplex,
            // Only a time can be meant to be that large.
            JsonFault::NumberRange => Malformed::Claim { claim: "exp", fault: ClaimFault::OutOfRange },
            JsonFault::NotAnObject | JsonFault::Syntax => Malformed::ClaimsNotJson,
        })?;
        let payload = Payload { members: &members, times };
        Ok(Self {
            exp: payload.time("exp", Round::Down)?.ok_or(missing("exp"))?,
            iat: payload.time("iat", Round::Down)?.ok_or(missing("iat"))?,
            nbf: payload.time("nbf", Round::Up)?,
            iss: payload.text("iss")?.to_owned(),
            aud: payload.audience()?.to_owned(),
            sub: payload.name("sub")?,
            client_id: payload.name("client_id")?,
            jti: payload.token_id()?,
            scope: payload.scope()?,
            tenant: payload.name("tenant")?,
            bounds: payload.bounds()?,
            sid: payload.random_id("sid")?.map(crate::id::FamilyId::from_bytes),
            rvs: payload.sequence()?,
            cnf: payload.confirmation()?,
            act: payload.actors()?,
            anc: payload.ancestors()?,
            env: payload.name("env")?,
        })
    }
}

enum Round {
    Down,
    Up,
}

struct Payload<'m, 'a> {
    members: &'m Members<'a>,
    times: TimeForm,
}

impl<'m> Payload<'m, '_> {
    fn text(&self, claim: &'static str) -> Result<&'m str, Malformed> {
        match member(self.members, claim) {
            None => Err(missing(claim)),
            Some(Json::Text(text)) if text.is_empty() => Err(malformed(claim)),
            Some(Json::Text(text)) => Ok(text),
            Some(_) => Err(wrong_type(claim)),
        }
    }

    fn name<T: FromStr>(&self, claim: &'static str) -> Result<T, Malformed> {
        self.text(claim)?.parse().map_err(|_| malformed(claim))
    }

    fn time(&self, claim: &'static str, round: Round) -> Result<Option<UnixTime>, Malformed> {
        let Some(value) = member(self.members, claim) else { return Ok(None) };
        match (self.times, value) {
            (TimeForm::Rfc3339, Json::Text(text)) => {
                UnixTime::from_rfc3339(text).map(Some).ok_or(malformed(claim))
            }
            (TimeForm::NumericDate, Json::Unsigned(seconds)) => {
                let time = UnixTime::from_secs(*seconds);
                if time > UnixTime::MAX { Err(fault(claim, ClaimFault::OutOfRange)) } else { Ok(Some(time)) }
            }
            (TimeForm::NumericDate, Json::Negative) => Err(fault(claim, ClaimFault::Negative)),
            (TimeForm::NumericDate, Json::Float(seconds)) => {
                let whole = match round {
                    Round::Down => seconds.floor(),
                    Round::Up => seconds.ceil(),
                };
                whole_seconds(whole).map(Some).map_err(|what| fault(claim, what))
            }
            _ => Err(wrong_type(claim)),
        }
    }

    /// One audience: a text, or in a JWT a list of one text (RFC 7519 section 4.1.3).
    fn audience(&self) -> Result<&'m str, Malformed> {
        match (member(self.members, "aud"), self.times) {
            (Some(Json::List(list)), TimeForm::NumericDate) => match list.as_slice() {
                [Json::Text(text)] if !text.is_empty() => Ok(text),
                [Json::Text(_)] | [] => Err(malformed("aud")),
                [_] => Err(wrong_type("aud")),
                _ => Err(fault("aud", ClaimFault::Several)),
            },
            _ => self.text("aud"),
        }
    }

    /// The text of RFC 9068, or a list of texts as some issuers write it.
    fn scope(&self) -> Result<ScopeSet, Malformed> {
        match member(self.members, "scope") {
            Some(Json::List(list)) => {
                let scope = |value: &Json<'_>| match value {
                    Json::Text(text) => text.parse::<Scope>().map_err(|_| malformed("scope")),
                    _ => Err(wrong_type("scope")),
                };
                let scopes = list.iter().map(scope).collect::<Result<Vec<_>, _>>()?;
                ScopeSet::from_scopes(&scopes).map_err(|_| malformed("scope"))
            }
            _ => ScopeSet::parse(self.text("scope")?).map_err(|_| malformed("scope")),
        }
    }

    fn token_id(&self) -> Result<TokenId, Malformed> {
        TokenId::parse(self.text("jti")?).ok_or(malformed("jti"))
    }

    fn random_id(&self, claim: &'static str) -> Result<Option<[u8; 16]>, Malformed> {
        if member(self.members, claim).is_none() {
            return Ok(None);
        }
        array_from_base64url(self.text(claim)?).map(Some).ok_or(malformed(claim))
    }

    fn sequence(&self) -> Result<u64, Malformed> {
        match member(self.members, "rvs") {
            None => Err(missing("rvs")),
            Some(Json::Unsigned(sequence)) => Ok(*sequence),
            Some(Json::Negative | Json::Float(_)) => Err(malformed("rvs")),
            Some(_) => Err(wrong_type("rvs")),
        }
    }

    fn bounds(&self) -> Result<Bounds, Malformed> {
        member(self.members, "bounds")
            .map_or(Ok(Bounds::default()), |value| Bounds::from_json(value).map_err(|_| malformed("bounds")))
    }

    fn confirmation(&self) -> Result<Option<Confirmation>, Malformed> {
        let Some(value) = member(self.members, "cnf") else { return Ok(None) };
        let Json::Object(members) = value else { return Err(wrong_type("cnf")) };
        // A confirmation that we do not understand must not be taken for none.
        let [(method, Json::Text(hash))] = members.as_slice() else { return Err(malformed("cnf")) };
        let hash = array_from_base64url(hash).ok_or(malformed("cnf"))?;
        match &**method {
            "jkt" => Ok(Some(Confirmation::DpopKey(hash))),
            "x5t#S256" => Ok(Some(Confirmation::Certificate(hash))),
            _ => Err(malformed("cnf")),
        }
    }

    fn actors(&self) -> Result<Vec<Subject>, Malformed> {
        let mut actors = Vec::new();
        let mut next = member(self.members, "act");
        while let Some(value) = next {
            let Json::Object(members) = value else { return Err(wrong_type("act")) };
            if actors.len() == MAX_ACTORS {
                return Err(fault("act", ClaimFault::TooLong));
            }
            match member(members, "sub") {
                Some(Json::Text(sub)) => actors.push(sub.parse().map_err(|_| malformed("act"))?),
                _ => return Err(malformed("act")),
            }
            next = member(members, "act");
        }
        Ok(actors)
    }

    fn ancestors(&self) -> Result<Vec<TokenId>, Malformed> {
        match member(self.members, "anc") {
            None => Ok(Vec::new()),
            Some(Json::List(list)) if list.len() > MAX_ANCESTORS => Err(fault("anc", ClaimFault::TooLong)),
            Some(Json::List(list)) => {
                let ancestor = |value: &Json<'_>| match value {
                    Json::Text(text) => TokenId::parse(text).ok_or(malformed("anc")),
                    _ => Err(wrong_type("anc")),
                };
                list.iter().map(ancestor).collect()
            }
            Some(_) => Err(wrong_type("anc")),
        }
    }
}

/// Turns a whole, finite float into seconds without a cast that could wrap.
fn whole_seconds(whole: f64) -> Result<UnixTime, ClaimFault> {
    if whole < 0.0 {
        return Err(ClaimFault::Negative);
    }
    // `Display` of a whole float below 2^53 is its exact digits; larger ones are far past the year 9999.
    let seconds = whole.to_string().parse().map(UnixTime::from_secs).map_err(|_| ClaimFault::OutOfRange)?;
    if seconds > UnixTime::MAX { Err(ClaimFault::OutOfRange) } else { Ok(seconds) }
}

const fn fault(claim: &'static str, fault: ClaimFault) -> Malformed {
    Malformed::Claim { claim, fault }
}

const fn missing(claim: &'static str) -> Malformed {
    fault(claim, ClaimFault::Missing)
}

const fn malformed(claim: &'static str) -> Malformed {
    fault(claim, ClaimFault::Malformed)
}

const fn wrong_type(claim: &'static str) -> Malformed {
    fault(claim, ClaimFault::WrongType)
}
