//! A family as bytes. What changes at every rotation lies at fixed places in front, so that a store can rotate without
//! reading the rest; its size does not change with its age.
//!
//! | bytes | what |
//! | --- | --- |
//! | 0 | the form: 1 |
//! | 1 | the state: 0 live, 1 replayed, 2 revoked |
//! | 2..10 | the generation |
//! | 10..18 | who wrote the last rotation ([`Writer`]) |
//! | 18..23 | the idle end |
//! | 23..63 | the rotations, newest first, 5 bytes each; 0 where there is none |
//! | 63..68, 68..73 | when it began, the absolute end |
//! | 73..78 | how long it may lie unused |
//! | 78..87 | the generation that was last delivered again, and how many in a row |
//! | 87..92 | when it was ended |
//! | 92..100 | `rvs0` |
//!
//! Behind that the key (a byte for its kind, and 32), and the rest with its lengths. Numbers are big-endian; times are
//! seconds.

use crate::family::{Family, FamilyState, Generation, Granted, Rotations, WhyEnded};
use crate::store::StoreFault;
use crate::store::family::Likeness;
use crate::store::record::check_size;
use chancery_revocation::Sequence;
use chancery_token::{Bounds, ClientId, Confirmation, FamilyId, ScopeSet, UnixTime};
use std::str::FromStr;
use std::time::Duration;

const FORM: u8 = 1;
/// The states.
const LIVE: u8 = 0;
const REPLAYED: u8 = 1;
const REVOKED: u8 = 2;
/// Which kind of key a family is bound to.
const UNBOUND: u8 = 0;
const DPOP_KEY: u8 = 1;
const CERTIFICATE: u8 = 2;

/// Marks a rotation, so that a store that is asked again knows its own.
pub(in crate::store) type Writer = [u8; 8];

/// Writes a family.
pub(in crate::store) fn write(family: &Family, writer: Writer) -> Result<Vec<u8>, StoreFault> {
    let mut out = vec![FORM, state(family)];
    out.extend(rotating(family, writer)?);
    out.extend(time(family.created_at)?);
    out.extend(time(family.absolute_end)?);
    out.extend(five(family.idle.as_secs())?);
    let (redelivered, in_a_row) = family.redelivered.unwrap_or_default();
    out.extend(redelivered.0.to_be_bytes());
    out.push(in_a_row);
    out.extend(match family.state {
        FamilyState::Live => [0; 5],
        FamilyState::Ended { at, .. } => time(at)?,
    });
    out.extend(family.rvs0.get().to_be_bytes());
    out.extend(tail(family)?);
    check_size(out.len(), &what(family.id))?;
    Ok(out)
}

/// What follows the fixed places: what families that were begun alike have in common.
pub(in crate::store) fn tail(family: &Family) -> Result<Vec<u8>, StoreFault> {
    let mut out = proof(family.cnf.as_ref());
    out.extend(text(family.client.as_str())?);
    out.extend(text(family.tenant.as_str())?);
    out.extend(text(family.sub.as_ref().map_or("", |sub| sub.as_str()))?);
    out.extend(length(family.act.len())?);
    for actor in &family.act {
        out.extend(text(actor.as_str())?);
    }
    out.extend(length(family.ancestors.len())?);
    out.extend(family.ancestors.iter().flat_map(|id| *id.as_bytes()));
    out.extend(length(family.granted.len())?);
    for Granted { audience, scopes } in &family.granted {
        out.extend(text(audience)?);
        out.extend(text(scopes.as_str())?);
    }
    if !family.bounds.is_empty() {
        let bounds = serde_json::to_string(&family.bounds).map_err(|error| unreadable(family.id, &error))?;
        out.extend(text(&bounds)?);
    }
    Ok(out)
}

/// Reads the family that lies in the place of `id`, and whose rotation was the last.
pub(in crate::store) fn read(id: FamilyId, bytes: &[u8]) -> Result<(Family, Writer), StoreFault> {
    Reader(bytes).family(id).map_err(|detail| unreadable(id, &detail))
}

/// As [`read`], if the family is like `like`: then its names and grants need not be read again.
pub(in crate::store) fn read_like(
    id: FamilyId,
    bytes: &[u8],
    like: &Likeness,
) -> Result<Option<(Family, Writer)>, StoreFault> {
    let mut reader = Reader(bytes);
    let fixed = reader.fixed().map_err(|detail| unreadable(id, &detail))?;
    if reader.0 != like.tail() {
        return Ok(None);
    }
    // By name, each of them: what lies there and is forgotten here would be that of another family.
    let Fixed {
        state,
        generation,
        writer,
        idle_end,
        rotations,
        created_at,
        absolute_end,
        idle,
        redelivered,
        rvs0,
    } = fixed;
    let family = Family {
        id,
        rvs0,
        created_at,
        absolute_end,
        idle,
        idle_end,
        generation,
        rotations,
        redelivered,
        state,
        ..like.family().clone()
    };
    Ok(Some((family, writer)))
}

/// What a rotation writes, from byte 2 on.
pub(in crate::store) fn rotating(family: &Family, writer: Writer) -> Result<Vec<u8>, StoreFault> {
    let mut out = family.generation.0.to_be_bytes().to_vec();
    out.extend(writer);
    out.extend(time(family.idle_end)?);
    let times = family.rotations.newest_first().iter().copied();
    for at in times.chain(std::iter::repeat(UnixTime::from_secs(0))).take(crate::family::KEPT_ROTATIONS) {
        out.extend(time(at)?);
    }
    Ok(out)
}

/// How a record begins whose family lives, and whose newest token has this number.
pub(in crate::store) fn live_at(generation: Generation) -> Vec<u8> {
    [&[FORM, LIVE], generation.0.to_be_bytes().as_slice()].concat()
}

/// A key, or that there is none.
pub(in crate::store) fn proof(cnf: Option<&Confirmation>) -> Vec<u8> {
    let (kind, key) = match cnf {
        None => return vec![UNBOUND],
        Some(Confirmation::DpopKey(key)) => (DPOP_KEY, key),
        Some(Confirmation::Certificate(key)) => (CERTIFICATE, key),
    };
    [&[kind], key.as_slice()].concat()
}

/// A text with its length in front.
pub(in crate::store) fn text(text: &str) -> Result<Vec<u8>, StoreFault> {
    let mut out = length(text.len())?;
    out.extend(text.as_bytes());
    Ok(out)
}

fn state(family: &Family) -> u8 {
    match family.state {
        FamilyState::Live => LIVE,
        FamilyState::Ended { why: WhyEnded::Replayed, .. } => REPLAYED,
        FamilyState::Ended { why: WhyEnded::Revoked, .. } => REVOKED,
    }
}

fn time(at: UnixTime) -> Result<[u8; 5], StoreFault> {
    five(at.as_secs())
}

/// Enough for the next 34,000 years.
fn five(number: u64) -> Result<[u8; 5], StoreFault> {
    match number.to_be_bytes() {
        [0, 0, 0, low @ ..] => Ok(low),
        _ => Err(StoreFault::Io { detail: "a time is too late".into() }),
    }
}

/// One byte up to 127, else two, of which the first has its highest bit set.
fn length(length: usize) -> Result<Vec<u8>, StoreFault> {
    match u16::try_from(length) {
        Ok(short @ 0..0x80) => Ok(short.to_be_bytes().into_iter().skip(1).collect()),
        Ok(long @ 0x80..0x8000) => Ok((long | 0x8000).to_be_bytes().to_vec()),
        _ => Err(StoreFault::Io { detail: "a part of a session is too long to be stored".into() }),
    }
}

fn what(id: FamilyId) -> String {
    format!("family '{id}'")
}

fn unreadable(id: FamilyId, detail: &dyn std::fmt::Display) -> StoreFault {
    StoreFault::Unreadable { what: what(id), detail: detail.to_string() }
}

/// What lies at fixed places.
struct Fixed {
    state: FamilyState,
    generation: Generation,
    writer: Writer,
    idle_end: UnixTime,
    rotations: Rotations,
    created_at: UnixTime,
    absolute_end: UnixTime,
    idle: Duration,
    redelivered: Option<(Generation, u8)>,
    rvs0: Sequence,
}

/// What is left to read.
struct Reader<'r>(&'r [u8]);

impl Reader<'_> {
    fn family(&mut self, id: FamilyId) -> Result<(Family, Writer), String> {
        let fixed = self.fixed()?;
        let family = Family {
            id,
            state: fixed.state,
            generation: fixed.generation,
            idle_end: fixed.idle_end,
            rotations: fixed.rotations,
            created_at: fixed.created_at,
            absolute_end: fixed.absolute_end,
            idle: fixed.idle,
            redelivered: fixed.redelivered,
            rvs0: fixed.rvs0,
            cnf: self.proof()?,
            client: self.name::<ClientId>()?,
            tenant: self.name()?,
            sub: match self.text()? {
                "" => None,
                sub => Some(sub.parse().map_err(|error| format!("{error}"))?),
            },
            act: self.list(Self::name)?,
            ancestors: self.list(|rest| Ok(FamilyId::from_bytes(rest.array()?)))?,
            granted: self.list(Self::granted)?,
            bounds: self.bounds()?,
        };
        if self.0.is_empty() { Ok((family, fixed.writer)) } else { Err("something follows it".to_owned()) }
    }

    fn fixed(&mut self) -> Result<Fixed, String> {
        let [form, state] = self.array()?;
        if form != FORM {
            return Err(format!("it has form {form}, and this program knows form {FORM}"));
        }
        let generation = Generation(u64::from_be_bytes(self.array()?));
        let writer = self.array()?;
        let idle_end = self.time()?;
        let rotations = self.rotations()?;
        let (created_at, absolute_end) = (self.time()?, self.time()?);
        let idle = Duration::from_secs(self.five()?);
        let redelivered = Generation(u64::from_be_bytes(self.array()?));
        let [in_a_row] = self.array()?;
        let at = self.time()?;
        let state = match state {
            LIVE => FamilyState::Live,
            REPLAYED => FamilyState::Ended { at, why: WhyEnded::Replayed },
            REVOKED => FamilyState::Ended { at, why: WhyEnded::Revoked },
            other => return Err(format!("its state is {other}, which means nothing here")),
        };
        let redelivered = (in_a_row > 0).then_some((redelivered, in_a_row));
        let rvs0 = Sequence::new(u64::from_be_bytes(self.array()?));
        Ok(Fixed {
            state,
            generation,
            writer,
            idle_end,
            rotations,
            created_at,
            absolute_end,
            idle,
            redelivered,
            rvs0,
        })
    }

    fn rotations(&mut self) -> Result<Rotations, String> {
        let mut times = Vec::with_capacity(crate::family::KEPT_ROTATIONS);
        for _ in 0..crate::family::KEPT_ROTATIONS {
            times.push(self.time()?);
        }
        Ok(Rotations::from_newest_first(times.into_iter().take_while(|at| at.as_secs() > 0)))
    }

    fn proof(&mut self) -> Result<Option<Confirmation>, String> {
        let [kind] = self.array()?;
        match kind {
            UNBOUND => Ok(None),
            DPOP_KEY => Ok(Some(Confirmation::DpopKey(self.array()?))),
            CERTIFICATE => Ok(Some(Confirmation::Certificate(self.array()?))),
            other => Err(format!("its key is of kind {other}, which this program does not know")),
        }
    }

    fn granted(&mut self) -> Result<Granted, String> {
        let audience = self.text()?.to_owned();
        Ok(Granted { audience, scopes: ScopeSet::parse(self.text()?).map_err(|error| error.to_string())? })
    }

    fn bounds(&mut self) -> Result<Bounds, String> {
        if self.0.is_empty() {
            return Ok(Bounds::default());
        }
        serde_json::from_str(self.text()?).map_err(|error| error.to_string())
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        (0..self.length()?).map(|_| one(self)).collect()
    }

    fn name<T: FromStr<Err: ToString>>(&mut self) -> Result<T, String> {
        self.text()?.parse().map_err(|error: T::Err| error.to_string())
    }

    fn text(&mut self) -> Result<&str, String> {
        let length = self.length()?;
        let (text, rest) = self.0.split_at_checked(length).ok_or_else(cut_off)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|error| error.to_string())
    }

    fn length(&mut self) -> Result<usize, String> {
        let [first] = self.array()?;
        if first < 0x80 {
            return Ok(first.into());
        }
        let [second] = self.array()?;
        Ok(u16::from_be_bytes([first & 0x7f, second]).into())
    }

    fn time(&mut self) -> Result<UnixTime, String> {
        self.five().map(UnixTime::from_secs)
    }

    fn five(&mut self) -> Result<u64, String> {
        Ok(self.array::<5>()?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (array, rest) = self.0.split_first_chunk().ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(*array)
    }
}

fn cut_off() -> String {
    "it is cut off".to_owned()
}

#[cfg(test)]
mod tests;
