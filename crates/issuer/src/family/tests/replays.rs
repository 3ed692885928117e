//! The table of design §4, row by row and edge by edge.

use super::*;

/// The generation that is delivered, whether by a rotation or again.
fn delivered(decision: &Decision) -> Option<u64> {
    match decision {
        Decision::Rotate(rotation) => Some(rotation.after.generation.0),
        Decision::Redeliver(again) => Some(again.generation.0),
        Decision::Replay { .. } | Decision::Refuse(_) => None,
    }
}

fn ends_the_family(decision: &Decision) -> bool {
    matches!(decision, Decision::Replay { after: Some(family) }
        if matches!(family.state, FamilyState::Ended { why: WhyEnded::Replayed, .. }))
}

#[test]
fn r51_the_newest_token_rotates_at_every_use() {
    let family = begun();
    for proof in [Proof::Authenticated, Proof::Nothing] {
        let Decision::Rotate(rotation) = shown(&family, 0, proof, at(5)) else { panic!() };
        assert_eq!((rotation.after.generation, rotation.regressed_from), (Generation(1), None));
        assert_eq!(rotation.after.rotations.newest_first(), [at(5)]);
        assert_eq!(rotation.after.idle_end, at(5).plus(IDLE));
        let unchanged = Family {
            generation: family.generation,
            rotations: family.rotations.clone(),
            idle_end: family.idle_end,
            ..rotation.after
        };
        assert_eq!(unchanged, family, "nothing else changes");
    }
}

#[test]
fn r_2_2_the_parent_gives_the_same_successor_until_the_idle_end_to_whoever_proves_more() {
    let family = after(&[10]);
    let last = family.idle_end.as_secs() - BEGUN.as_secs() - 1;
    for second in [10, 11, 130, 4 * 86_400, last] {
        let Decision::Redeliver(again) = shown(&family, 0, Proof::Authenticated, at(second)) else {
            panic!()
        };
        assert_eq!((again.generation, again.is_suspicious), (Generation(1), false));
    }
    assert_eq!(shown(&family, 0, Proof::Authenticated, at(last + 1)), Decision::Refuse(Refused::Expired));
}

#[test]
fn r_2_2_the_parent_is_a_replay_behind_the_grace_where_nothing_is_proved() {
    let family = after(&[10]);
    assert_eq!(delivered(&shown(&family, 0, Proof::Nothing, at(130))), Some(1));
    assert!(ends_the_family(&shown(&family, 0, Proof::Nothing, at(131))));
}

#[test]
fn r_2_2_the_grace_counts_from_the_first_rotation_and_does_not_slide() {
    let family = after(&[10, 20]);
    for proof in [Proof::Authenticated, Proof::Nothing] {
        assert_eq!(
            delivered(&shown(&family, 0, proof, at(130))),
            Some(2),
            "a parallel worker gets the newest"
        );
        assert!(ends_the_family(&shown(&family, 0, proof, at(131))));
    }
    let Decision::Redeliver(again) = shown(&family, 0, Proof::Nothing, at(130)) else { panic!() };
    assert!(ends_the_family(&shown(&again.noted.unwrap(), 0, Proof::Nothing, at(131))));
}

#[test]
fn r_2_4_a_replay_ends_only_what_the_client_is_registered_for() {
    let client = client();
    let family = after(&[10, 500]);
    let with = |proof, on_replay| {
        family.present(&Presented { generation: Generation(0), client: &client, proof, on_replay }, at(501))
    };
    assert!(ends_the_family(&with(Proof::Authenticated, OnReplay::Revoke)));
    assert_eq!(with(Proof::Authenticated, OnReplay::Refuse), Decision::Replay { after: None });
    assert!(ends_the_family(&with(Proof::Nothing, OnReplay::Refuse)), "who proves nothing is not believed");
}

#[test]
fn a_token_ahead_of_the_store_is_a_rotation_that_the_store_lost() {
    let family = after(&[10]);
    let Decision::Rotate(rotation) = shown(&family, 4, Proof::Nothing, at(20)) else { panic!() };
    assert_eq!((rotation.after.generation, rotation.regressed_from), (Generation(5), Some(Generation(1))));
    assert_eq!(rotation.after.rotations.newest_first(), [at(20), at(20), at(20), at(20), at(10)]);
    for behind in [4, 3, 2, 1] {
        assert_eq!(delivered(&shown(&rotation.after, behind, Proof::Nothing, at(140))), Some(5), "{behind}");
    }
    let far = rotated(&family, u64::from(u32::MAX), at(30));
    assert_eq!(far.rotations.newest_first().len(), KEPT_ROTATIONS);
}

#[test]
fn r_2_5_more_rotations_than_are_kept_within_one_grace_have_to_wait_and_nothing_ends() {
    let family = after(&[1, 2, 3, 4, 5, 6, 7, 8]);
    for proof in [Proof::Authenticated, Proof::Nothing] {
        let wait = Duration::from_secs(121 + 1 - 9);
        assert_eq!(shown(&family, 8, proof, at(9)), Decision::Refuse(Refused::TooOften { after: wait }));
        assert_eq!(delivered(&shown(&family, 8, proof, at(122))), Some(9));
        assert_eq!(
            delivered(&shown(&family, 7, proof, at(9))),
            Some(8),
            "what rotates nothing is still served"
        );
        assert_eq!(
            delivered(&shown(&family, 0, proof, at(121))),
            Some(8),
            "every one within its grace is known"
        );
    }
}

#[test]
fn three_generations_in_a_row_delivered_twice_are_an_alarm_and_for_a_public_client_a_replay() {
    for (proof, is_public) in [(Proof::Authenticated, false), (Proof::Nothing, true)] {
        let mut family = begun();
        for generation in 0..4 {
            let second = generation * 1000;
            family = rotated(&family, generation, at(second));
            let again = shown(&family, generation, proof, at(second + 1));
            if generation >= 2 && is_public {
                assert!(ends_the_family(&again), "{generation}");
                break;
            }
            let Decision::Redeliver(again) = again else { panic!("{again:?}") };
            assert_eq!(again.is_suspicious, generation >= 2, "{generation}");
            family = *again.noted.unwrap();
            let Decision::Redeliver(third) = shown(&family, generation, proof, at(second + 2)) else {
                panic!()
            };
            assert_eq!((third.noted, third.is_suspicious), (None, false), "once a generation");
        }
    }
    // One that is delivered once starts the count anew.
    let mut family = begun();
    for generation in 0..9 {
        family = rotated(&family, generation, at(generation * 1000));
        if generation % 3 != 0 {
            let Decision::Redeliver(again) =
                shown(&family, generation, Proof::Nothing, at(generation * 1000))
            else {
                panic!()
            };
            family = *again.noted.unwrap();
        }
    }
}

#[test]
fn the_end_of_a_family_is_the_end_for_every_token_of_it() {
    let family = after(&[10]);
    let absolute = Family { idle: ABSOLUTE * 2, idle_end: BEGUN.plus(ABSOLUTE * 2), ..family.clone() };
    let last = ABSOLUTE.as_secs();
    assert_eq!(delivered(&shown(&absolute, 1, Proof::Authenticated, at(last - 1))), Some(2));
    let Decision::Rotate(rotation) = shown(&absolute, 1, Proof::Authenticated, at(last - 1)) else {
        panic!()
    };
    assert_eq!(rotation.after.idle_end, absolute.absolute_end, "nothing outlives the absolute end");
    assert_eq!(shown(&absolute, 1, Proof::Authenticated, at(last)), Decision::Refuse(Refused::Expired));
    for why in [WhyEnded::Revoked, WhyEnded::Replayed] {
        let ended = Family { state: FamilyState::Ended { at: at(11), why }, ..family.clone() };
        for generation in 0..4 {
            let decision = shown(&ended, generation, Proof::Authenticated, at(12));
            assert_eq!(decision, Decision::Refuse(Refused::Ended(why)));
        }
    }
}

#[test]
fn a_token_of_another_client_or_without_its_key_changes_nothing() {
    let (mine, theirs) = (client(), "thief".parse().unwrap());
    let other = Confirmation::DpopKey([4; 32]);
    let bound = Family { cnf: Some(CNF), ..after(&[10]) };
    let with = |client: &ClientId, generation, proof| {
        let presented =
            Presented { generation: Generation(generation), client, proof, on_replay: OnReplay::Revoke };
        bound.present(&presented, at(5000))
    };
    for generation in 0..3 {
        assert_eq!(with(&theirs, generation, Proof::Key(&CNF)), Decision::Refuse(Refused::OtherClient));
        for proof in [Proof::Nothing, Proof::Authenticated, Proof::Key(&other)] {
            assert_eq!(with(&mine, generation, proof), Decision::Refuse(Refused::OtherKey), "{generation}");
        }
    }
    assert_eq!(delivered(&with(&mine, 1, Proof::Key(&CNF))), Some(2));
    assert_eq!(delivered(&with(&mine, 0, Proof::Key(&CNF))), Some(1), "whoever has the key may come late");
}

#[test]
fn a_clock_that_goes_back_rotates_nothing_into_the_past() {
    let family = after(&[1000]);
    let again = rotated(&family, 1, at(5));
    assert_eq!(again.rotations.newest_first(), [at(1000), at(1000)]);
    assert_eq!(again.idle_end, at(1000).plus(IDLE));
    let before = rotated(&begun(), 0, UnixTime::from_secs(5));
    assert_eq!(before.rotations.newest_first(), [BEGUN]);
}
