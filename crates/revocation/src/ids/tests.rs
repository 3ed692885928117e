use super::*;
use proptest::prelude::*;

fn new(id: u64, sequence: u64, end: u32) -> NewId {
    NewId { id: IdMark::new(id), block: BlockNumber::of(Sequence::new(sequence)), end: Minute::new(end) }
}

/// Spread as random ids are.
fn spread(at: u64) -> u64 {
    at.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[test]
fn a_block_goes_when_its_last_sequence_is_at_the_floor() {
    let set = IdSet::empty().with(&[new(1, 1000, 5), new(2, 1024, 5)]);
    let found = |set: &IdSet| [1, 2].map(|id| set.find(id).map(Sequence::get));
    assert_eq!(found(&set), [Some(1023), Some(2047)]);
    let below = set.clone().above(Sequence::new(1022));
    assert_eq!(found(&below), [Some(1023), Some(2047)]);
    let at = set.clone().above(Sequence::new(1023));
    assert_eq!((found(&at), at.len()), ([None, Some(2047)], 1));
    assert_eq!(at.blocks().keys().map(|number| number.get()).collect::<Vec<_>>(), [1]);
    // A floor never goes back.
    assert_eq!(at.above(Sequence::new(0)).len(), 1);
}

#[test]
fn a_block_ends_with_the_last_of_its_ids() {
    let set = IdSet::empty().with(&[new(1, 10, 7)]).with(&[new(2, 20, 9)]).with(&[new(3, 30, 8)]);
    let blocks = set.blocks();
    assert_eq!(blocks.values().collect::<Vec<_>>(), [&Block { end: Minute::new(9), ids: vec![1, 2, 3] }]);
    assert_eq!(set.clone().retain(|_, end| end > Minute::new(8)).len(), 3);
    assert_eq!(set.retain(|_, end| end > Minute::new(9)).len(), 0);
}

#[test]
fn r_3_6_memory_is_flat_over_a_million_revocations_that_end() {
    let mut set = IdSet::empty();
    let mut most = 0;
    for batch in 0..1000_u64 {
        let ids: Vec<NewId> = (batch * 1000..(batch + 1) * 1000)
            .map(|at| new(spread(at), at, u32::try_from(batch).unwrap()))
            .collect();
        set = set.with(&ids).above(Sequence::new((batch * 1000).saturating_sub(20_000)));
        assert!(set.len() <= 22_024, "{}", set.len());
        most = most.max(set.bytes());
    }
    assert!(most < 1_000_000, "{most}");
}

#[test]
fn an_id_takes_less_than_twenty_bytes() {
    for count in [20_000_u64, 250_000, 1_000_000] {
        let mut set = IdSet::empty();
        for from in (0..count).step_by(5000) {
            let ids: Vec<NewId> = (from..from + 5000).map(|at| new(spread(at), at, 1)).collect();
            set = set.with(&ids);
        }
        assert_eq!(set.len(), usize::try_from(count).unwrap());
        assert!(set.bytes() < 20 * set.len(), "{} bytes for {count} ids", set.bytes());
    }
}

/// What a set must hold: every id with every block that it was ever revoked in.
#[derive(Clone, Debug, Default)]
struct Plain(BTreeMap<u64, (u32, std::collections::BTreeSet<u64>)>);

impl Plain {
    fn add(&mut self, new: &NewId) {
        let block = self.0.entry(new.block.get()).or_default();
        block.0 = block.0.max(new.end.get());
        block.1.insert(new.id.get());
    }

    fn drop_to(&mut self, floor: u64) {
        self.0.retain(|number, _| (number + 1) * 1024 - 1 > floor);
    }

    fn as_blocks(&self) -> BTreeMap<BlockNumber, Block> {
        let block = |(number, (end, ids)): (&u64, &(u32, std::collections::BTreeSet<u64>))| {
            let block = Block { end: Minute::new(*end), ids: ids.iter().copied().collect() };
            (BlockNumber::new(*number), block)
        };
        self.0.iter().map(block).collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Add(Vec<(u64, u64, u32)>),
    Floor(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let id = prop_oneof![3 => (0_u64..2000).prop_map(spread), 1 => 0_u64..20];
    let add = proptest::collection::vec((id, 0_u64..20_000, 0_u32..50), 0..900).prop_map(Step::Add);
    proptest::collection::vec(prop_oneof![6 => add, 1 => (0_u64..15_000).prop_map(Step::Floor)], 0..16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parts_and_merges_do_not_show(steps in steps(), halves in any::<bool>()) {
        let (mut set, mut plain) = (IdSet::empty(), Plain::default());
        let mut floor = 0;
        for step in &steps {
            match step {
                Step::Add(ids) => {
                    // What is revoked is revoked above the floor.
                    let ids: Vec<NewId> =
                        ids.iter().map(|(id, sequence, end)| new(*id, floor + 1 + sequence, *end)).collect();
                    for id in &ids {
                        plain.add(id);
                    }
                    set = set.with(&ids);
                }
                Step::Floor(to) => {
                    floor = floor.max(*to);
                    plain.drop_to(floor);
                    set = set.above(Sequence::new(floor));
                }
            }
        }
        prop_assert_eq!(set.blocks(), plain.as_blocks());
        prop_assert_eq!(&IdSet::from_blocks(set.blocks()), &set);
        for id in (0..2000).map(spread).chain(0..20) {
            let blocks = plain.0.iter().filter(|(_, (_, ids))| ids.contains(&id));
            let last = blocks.map(|(number, _)| (number + 1) * 1024 - 1).max();
            prop_assert_eq!(set.find(id).map(Sequence::get), last);
        }
        // The union of two halves is the whole.
        let part = |keep: bool| IdSet::from_blocks(
            plain.as_blocks().into_iter().filter(|(number, _)| (number.get() % 2 == 0) == keep).collect(),
        );
        prop_assert_eq!(&part(halves).union(&part(!halves)), &set);
        prop_assert_eq!(&set.clone().union(&part(halves)), &set);
    }
}
