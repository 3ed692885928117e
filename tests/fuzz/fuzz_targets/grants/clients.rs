//! Four clients, made from bytes, and what there is to ask for.

use crate::bytes::{Bytes, chosen};
use chancery_catalog::Catalog;
use chancery_issuer::client::{
    Authentication, Client, ClientKind, ClientState, DpopPolicy, Grant, Reach, Refresh,
};
use chancery_issuer::family::OnReplay;
use chancery_token::bounds::Bound;
use chancery_token::{Bounds, Everything, ScopePattern, UnixTime};
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) const BEGUN: UnixTime = UnixTime::from_secs(1_795_305_600);
const SHOP: &str = "https://shop.example";
pub(crate) const NAMES: [&str; 4] = ["planner", "worker", "helper", "clerk"];
pub(crate) const SCOPES: [&str; 5] =
    ["orders:read", "orders:refund", "tickets:read", "tickets:write", "shared:read"];
const REGIONS: [&str; 5] = ["e*", "eu*", "eu-west", "us", "u*"];

pub(crate) static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut text = format!("[product.shop]\naudience = \"{SHOP}\"\n");
    for (resource, axes) in [
        ("orders", "region = \"text\", refund_max = \"number\""),
        ("tickets", "region = \"text\""),
        ("shared", "region = \"text\""),
    ] {
        text += &format!("[product.shop.resource.{resource}]\naxes = {{ {axes} }}\n");
    }
    for scope in SCOPES {
        let (resource, action) = scope.split_once(':').expect("two halves");
        text += &format!("[product.shop.resource.{resource}.action.{action}]\n");
        text += "sentence = \"Can do.\"\nowner = \"o\"\nrisk = \"read\"\n";
    }
    Catalog::parse(&text, "catalog.toml").expect("a catalog")
});

/// A client of this name. None: there are too few bytes.
pub(crate) fn client(name: &str, bytes: &mut Bytes<'_>) -> Option<Client> {
    let (scopes, reach, minutes, flags) = (bytes.next()?, bytes.next()?, bytes.next()?, bytes.next()?);
    let mut bounds = Bounds::default();
    if let Some(region) = REGIONS.get(usize::from(reach & 7)) {
        let pattern = region.parse().expect("a pattern");
        bounds = bounds.with(None, "region".parse().expect("an axis"), Bound::AnyOf(vec![pattern]));
    }
    if let Some(most) = [50, 200].get(usize::from(reach >> 3 & 3)) {
        bounds = bounds.with(None, "refund_max".parse().expect("an axis"), Bound::AtMost(*most));
    }
    let grant = |scope: &str| Grant {
        audience: SHOP.to_owned(),
        scope: ScopePattern::parse(scope, Everything::Refuse).expect("a pattern"),
        reason: "Needs it.".to_owned(),
        unbounded: None,
    };
    let scopes = chosen(scopes);
    let is_brief = flags & 4 != 0;
    let terms = Refresh {
        idle: Duration::from_secs(if is_brief { 600 } else { 86_400 }),
        absolute: Duration::from_secs(if is_brief { 3600 } else { 604_800 }),
        on_replay: if flags & 2 == 0 { OnReplay::Revoke } else { OnReplay::Refuse },
        ..Refresh::default()
    };
    let delegates = NAMES.iter().enumerate().filter(|(at, _)| flags & (16 << at) != 0);
    let unbounded = Reach::Unbounded { reason: "Sees everything.".to_owned() };
    Some(Client {
        id: name.parse().expect("a name"),
        name: name.to_owned(),
        purpose: "Does one job.".to_owned(),
        owner: "team".to_owned(),
        kind: ClientKind::Agent,
        tenants: vec!["acme".parse().expect("a name")],
        grants: scopes.split(' ').filter(|scope| !scope.is_empty()).map(grant).collect(),
        reach: if bounds.is_empty() { unbounded } else { Reach::Bounded(bounds) },
        lifetime: Duration::from_secs(60 * u64::from(1 + minutes % 30)),
        created_at: BEGUN,
        expires_at: BEGUN.plus(Duration::from_secs(86_400 * 30)),
        state: ClientState::Active,
        secrets: Vec::new(),
        // One that proves nothing goes on by its refresh tokens alone.
        authentication: if flags & 8 == 0 { Authentication::default() } else { Authentication::None },
        keys: Vec::new(),
        dpop: DpopPolicy::default(),
        refresh: (flags & 1 == 0).then_some(terms),
        may_delegate_to: delegates.map(|(_, name)| name.parse().expect("a name")).collect(),
        owes_entry: None,
    })
}
