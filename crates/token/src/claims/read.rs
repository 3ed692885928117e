//! From signed bytes to claims.

use super::{Claims, Confirmation, MAX_ACTORS, MAX_ANCESTORS, TimeForm};
use crate::bounds::Bounds;
use crate::encoding::array_from_base64url;
use crate::id::{FamilyId, Subject, TokenId};
use crate::json::{self, Json, JsonFault, Members, Most, member};
use crate::malformed::{ClaimFault, Malformed};
use crate::scope::{Scope, ScopeSet};
use crate::time::UnixTime;
use std::borrow::Cow;
use std::cell::Cell;
use std::str::FromStr;

impl Claims {
    /// Reads the payload of a token. Members that are not ours are ignored, but never twice the same.
    pub fn from_json(payload: &[u8], times: TimeForm) -> Result<Self, Malformed> {
        let text = str::from_utf8(payload).map_err(|_| Malformed::ClaimsNotUtf8)?;
        let members = json::object(text, Most::Claims).map_err(|fault| match fault {
            JsonFault::Duplicate => Malformed::ClaimsDuplicated,
            JsonFault::TooDeep | JsonFault::TooMany => Malformed::ClaimsTooComplex,
            JsonFault::NumberRange => Malformed::ClaimsNumberRange,
            JsonFault::NotAnObject | JsonFault::Syntax => Malformed::ClaimsNotJson,
        })?;
        let payload = Payload { members: &members, next: Cell::new(0), times };
        // In the order they are written, so that each is found where the last one ended.
        Ok(Self {
            iss: payload.text("iss")?.to_owned(),
            aud: payload.audience()?.to_owned(),
            sub: payload.name("sub")?,
            client_id: payload.name("client_id")?,
            iat: payload.time("iat", Round::Down)?.ok_or(missing("iat"))?,
            exp: payload.time("exp", Round::Down)?.ok_or(missing("exp"))?,
            nbf: payload.time("nbf", Round::Up)?,
            jti: payload.token_id()?,
            scope: payload.scope()?,
            tenant: payload.name("tenant")?,
            bounds: payload.bounds()?,
            sid: payload.family_id()?,
            rvs: payload.sequence()?,
            cnf: payload.confirmation()?,
            act: payload.actors()?,
            anc: payload.ancestors()?,
            env: payload.name("env")?,
        })
    }
}

/// Which whole second a fraction becomes: always the one that makes the token worth less.
#[derive(Clone, Copy)]
pub(crate) enum Round {
    Down,
    Up,
}

struct Payload<'m, 'a> {
    members: &'m Members<'a>,
    /// Where the next claim is expected: behind the last one found.
    next: Cell<usize>,
    times: TimeForm,
}

impl<'m, 'a> Payload<'m, 'a> {
    fn claim(&self, name: &str) -> Option<&'m Json<'a>> {
        let is_it = |(known, _): &(Cow<'a, str>, Json<'a>)| known == name;
        let expected = self.next.get();
        let at = match self.members.get(expected) {
            Some(member) if is_it(member) => expected,
            _ => self.members.iter().position(is_it)?,
        };
        self.next.set(at + 1);
        self.members.get(at).map(|(_, value)| value)
    }

    fn text(&self, claim: &'static str) -> Result<&'m str, Malformed> {
        match self.claim(claim) {
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
        let Some(value) = self.claim(claim) else { return Ok(None) };
        match (self.times, value) {
            (TimeForm::Rfc3339, Json::Text(text)) => {
                let time = match round {
                    Round::Down => UnixTime::from_rfc3339(text),
                    Round::Up => UnixTime::from_rfc3339_up(text),
                };
                time.map(Some).ok_or(malformed(claim))
            }
            (TimeForm::NumericDate, Json::Unsigned(seconds)) => {
                let time = UnixTime::from_secs(*seconds);
                if time > UnixTime::MAX { Err(fault(claim, ClaimFault::OutOfRange)) } else { Ok(Some(time)) }
            }
            (TimeForm::NumericDate, Json::Negative) => Err(fault(claim, ClaimFault::Negative)),
            (TimeForm::NumericDate, Json::Float(seconds)) => {
                whole_seconds(*seconds, round).map(Some).map_err(|what| fault(claim, what))
            }
            _ => Err(wrong_type(claim)),
        }
    }

    /// One audience: a text, or in a JWT a list of one text (RFC 7519 section 4.1.3).
    fn audience(&self) -> Result<&'m str, Malformed> {
        match (self.claim("aud"), self.times) {
            (Some(Json::List(list)), TimeForm::NumericDate) => match list.as_slice() {
                [Json::Text(text)] if !text.is_empty() => Ok(text),
                [Json::Text(_)] | [] => Err(malformed("aud")),
                [_] => Err(wrong_type("aud")),
                _ => Err(fault("aud", ClaimFault::Several)),
            },
            (Some(Json::Text(text)), _) if !text.is_empty() => Ok(text),
            (Some(Json::Text(_)), _) => Err(malformed("aud")),
            (Some(_), _) => Err(wrong_type("aud")),
            (None, _) => Err(missing("aud")),
        }
    }

    /// One text (RFC 8693 section 4.2), which is what we write, or a list of texts, which some issuers write
    /// (rule ).
    fn scope(&self) -> Result<ScopeSet, Malformed> {
        let Some(Json::List(list)) = self.claim("scope") else {
            return ScopeSet::parse(self.text("scope")?).map_err(|_| malformed("scope"));
        };
        let scope = |value: &Json<'_>| match value {
            Json::Text(text) => text.parse::<Scope>().map_err(|_| malformed("scope")),
            _ => Err(wrong_type("scope")),
        };
        let scopes = list.iter().map(scope).collect::<Result<Vec<_>, _>>()?;
        ScopeSet::from_scopes(&scopes).map_err(|_| malformed("scope"))
    }

    fn token_id(&self) -> Result<TokenId, Malformed> {
        TokenId::parse(self.text("jti")?).ok_or(malformed("jti"))
    }

    fn family_id(&self) -> Result<Option<FamilyId>, Malformed> {
        match self.claim("sid") {
            None => Ok(None),
            Some(Json::Text(text)) => FamilyId::parse(text).map(Some).ok_or(malformed("sid")),
            Some(_) => Err(wrong_type("sid")),
        }
    }

    fn sequence(&self) -> Result<u64, Malformed> {
        match self.claim("rvs") {
            None => Err(missing("rvs")),
            Some(Json::Unsigned(sequence)) => Ok(*sequence),
            Some(Json::Negative | Json::Float(_)) => Err(malformed("rvs")),
            Some(_) => Err(wrong_type("rvs")),
        }
    }

    fn bounds(&self) -> Result<Bounds, Malformed> {
        match self.claim("bounds") {
            None => Ok(Bounds::default()),
            Some(value @ Json::Object(_)) => Bounds::from_json(value).map_err(|_| malformed("bounds")),
            Some(_) => Err(wrong_type("bounds")),
        }
    }

    fn confirmation(&self) -> Result<Option<Confirmation>, Malformed> {
        let Some(value) = self.claim("cnf") else { return Ok(None) };
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
        let mut next = self.claim("act");
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
        match self.claim("anc") {
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

/// Turns a finite float into seconds without a cast that could wrap.
pub(crate) fn whole_seconds(seconds: f64, round: Round) -> Result<UnixTime, ClaimFault> {
    if seconds < 0.0 {
        return Err(ClaimFault::Negative);
    }
    let whole = match round {
        Round::Down => seconds.floor(),
        Round::Up => seconds.ceil(),
    };
    // `abs` turns -0 into 0. `Display` of a whole float below 2^53 is its exact digits, and larger ones are far
    // past the year 9999.
    let seconds =
        whole.abs().to_string().parse().map(UnixTime::from_secs).map_err(|_| ClaimFault::OutOfRange)?;
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
