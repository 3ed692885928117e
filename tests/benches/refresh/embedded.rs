//! Rotations that are on disk before they are answered, beside one `fdatasync` after the other.

use crate::affinity::Placement;
use crate::crowd::{Crowd, IN_FLIGHT};
use crate::exchange::OK;
use crate::floor::Floor;
use crate::issuer::{Issuer, Kept};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::server::Server;
use crate::sessions::{self, Holder};
use crate::sum::Sum;
use std::time::Duration;

pub(crate) const ID: &str = "http.refresh.embedded_vs_fsync";
const FLOOR: f64 = 5.0;
const ROUNDS: usize = 15;
/// Others use the disk too, and it is slow or fast for a while. So both take short turns, a twentieth of a second or so,
/// and a round sums them up.
const TURNS: u32 = 16;
/// Requests on each connection in a turn.
const EACH: usize = 10;
const PAGES: u32 = 125;
/// Sessions of each client. All rounds together let each go on fewer than eight times, which it may in two minutes.
const SESSIONS: usize = 512;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let issuer = Issuer::set_up("embedded", Kept::Embedded)?;
    let server = issuer.serve(Placement::Free)?;
    let (rounds, turns, sessions) = if order.quick { (1, 1, EACH) } else { (ROUNDS, TURNS, SESSIONS) };
    let holders = sessions::begin(server.address, &issuer.clients, sessions)?;
    let crowd = Crowd::connect(server.address, holders, OK)?;
    let floor = Floor::make(&issuer.folder)?;
    let mut contest = Contest { server, crowd, floor };
    contest.round(1)?;
    let (mut refreshes, mut pages) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (ours, theirs) = contest.round(turns)?;
        refreshes.push(ours.per_second());
        pages.push(theirs.per_second());
    }
    let ratios = refreshes.iter().zip(&pages).map(|(ours, theirs)| ours / theirs).collect();
    report.add(Figure {
        floor: Some(FLOOR),
        note: format!(
            "{IN_FLIGHT} in flight over HTTP, {} sessions, each answered when it is durable; both in one folder, and \
             all share the machine",
            IN_FLIGHT * sessions
        ),
        ..Figure::new(ID, "x", ratios)
    });
    report.add(Figure::new(format!("{ID}.ours"), "/s", refreshes));
    report.add(Figure::new(format!("{ID}.append_4kib_fdatasync"), "/s", pages));
    drop(contest.crowd);
    contest.server.end()
}

struct Contest {
    server: Server,
    crowd: Crowd<Holder>,
    floor: Floor,
}

impl Contest {
    /// Who begins changes from turn to turn.
    fn round(&mut self, turns: u32) -> Result<(Sum, Sum), String> {
        let (mut ours, mut theirs) = (Sum::default(), Sum::default());
        for turn in 0..turns {
            if turn % 2 == 0 {
                self.refresh(&mut ours)?;
                theirs.add(PAGES, self.floor.append(PAGES)?);
            } else {
                theirs.add(PAGES, self.floor.append(PAGES)?);
                self.refresh(&mut ours)?;
            }
        }
        Ok((ours, theirs))
    }

    fn refresh(&mut self, sum: &mut Sum) -> Result<(), String> {
        let took: Duration = self.crowd.ask(EACH)?;
        sum.add(self.crowd.requests(EACH), took);
        Ok(())
    }
}
