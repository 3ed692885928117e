//! What breaks under the revocation log: power cuts, lost stores, forged documents, bad networks. Nothing that was
//! acknowledged as revoked may ever be accepted again.
#![cfg(test)]

mod dice;
mod gate;
mod issuer;
mod meddler;
mod power;

#[path = "../it"]
#[expect(dead_code, unused_imports, reason = "the other suite uses the rest of it")]
mod it {
    pub(crate) mod support;
}
use it::support;

mod bare_redis;
mod cut_off;
mod families;
mod fleet;
mod forged;
mod killed;
mod lost;
mod network;
mod restarted;
mod stolen_key;
