//! A thief who has the signing key writes into tokens whatever helps; revoking the key ends all of them.

use crate::dice::{Dice, rounds};
use crate::gate::{Gate, Places};
use crate::issuer::{Admin, ISSUER, Machine, any_id};
use crate::support::{Http, Server};
use chancery_issuer::keyring::{Keyring, KeyringSetup, Schedule};
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::store::SqliteStore;
use chancery_token::{AlgorithmName, Claims, Format, KeySet, TokenSigner};
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::entropy::SystemEntropy;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Builder;

/// The highest sequence that a token can name: 2^53 − 1 (docs/PROTOCOL.md).
const HIGHEST: u64 = (1 << 53) - 1;

/// What a thief takes who comes by the master key and the store.
fn steal(machine: &Machine) -> Arc<TokenSigner> {
    let master = MasterKey::read(&machine.folder.file("keys/master.key")).unwrap();
    let minute = Duration::from_mins(1);
    let setup = KeyringSetup {
        issuer: ISSUER.to_owned(),
        algorithm: AlgorithmName::EdDsa,
        schedule: Schedule::new(minute, minute, minute).unwrap(),
    };
    let now = SystemClock::new().now();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&machine.store()).unwrap();
        let keyring = Keyring::open(&store, master, setup, now, &SystemEntropy).await.unwrap();
        keyring.signer(Format::Jwt, now)
    })
}

/// Tokens that the thief makes of an honest one.
fn mint(signer: &TokenSigner, honest: &Claims, count: u32, dice: &mut Dice) -> Vec<String> {
    let forge = |_| {
        let mut claims = honest.clone();
        claims.jti = any_id(dice);
        claims.rvs = *dice.one_of(&[honest.rvs, honest.rvs + 1, honest.rvs + 1_000_000, HIGHEST]);
        // Together they are within the hour that a verifier grants.
        let (back, life) = (*dice.one_of(&[0, 60, 600]), *dice.one_of(&[60, 900, 3000]));
        claims.iat = honest.iat.minus(Duration::from_secs(back));
        claims.exp = honest.iat.plus(Duration::from_secs(life));
        if dice.heads() {
            claims.tenant = "globex".parse().unwrap();
        }
        if dice.heads() {
            claims.client_id = "nobody".parse().unwrap();
            claims.sub = "nobody".parse().unwrap();
        }
        signer.sign(&claims).unwrap()
    };
    (0..count).map(forge).collect()
}

fn claims_of(token: &str, server: &Server, http: &Http) -> Claims {
    let keys = http.get(&server.at("/.well-known/jwks.json")).body.to_string();
    let keys = KeySet::read(Format::Jwt, keys.as_bytes()).unwrap().keys;
    keys.open(token).unwrap().claims().clone()
}

#[test]
fn revoking_a_stolen_key_ends_every_token_that_it_signed() {
    let mut dice = Dice::thrown("stolen key");
    let (machine, http) = (Machine::embedded(), Http::new());
    let server = machine.serve();
    machine.register("billing");
    let admin = Admin::of(&machine, &server.url);
    let places = Places { keys: server.url.clone(), log: vec![server.url.clone()] };
    let gate = Gate::open(&places, Arc::new(SystemClock::new()));
    let honest = machine.token(&http, &server.url, "billing");
    let thief = steal(&machine);
    let claims = claims_of(&honest, &server, &http);
    let forged = mint(&thief, &claims, rounds(), &mut dice);
    for token in &forged {
        assert_eq!(gate.says(token), "good", "the thief has the right key: {token}");
    }
    // What a thief's token cannot be caught by: nobody knows its id, and its sequence lies ahead of every name's.
    admin.revoke(&json!({"kind": "client", "id": "billing", "reason": "it looked like its fault"}));
    let all = admin.revoke(&json!({"kind": "all", "reason": "nobody knew what else to do"}));
    gate.reaches(all);
    assert_eq!(gate.says(&honest), "revoked");
    assert!(forged.iter().any(|token| gate.says(token) == "good"), "names end what names an early sequence");

    // The administrator's token ended, too.
    let admin = Admin::of(&machine, &server.url);
    let at = admin.revoke(&json!({"kind": "key", "id": thief.kid(), "reason": "it was stolen"}));
    gate.reaches(at);
    let later = mint(&thief, &claims, rounds(), &mut dice);
    for token in forged.iter().chain(&later).chain([&honest]) {
        assert_eq!(gate.says(token), "revoked", "{token}");
    }
    // Honest clients get tokens by the next key at once, and a verifier that starts now takes them.
    let fresh = machine.token(&http, &server.url, "billing");
    let newcomer = Gate::open(&places, Arc::new(SystemClock::new()));
    assert_eq!(newcomer.says(&fresh), "good");
    for token in forged.iter().chain(&later) {
        assert_ne!(newcomer.says(token), "good", "{token}");
    }
    gate.comes_to(&fresh, "good");
    // Nothing brings it back: not a restart of the issuer, nor another thief's visit.
    server.kill();
    let server = machine.serve();
    let places = Places { keys: server.url.clone(), log: vec![server.url.clone()] };
    let newcomer = Gate::open(&places, Arc::new(SystemClock::new()));
    for token in &forged {
        assert_ne!(newcomer.says(token), "good", "{token}");
    }
}
