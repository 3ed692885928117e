//! Random sequences of what can happen to families: a store does what the pure model does, whoever asks it.

use super::*;
use chancery_verifier::entropy::{Entropy as _, PredictableEntropy};
use std::collections::BTreeMap;

const FAMILIES: u64 = 1000;
const STEPS: u64 = 12;
/// Steps that are taken on one family by many at the same time.
const AT_ONCE: usize = 24;

/// Draws what happens next.
struct Dice(PredictableEntropy);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes) % limit
    }

    /// Near the current one mostly, as tokens are.
    fn generation(&self, current: u64) -> u64 {
        let around = [0, 0, 0, 0, 1, 1, 1, 2, 3, 9];
        let back = around[usize::try_from(self.below(10)).unwrap()];
        match self.below(20) {
            0 => current + 1 + self.below(4),
            _ => current.saturating_sub(back),
        }
    }

    fn proof(&self) -> Proof<'static> {
        match self.below(4) {
            0 => Proof::Nothing,
            1 => Proof::Authenticated,
            _ => Proof::Key(&KEY),
        }
    }

    fn on_replay(&self) -> OnReplay {
        if self.below(2) == 0 { OnReplay::Refuse } else { OnReplay::Revoke }
    }

    /// Seconds that pass; now and then a clock is behind.
    fn pause(&self) -> i64 {
        let pauses = [0, 1, 1, 2, 30, 119, 121, 600, 86_400, -50];
        pauses[usize::try_from(self.below(10)).unwrap()]
    }
}

/// One family, step by step, over one connection or another.
async fn walk(stores: [Arc<dyn Store>; 2], number: u64) -> (u64, BTreeMap<&'static str, u64>) {
    let (dice, client, other) = (Dice(PredictableEntropy::new(number)), id("invoice-reporter"), id("thief"));
    let mut model = Family { cnf: (dice.below(3) == 0).then_some(KEY), ..family(number) };
    begun(&*stores[0], &model).await;
    let (mut now, mut seen) = (NOW, BTreeMap::new());
    for _ in 0..STEPS {
        let pause = dice.pause();
        let span = Duration::from_secs(pause.unsigned_abs());
        now = if pause < 0 { now.minus(span) } else { now.plus(span) };
        let store = &stores[usize::try_from(dice.below(2)).unwrap()];
        if dice.below(40) == 0 {
            let is_live = now < model.idle_end.min(model.absolute_end) && model.state == FamilyState::Live;
            assert_eq!(store.end_family(model.id, WhyEnded::Revoked, now).await, Ok(is_live));
            if is_live {
                model.state = FamilyState::Ended { at: now, why: WhyEnded::Revoked };
            }
            continue;
        }
        let client = if dice.below(20) == 0 { &other } else { &client };
        let generation = Generation(dice.generation(model.generation.0));
        let presented = Presented { generation, client, proof: dice.proof(), on_replay: dice.on_replay() };
        let expected = model.present(&presented, now);
        let (before, decision) = match dice.below(3) {
            0 => advanced(&**store, number, &presented, now).await,
            _ => advanced_like(&**store, &model, &presented, now).await,
        };
        assert_eq!((&before, &decision), (&model, &expected), "family {number}");
        *seen.entry(kind(&decision)).or_default() += 1;
        model = left(&model, &decision);
        assert_eq!(stores[0].family(model.id).await.unwrap().as_ref(), Some(&model));
    }
    (number, seen)
}

fn kind(decision: &Decision) -> &'static str {
    match decision {
        Decision::Rotate(rotation) if rotation.regressed_from.is_some() => "regressed",
        Decision::Rotate(_) => "rotate",
        Decision::Redeliver(again) if again.noted.is_some() => "noted",
        Decision::Redeliver(_) => "redeliver",
        Decision::Replay { after: Some(_) } => "replay",
        Decision::Replay { after: None } => "replay refused",
        Decision::Refuse(Refused::Expired) => "expired",
        Decision::Refuse(Refused::Ended(_)) => "ended",
        Decision::Refuse(Refused::OtherClient) => "other client",
        Decision::Refuse(Refused::OtherKey) => "other key",
        Decision::Refuse(Refused::TooOften { .. }) => "too often",
    }
}

pub(crate) async fn r_2_3_ten_thousand_random_steps_end_as_the_pure_model_says(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let mut tasks = JoinSet::new();
    for number in 0..FAMILIES {
        tasks.spawn(walk(stores.clone(), number));
    }
    let mut seen = BTreeMap::<_, u64>::new();
    for (_, kinds) in tasks.join_all().await {
        for (kind, times) in kinds {
            *seen.entry(kind).or_default() += times;
        }
    }
    // The dice came to everything that can be decided, but the rotation of a ninth token within two minutes.
    assert!(seen.len() >= 10 && seen.values().sum::<u64>() > 10_000, "{seen:?}");
}

/// Many at the same time on one family: their answers stand in one order, in which each is what the pure model says.
pub(crate) async fn r_2_7_steps_at_the_same_time_are_as_if_one_came_after_the_other(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await, place.connect().await];
    let mut rounds = JoinSet::new();
    for number in 0..60 {
        let stores = stores.clone();
        rounds.spawn(async move {
            let begun_as = family(number);
            begun(&*stores[0], &begun_as).await;
            let mut tasks = JoinSet::new();
            for (nth, store) in (0..AT_ONCE).zip(stores.iter().cycle().cloned()) {
                tasks.spawn(async move {
                    let dice = Dice(PredictableEntropy::new(number * 1000 + u64::try_from(nth).unwrap()));
                    let (generation, client) = (Generation(dice.below(4)), id("invoice-reporter"));
                    let proof = if dice.below(2) == 0 { Proof::Nothing } else { Proof::Authenticated };
                    let presented =
                        Presented { generation, client: &client, proof, on_replay: dice.on_replay() };
                    let now = later(dice.below(200));
                    let (before, decision) = match dice.below(2) {
                        0 => advanced(&*store, number, &presented, now).await,
                        _ => advanced_like(&*store, &family(number), &presented, now).await,
                    };
                    assert_eq!(decision, before.present(&presented, now));
                    (before, decision)
                });
            }
            let mut answers = tasks.join_all().await;
            let mut at = begun_as;
            // Those that wrote, each upon what the one before it left; and nobody saw anything else.
            while let Some(next) =
                answers.iter().position(|(before, decision)| *before == at && left(before, decision) != at)
            {
                let (before, decision) = answers.swap_remove(next);
                answers.retain(|(seen, decision)| !(*seen == at && left(seen, decision) == at));
                at = left(&before, &decision);
            }
            answers.retain(|(seen, decision)| !(*seen == at && left(seen, decision) == at));
            assert_eq!(answers, []);
            assert_eq!(stores[1].family(at.id).await, Ok(Some(at)));
        });
    }
    rounds.join_all().await;
}
