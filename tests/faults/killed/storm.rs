//! Administrators that revoke as fast as they can, until something dies.

use crate::dice::Dice;
use crate::issuer::{Admin, any_id, token_of_id};
use crate::support::until;
use chancery_token::TokenId;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const WRITERS: usize = 4;

/// The most that is acknowledged before the power is cut, which is some moments after.
const ACKNOWLEDGED: usize = 60;
const MOMENTS: usize = 600;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Revoked {
    /// What the issuer said is revoked.
    pub(super) acknowledged: Vec<TokenId>,
    /// What nobody was told about.
    pub(super) open: Vec<TokenId>,
}

/// Lets administrators revoke until the power was cut, at a moment that the dice choose.
pub(super) fn storm(admin: impl Fn() -> Admin, dice: &mut Dice, cut: impl FnOnce()) -> Revoked {
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let enough = 1 + dice.below(ACKNOWLEDGED);
    let moments = dice.below(MOMENTS);
    // All of them have their tokens before anything dies.
    let admins: Vec<Admin> = (0..WRITERS).map(|_| admin()).collect();
    thread::scope(|scope| {
        let writers: Vec<_> = admins
            .into_iter()
            .map(|admin| {
                let (acknowledged, is_over, mut dice) = (&acknowledged, &is_over, dice.another());
                scope.spawn(move || {
                    let mut revoked = Revoked::default();
                    while !is_over.load(Ordering::SeqCst) {
                        let id = any_id(&mut dice);
                        if admin.try_revoke(&token_of_id(id)).is_none() {
                            revoked.open.push(id);
                            break;
                        }
                        revoked.acknowledged.push(id);
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                    revoked
                })
            })
            .collect();
        until("enough revocations", || {
            // One that ended before anything broke has something to say.
            let is_broken = || writers.iter().any(thread::ScopedJoinHandle::is_finished);
            (acknowledged.load(Ordering::SeqCst) >= enough || is_broken()).then_some(())
        });
        for _ in 0..moments {
            thread::yield_now();
        }
        cut();
        is_over.store(true, Ordering::SeqCst);
        writers.into_iter().map(|writer| writer.join().unwrap()).fold(Revoked::default(), |mut all, one| {
            all.acknowledged.extend(one.acknowledged);
            all.open.extend(one.open);
            all
        })
    })
}
