//! Families that are taken for others like them.

use super::*;

/// What `family` is like, as somebody knows it who read another one.
pub(crate) fn like(family: &Family) -> Arc<Likeness> {
    let other = Family {
        id: family_id(u64::MAX),
        rvs0: Sequence::new(0),
        created_at: later(0),
        absolute_end: UnixTime::MAX,
        generation: Generation(77),
        rotations: Rotations::default(),
        redelivered: None,
        state: FamilyState::Live,
        ..family.clone()
    };
    Arc::new(Likeness::of(other).unwrap())
}

/// As [`advanced`], of a family that is taken for what it is.
pub(crate) async fn advanced_like(
    store: &dyn Store,
    family: &Family,
    presented: &Presented<'_>,
    now: UnixTime,
) -> (Family, Decision) {
    let until = family.absolute_end;
    match store.advance_like(family.id, presented, &like(family), until, now).await.unwrap() {
        AdvancedLike::Like(Advanced::Decided { before, decision }) => (*before, decision),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_family_is_advanced_only_if_it_is_what_it_was_taken_for(place: &dyn Place) {
    let store = place.connect().await;
    let now = later(5);
    let long = Duration::from_hours(24 * 90);
    for (number, cnf) in [(1, None), (2, Some(KEY))] {
        let family = Family { cnf: cnf.clone(), ..family(number) };
        begun(&*store, &family).await;
        let more = Granted { audience: "https://more.example".into(), ..family.granted[0].clone() };
        let others = [
            Family { tenant: "globex".parse().unwrap(), ..family.clone() },
            Family { client: id("thief"), ..family.clone() },
            Family { sub: Some("user:alice".parse().unwrap()), ..family.clone() },
            Family { act: vec!["worker".parse().unwrap()], ..family.clone() },
            Family { ancestors: vec![family_id(9)], ..family.clone() },
            Family { granted: family.granted[..1].to_vec(), ..family.clone() },
            Family { granted: [&family.granted[..], &[more]].concat(), ..family.clone() },
            Family { bounds: Bounds::default(), ..family.clone() },
            Family { bounds: serde_json::from_str(r#"{"region":["us"]}"#).unwrap(), ..family.clone() },
            Family { cnf: Some(Confirmation::Certificate([3; 32])), ..family.clone() },
            Family { cnf: if cnf.is_none() { Some(KEY) } else { None }, ..family.clone() },
        ];
        let end = family.absolute_end;
        let taken = others
            .iter()
            .map(|other| (like(other), end))
            .chain([(like(&family), end.plus(Duration::from_secs(1))), (like(&family), NOW.plus(long * 2))]);
        for (nth, (other, until)) in taken.enumerate() {
            for (generation, client) in
                [(0, &family.client), (3, &family.client), (0, &other.family().client)]
            {
                for proof in [Proof::Key(&KEY), Proof::Authenticated, Proof::Nothing] {
                    let presented = Presented { proof, ..shown(generation, client) };
                    let answer = store.advance_like(family.id, &presented, &other, until, now).await;
                    assert_eq!(answer, Ok(AdvancedLike::Unlike(Box::new(family.clone()))), "{nth}");
                }
            }
        }
        assert_eq!(store.family(family.id).await, Ok(Some(family.clone())), "nothing was written");
        let presented = Presented { proof: Proof::Key(&KEY), ..shown(0, &family.client) };
        let (before, decision) = advanced_like(&*store, &family, &presented, now).await;
        assert_eq!((before, &decision), (family.clone(), &family.present(&presented, now)));
        assert!(matches!(decision, Decision::Rotate(_)));
        assert_eq!(store.family(family.id).await, Ok(Some(left(&family, &decision))));
    }
    let absent = family(3);
    let answer = store.advance_like(absent.id, &shown(0, &absent.client), &like(&absent), now, now).await;
    assert_eq!(answer, Ok(AdvancedLike::Like(Advanced::Unknown)));
}
