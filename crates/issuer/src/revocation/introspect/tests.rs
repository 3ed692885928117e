use super::*;
use chancery_revocation::{DocumentSigner, Freshness, Kill, LogId, Retention, RevocationKeys};
use chancery_token::{
    AlgorithmName, Environment, FamilyId, Format, KeySet, SecretKey, Signer, Subject, TokenId, TokenSigner,
};
use chancery_token::{Confirmation, jwk, paserk};
use std::sync::Arc;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const ISSUER: &str = "https://auth.example";
const SHOP: &str = "https://shop.example";
const ARCHIVE: &str = "https://archive.example";
const MINUTE: Duration = Duration::from_mins(1);

/// An issuer, reduced to what decides.
struct Office {
    settings: Settings,
    catalog: Catalog,
    keys: OwnKeys,
    log: Log,
}

struct Key {
    secret: SecretKey,
    kid: String,
}

impl Key {
    fn new(seed: u8, format: Format) -> Self {
        let secret = SecretKey::from_seed(&[seed; 32]);
        let public = secret.public();
        let kid = match format {
            Format::Jwt => jwk::thumbprint(&public),
            Format::Paseto => paserk::pid(&public),
        };
        Self { secret, kid }
    }
}

impl Signer for Key {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message)
    }
}

fn key_set(seed: u8, format: Format) -> KeySet {
    KeySet::from_keys(format, [Key::new(seed, format).secret.public()]).unwrap()
}

fn jwt(seed: u8, claims: &Claims) -> String {
    TokenSigner::jwt(Arc::new(Key::new(seed, Format::Jwt)), AlgorithmName::EdDsa).sign(claims).unwrap()
}

fn paseto(seed: u8, claims: &Claims) -> String {
    TokenSigner::paseto(Arc::new(Key::new(seed, Format::Paseto))).sign(claims).unwrap()
}

fn catalog() -> Catalog {
    let product = |name: &str, audience: &str, more: &str| {
        format!(
            "[product.{name}]\naudience = \"{audience}\"\nresource_servers = [\"{name}-api\"]\n{more}\n\
             [product.{name}.resource.r.action.read]\nsentence = \"Can look.\"\nowner = \"o\"\nrisk = \"read\"\n"
        )
    };
    let text = product("shop", SHOP, "") + &product("archive", ARCHIVE, "format = \"paseto\"");
    Catalog::parse(&text, "c.toml").unwrap().served_by(ISSUER).unwrap()
}

impl Office {
    fn new() -> Self {
        let retention = Retention {
            longest_access: MAX_LIFETIME,
            max_blind: Duration::from_mins(10),
            skew: Duration::from_mins(7),
            longest_family: Duration::from_hours(24),
        };
        Self {
            settings: Settings {
                issuer: ISSUER.into(),
                environment: Environment::Test,
                max_lifetime: MAX_LIFETIME,
            },
            catalog: catalog(),
            keys: OwnKeys::new([key_set(1, Format::Jwt), key_set(2, Format::Paseto)]),
            log: Log::begin(LogId::from_bytes([7; 16]), None, NOW, retention),
        }
    }

    fn append(&mut self, kill: Kill) {
        self.log = self.log.append(&[kill]).unwrap().0;
    }

    fn claims(&self) -> Claims {
        Claims {
            iss: ISSUER.into(),
            aud: SHOP.into(),
            sub: "bot".parse().unwrap(),
            client_id: "bot".parse().unwrap(),
            iat: NOW,
            exp: NOW.plus(15 * MINUTE),
            nbf: None,
            jti: TokenId::from_bytes([1; 16]),
            scope: chancery_token::ScopeSet::parse("r:read").unwrap(),
            tenant: "acme".parse().unwrap(),
            bounds: chancery_token::Bounds::default(),
            sid: None,
            rvs: self.log.position().sequence.get(),
            cnf: None,
            act: Vec::new(),
            anc: Vec::new(),
            env: Environment::Test,
        }
    }

    fn says(&self, token: &str, caller: &str, now: UnixTime) -> Result<Verified, Inactive> {
        let known =
            Known { settings: &self.settings, catalog: &self.catalog, keys: &self.keys, log: &self.log };
        decide(token, &caller.parse().unwrap(), &known, now)
    }

    fn reason(&self, token: &str, caller: &str) -> &'static str {
        self.says(token, caller, NOW).map_or_else(|why| why.reason(), |_| "active")
    }
}

#[test]
fn r_9_8_a_token_of_either_format_is_active_for_its_client_and_for_the_services_of_its_audience() {
    let office = Office::new();
    let archived = paseto(2, &Claims { aud: ARCHIVE.into(), ..office.claims() });
    let bought = jwt(1, &office.claims());
    for (token, caller, expected) in [
        (&bought, "bot", "active"),
        (&bought, "shop-api", "active"),
        (&bought, "archive-api", "token_not_for_caller"),
        (&bought, "other", "token_not_for_caller"),
        (&archived, "bot", "active"),
        (&archived, "archive-api", "active"),
        (&archived, "shop-api", "token_not_for_caller"),
    ] {
        assert_eq!(office.reason(token, caller), expected, "{caller}");
    }
}

#[test]
fn each_thing_that_is_wrong_with_a_token_has_its_reason_in_the_log() {
    let mut office = Office::new();
    let base = office.claims();
    let mut cases = vec![
        ("x.y.z".to_owned(), "encoding_invalid"),
        ("x".repeat(9000), "token_too_large"),
        (jwt(3, &base), "unknown_key"),
        (paseto(2, &base), "wrong_format"),
        (jwt(1, &Claims { aud: ARCHIVE.into(), ..base.clone() }), "wrong_format"),
        (jwt(1, &Claims { aud: "https://gone.example".into(), ..base.clone() }), "audience_unknown"),
        (jwt(1, &Claims { iss: format!("{ISSUER}/"), ..base.clone() }), "issuer_mismatch"),
        (jwt(1, &Claims { env: Environment::Live, ..base.clone() }), "environment_mismatch"),
        (jwt(1, &Claims { exp: NOW, ..base.clone() }), "ends_before_it_begins"),
        (jwt(1, &Claims { iat: NOW.minus(MINUTE), exp: NOW, ..base.clone() }), "expired"),
        (jwt(1, &Claims { nbf: Some(NOW.plus(MINUTE)), ..base.clone() }), "not_yet_valid"),
        (jwt(1, &Claims { exp: NOW.plus(61 * MINUTE), ..base.clone() }), "lifetime_too_long"),
        (jwt(1, &Claims { cnf: Some(Confirmation::Certificate([1; 32])), ..base.clone() }), "proof_required"),
        (jwt(1, &Claims { rvs: base.rvs + 1, ..base.clone() }), "ahead_of_log"),
        (jwt(1, &Claims { rvs: u64::MAX >> 11, ..base.clone() }), "ahead_of_log"),
    ];
    let admin = Claims { aud: format!("{ISSUER}/admin"), ..base.clone() };
    cases.push((jwt(1, &admin), "lifetime_too_long"));
    for (token, reason) in cases {
        assert_eq!(office.reason(&token, "bot"), reason, "{token}");
    }
    let token = jwt(1, &base);
    office.append(Kill::token(base.jti, base.exp));
    assert_eq!(office.reason(&token, "bot"), "revoked");
    assert_eq!(office.reason(&token, "other"), "token_not_for_caller", "who may not ask learns nothing");
}

#[test]
fn a_token_that_is_bound_to_a_key_is_active_and_whoever_asked_has_to_see_the_proof() {
    let office = Office::new();
    let bound = Claims { cnf: Some(Confirmation::DpopKey([1; 32])), ..office.claims() };
    assert_eq!(office.reason(&jwt(1, &bound), "shop-api"), "active");
}

#[test]
fn r_3_2_every_kind_of_entry_makes_a_token_inactive_and_its_sister_stays_active() {
    let sid = FamilyId::from_bytes([3; 16]);
    let end = NOW.plus(Duration::from_hours(24));
    for kill in [
        Kill::token(TokenId::from_bytes([1; 16]), NOW.plus(15 * MINUTE)),
        Kill::family(sid, end),
        Kill::client(&"bot".parse().unwrap(), end),
        Kill::tenant(&"acme".parse().unwrap(), end),
        Kill::subject(&"bot".parse::<Subject>().unwrap(), end),
        Kill::key(Key::new(1, Format::Jwt).kid()),
        Kill::all(end),
    ] {
        let mut office = Office::new();
        let base = Claims { sid: Some(sid), ..office.claims() };
        office.append(kill);
        assert_eq!(office.reason(&jwt(1, &base), "shop-api"), "revoked", "{kill:?}");
        // Of another id, family, client, tenant and key, and decided after the entry.
        let sister = Claims {
            jti: TokenId::from_bytes([2; 16]),
            client_id: "sister".parse().unwrap(),
            sub: "sister".parse().unwrap(),
            tenant: "globex".parse().unwrap(),
            sid: None,
            rvs: office.log.position().sequence.get(),
            ..base
        };
        office.keys = OwnKeys::new([KeySet::from_keys(
            Format::Jwt,
            [1, 4].map(|seed| Key::new(seed, Format::Jwt).secret.public()),
        )
        .unwrap()]);
        assert_eq!(office.reason(&jwt(4, &sister), "shop-api"), "active", "{kill:?}");
    }
}

/// A verifier of one audience that follows the same log.
fn follower(office: &Office, audience: &str, format: Format, seed: u8, leeway: Duration) -> Verifier {
    let policy = Freshness::MaxStaleness(Duration::from_mins(2));
    let verifier = Verifier::new(ISSUER, audience, Revocation::Follow(policy))
        .unwrap()
        .environment(Environment::Test)
        .format(format)
        .leeway(leeway);
    verifier.install_keys(key_set(seed, format)).unwrap();
    let own = Key::new(9, Format::Jwt);
    let keys = RevocationKeys::from_keys([own.secret.public()]).unwrap();
    let snapshot = DocumentSigner::new(ISSUER, Arc::new(own)).snapshot(&office.log, NOW).unwrap();
    verifier.install_revocations(&snapshot, &keys, NOW).unwrap();
    verifier
}

/// Claims that differ from good ones in one thing.
fn variations(base: &Claims) -> Vec<Claims> {
    let seconds = |s: i64| {
        let span = Duration::from_secs(s.unsigned_abs());
        if s < 0 { NOW.minus(span) } else { NOW.plus(span) }
    };
    let mut all = vec![base.clone()];
    for iat in [-7200, -3600, -60, 0, 30, 60] {
        for exp in [-60, -31, -30, -1, 0, 1, 29, 60, 900, 3600, 3661] {
            all.push(Claims { iat: seconds(iat), exp: seconds(exp), ..base.clone() });
        }
    }
    for nbf in [-60, 0, 1, 29, 31, 300] {
        all.push(Claims { nbf: Some(seconds(nbf)), ..base.clone() });
    }
    for aud in [SHOP, ARCHIVE, "https://gone.example", ISSUER, "https://auth.example/admin"] {
        all.push(Claims { aud: aud.into(), ..base.clone() });
    }
    for iss in ["https://auth.example/", "https://AUTH.example", "https://other.example"] {
        all.push(Claims { iss: iss.into(), ..base.clone() });
    }
    for sub in ["bot", "other", "user:alice"] {
        all.push(Claims { sub: sub.parse().unwrap(), ..base.clone() });
    }
    for (client, tenant) in [("bot", "globex"), ("gone", "acme"), ("bot", "closed")] {
        let (client_id, sub) = (client.parse().unwrap(), client.parse().unwrap());
        all.push(Claims { client_id, sub, tenant: tenant.parse().unwrap(), ..base.clone() });
    }
    for rvs in [0, base.rvs - 4, base.rvs - 1, base.rvs + 1, base.rvs + 1000] {
        all.push(Claims { rvs, ..base.clone() });
        all.push(Claims {
            rvs,
            client_id: "gone".parse().unwrap(),
            sub: "gone".parse().unwrap(),
            ..base.clone()
        });
    }
    for id in [5, 6] {
        all.push(Claims { jti: TokenId::from_bytes([id; 16]), ..base.clone() });
        all.push(Claims { sid: Some(FamilyId::from_bytes([id; 16])), ..base.clone() });
        all.push(Claims { anc: vec![TokenId::from_bytes([id; 16])], ..base.clone() });
        all.push(Claims { act: vec!["gone".parse().unwrap()], ..base.clone() });
    }
    all.push(Claims { env: Environment::Live, ..base.clone() });
    all.push(Claims { cnf: Some(Confirmation::Certificate([1; 32])), ..base.clone() });
    all
}

/// A token with a letter changed, cut, or put together from two.
fn mutilations(token: &str, other: &str) -> Vec<String> {
    let mut all = vec![String::new(), format!("{token} "), format!("{token}=")];
    for at in (0..token.len()).step_by(7) {
        let letter = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        let mut changed = token.to_owned();
        changed.replace_range(at..=at, letter);
        all.push(changed);
        all.push(token[..at].to_owned());
    }
    let (head, _) = token.rsplit_once('.').unwrap();
    all.push(format!("{head}.{}", other.rsplit_once('.').unwrap().1));
    all
}

#[test]
fn what_is_called_active_no_verifier_of_the_audience_refuses() {
    let mut office = Office::new();
    let end = NOW.plus(Duration::from_hours(24));
    for kill in [
        Kill::token(TokenId::from_bytes([5; 16]), end),
        Kill::family(FamilyId::from_bytes([5; 16]), end),
        Kill::client(&"gone".parse().unwrap(), end),
        Kill::tenant(&"closed".parse().unwrap(), end),
    ] {
        office.append(kill);
    }
    // Entries before it count, entries at or after it do not.
    let rvs = office.log.position().sequence.get();
    let base = Claims { rvs, ..office.claims() };
    let claims = variations(&base);
    let mut corpus: Vec<String> = claims.iter().map(|claims| jwt(1, claims)).collect();
    corpus.extend(claims.iter().map(|claims| paseto(2, claims)));
    corpus.extend(claims.iter().take(5).map(|claims| jwt(3, claims)));
    corpus.extend(mutilations(&jwt(1, &base), &jwt(1, &claims[2])));
    let archived = Claims { aud: ARCHIVE.into(), ..base };
    corpus.extend(mutilations(&paseto(2, &archived), &paseto(2, &claims[2])));
    let (mut active, mut refused) = (0, 0);
    for leeway in [Duration::ZERO, Duration::from_secs(30)] {
        let shop = follower(&office, SHOP, Format::Jwt, 1, leeway);
        let archive = follower(&office, ARCHIVE, Format::Paseto, 2, leeway);
        for token in &corpus {
            for (verifier, caller) in [(&shop, "shop-api"), (&archive, "archive-api")] {
                let verdict = verifier.verify(token, NOW);
                match (office.says(token, caller, NOW), verdict) {
                    (Ok(said), verdict) => {
                        active += 1;
                        let verified = verdict.unwrap_or_else(|why| panic!("{why}: {:?}", said.claims()));
                        assert_eq!(verified.claims(), said.claims());
                    }
                    (Err(_), Err(_)) => refused += 1,
                    (Err(stricter), Ok(verified)) => {
                        let reasons = ["expired", "not_yet_valid", "ahead_of_log"];
                        assert!(reasons.contains(&stricter.reason()), "{stricter:?} {:?}", verified.claims());
                    }
                }
            }
        }
    }
    assert!(active > 50 && refused > 400, "{active} active, {refused} refused");
}
