//! What a family is taken for by somebody who did not read it.

use super::encoding;
use crate::family::Family;
use crate::store::StoreFault;
use chancery_token::UnixTime;

/// A family whose like others are: those that a client begins in the same way differ in their ids, times and numbers only.
/// What is decided of one before its record is read holds for another if that is like it, which the store says in the same
/// step that it advances it in.
#[derive(Debug)]
pub struct Likeness {
    family: Family,
    tail: Vec<u8>,
}

impl Likeness {
    /// Of this family and of those like it.
    pub fn of(family: Family) -> Result<Self, StoreFault> {
        Ok(Self { tail: encoding::tail(&family)?, family })
    }

    /// The family that the others are like.
    pub fn family(&self) -> &Family {
        &self.family
    }

    /// How the records of all of them end.
    pub(in crate::store) fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// Whether `family` is like it.
    pub fn is_of(&self, family: &Family) -> bool {
        let Family { client, tenant, sub, act, ancestors, granted, bounds, cnf, .. } = &self.family;
        (client, tenant, sub, act) == (&family.client, &family.tenant, &family.sub, &family.act)
            && (ancestors, granted) == (&family.ancestors, &family.granted)
            && (bounds, cnf) == (&family.bounds, &family.cnf)
    }

    /// Whether `family` is like it, and not over before `until` whatever becomes of it.
    pub(in crate::store) fn fits(&self, family: &Family, until: UnixTime) -> bool {
        family.absolute_end >= until && self.is_of(family)
    }
}
