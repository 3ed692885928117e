//! What is no refresh token of the client that brings it is refused without a store.

use crate::affinity::Placement;
use crate::bare::{self, Work};
use crate::crowd::{Asker, Crowd, IN_FLIGHT};
use crate::exchange::{self, OK};
use crate::form::{self, Registered};
use crate::issuer::{Issuer, Kept};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::sessions::{self, Holder};
use crate::turns::{self, Side};
use chancery_issuer::family::{Epoch, Generation, RefreshKey};
use chancery_issuer::master_key::MasterKey;
use chancery_token::{Environment, FamilyId};
use chancery_verifier::entropy::PredictableEntropy;
use std::net::SocketAddr;

pub(crate) const ID: &str = "http.refresh.garbage_vs_ceiling";
const FLOOR: f64 = 0.9;
/// Requests on each connection in a round: some seconds.
const EACH: usize = 1500;
/// The status of what is refused.
const BAD_REQUEST: &str = "400";

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let issuer = Issuer::set_up("garbage", Kept::Embedded)?;
    let ours = issuer.serve(Placement::Apart)?;
    let begun = sessions::begin(ours.address, &issuer.clients, 1)?;
    let good: Vec<&str> = begun.iter().flat_map(Holder::tokens).collect();
    let garbage = garbage(&issuer.clients, &good)?;
    let send = |address, of: &Sent| form::refresh(address, &of.client, &of.token);
    let [first, ..] = garbage.as_slice() else { return Err("no garbage".to_owned()) };
    let refused = exchange::ask(ours.address, &send(ours.address, first), BAD_REQUEST)?;
    let (client, token) = issuer.clients.iter().zip(&good).next().ok_or("an issuer without clients")?;
    let granted = exchange::ask(ours.address, &form::refresh(ours.address, client, token), OK)?;
    let bare = |work, answer| bare::start(work, answer, &issuer.clients, &issuer.folder, Placement::Apart);
    let signs = bare(Work::Signs, granted)?;
    let refuses = bare(Work::Refuses, refused)?;
    let crowd = |address, status| {
        let askers = (0..IN_FLIGHT).map(|at| InTurn::new(address, &garbage, at)).collect();
        Crowd::connect(address, askers, status)
    };
    let crowds = (crowd(ours.address, BAD_REQUEST)?, crowd(signs.address, OK)?);
    let last = crowd(refuses.address, BAD_REQUEST)?;
    let mut sides = [
        Side::new("ours", ours, crowds.0),
        Side::new("ceiling", signs, crowds.1),
        Side::new("only_refuses", refuses, last),
    ];
    turns::take(&mut sides, if order.quick { EACH / 50 } else { EACH }, order)?;
    let [ours, signs, refuses] = sides;
    report.add(Figure {
        floor: Some(FLOOR),
        note: format!(
            "refusals a second ÷ answers a second of a bare server with one signature and no store; {IN_FLIGHT} in \
             flight, five kinds of garbage in turn"
        ),
        ..Figure::new(ID, "x", ours.over(&signs))
    });
    report.add(Figure {
        note: "the same ÷ refusals of a bare server that signs nothing either".to_owned(),
        ..Figure::new(format!("{ID}.vs_refusals"), "x", ours.over(&refuses))
    });
    for side in [ours, signs, refuses] {
        side.join(ID, report)?;
        side.end()?;
    }
    Ok(())
}

/// Somebody brings something.
#[derive(Clone)]
struct Sent {
    client: Registered,
    token: String,
}

/// Five kinds for each client: another's, one of another issuer, one of the other environment, one with a wrong character,
/// and one that is cut off.
fn garbage(clients: &[Registered], good: &[&str]) -> Result<Vec<Sent>, String> {
    let entropy = PredictableEntropy::new(1);
    let master = MasterKey::generate(&entropy);
    let foreign = |environment| RefreshKey::derive(&master, Epoch(0), environment, "https://foreign.example");
    let (test, live) = (foreign(Environment::Test), foreign(Environment::Live));
    let mut all = Vec::new();
    for (at, client) in clients.iter().enumerate() {
        let id = client.id.parse().map_err(|fault| format!("{}: {fault}", client.id))?;
        let family = FamilyId::from_bytes([u8::try_from(at).unwrap_or(u8::MAX); 16]);
        let (own, others) = (good[at % good.len()], good[(at + 1) % good.len()]);
        let wrong = if own.ends_with('A') { "B" } else { "A" };
        let kinds = [
            others.to_owned(),
            test.write(family, &id, Generation(3)).to_string(),
            live.write(family, &id, Generation(3)).to_string(),
            format!("{}{wrong}", &own[..own.len() - 1]),
            own[..own.len() / 2].to_owned(),
        ];
        all.extend(kinds.into_iter().map(|token| Sent { client: client.clone(), token }));
    }
    Ok(all)
}

/// Requests, in turn.
struct InTurn {
    requests: Vec<Vec<u8>>,
    next: usize,
}

impl InTurn {
    fn new(address: SocketAddr, garbage: &[Sent], next: usize) -> Self {
        let requests = garbage.iter().map(|sent| form::refresh(address, &sent.client, &sent.token)).collect();
        Self { requests, next }
    }
}

impl Asker for InTurn {
    fn request(&mut self) -> &[u8] {
        let at = self.next % self.requests.len();
        self.next += 1;
        &self.requests[at]
    }

    fn answered(&mut self, _: &[u8]) -> Result<(), String> {
        Ok(())
    }
}
