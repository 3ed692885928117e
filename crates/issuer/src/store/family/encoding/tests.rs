use super::*;
use crate::family::{Decision, OnReplay, Presented, Proof};
use crate::store::contract::{family, full_family};
use std::time::Duration;

const WRITER: Writer = *b"somebody";

fn round(family: &Family) -> Vec<u8> {
    let bytes = write(family, WRITER).unwrap();
    assert_eq!(read(family.id, &bytes).unwrap(), (family.clone(), WRITER));
    bytes
}

#[test]
fn a_family_is_read_as_it_was_written() {
    let at = UnixTime::from_secs(1_800_000_000);
    for why in [WhyEnded::Replayed, WhyEnded::Revoked] {
        round(&Family { state: FamilyState::Ended { at, why }, ..full_family(1) });
    }
    for cnf in [None, Some(Confirmation::DpopKey([3; 32])), Some(Confirmation::Certificate([4; 32]))] {
        round(&Family { cnf, ..family(1) });
    }
    for kept in 0..=8 {
        let times = (0..kept).map(|back| UnixTime::from_secs(1_800_000_000 - back));
        round(&Family { rotations: Rotations::from_newest_first(times), ..family(1) });
    }
    let long = "x".repeat(300);
    let granted =
        |audience: &str| Granted { audience: audience.to_owned(), scopes: ScopeSet::parse("a:b").unwrap() };
    for lengths in [&long[..127], &long[..128], &long] {
        round(&Family { granted: vec![granted(lengths), granted("y")], ..full_family(1) });
    }
    round(&Family { granted: Vec::new(), bounds: Bounds::default(), ..full_family(1) });
}

#[test]
fn what_a_script_reads_lies_where_it_looks() {
    for family in [family(1), full_family(1)] {
        let bytes = round(&family);
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        assert!(bytes.starts_with(&live_at(family.generation)));
        assert_eq!(bytes[2..63], rotating(&family, WRITER).unwrap());
        assert_eq!(number(18, 23), family.idle_end.as_secs());
        let times = family.rotations.newest_first();
        assert_eq!(number(23, 28), times.first().map_or(0, |at| at.as_secs()));
        assert_eq!(number(58, 63), times.get(7).map_or(0, |at| at.as_secs()));
        assert_eq!(number(63, 68), family.created_at.as_secs());
        assert_eq!(number(68, 73), family.absolute_end.as_secs());
        assert_eq!(number(73, 78), family.idle.as_secs());
        let proof = proof(family.cnf.as_ref());
        assert_eq!(bytes[100..100 + proof.len()], proof);
        let client = text(family.client.as_str()).unwrap();
        assert_eq!(bytes[100 + proof.len()..][..client.len()], client);
    }
}

#[test]
fn r_7_3_a_family_is_small_and_does_not_grow_with_its_age() {
    let mut family = family(1);
    let size = round(&family).len();
    assert!(size <= 300, "{size}");
    let client = family.client.clone();
    for step in 0..20 {
        let presented = Presented {
            generation: family.generation,
            client: &client,
            proof: Proof::Authenticated,
            on_replay: OnReplay::Revoke,
        };
        let now = family.created_at.plus(Duration::from_secs(1000 * (step + 1)));
        let Decision::Rotate(rotation) = family.present(&presented, now) else { panic!() };
        family = rotation.after;
        assert_eq!(round(&family).len(), size);
    }
}

#[test]
fn what_is_no_family_is_a_fault_that_names_it() {
    let family = full_family(1);
    let bytes = write(&family, WRITER).unwrap();
    let refused = |bytes: &[u8]| {
        let fault = read(family.id, bytes).unwrap_err();
        assert!(
            fault.reason() == "store_unreadable" && fault.to_string().contains(&family.id.to_string()),
            "{fault}"
        );
        fault.to_string()
    };
    let without_bounds = bytes.len() - 1 - serde_json::to_string(&family.bounds).unwrap().len();
    for length in (0..bytes.len()).filter(|length| *length != without_bounds) {
        refused(&bytes[..length]);
    }
    refused(&[&bytes[..], b"x"].concat());
    let with = |at: usize, byte: u8| {
        let mut changed = bytes.clone();
        changed[at] = byte;
        refused(&changed)
    };
    assert!(with(0, 2).contains("it has form 2, and this program knows form 1"));
    assert!(with(1, 3).contains("its state is 3"));
    assert!(with(100, 3).contains("its key is of kind 3"));
    with(134, b' ');
    with(134, 0xff);
}

#[test]
fn what_cannot_be_written_whole_is_not_written() {
    let late = Family { absolute_end: UnixTime::from_secs(1 << 40), ..family(1) };
    assert!(write(&late, WRITER).unwrap_err().to_string().contains("a time is too late"));
    let audience = "x".repeat(0x8000);
    let long =
        Family { granted: vec![Granted { audience, scopes: ScopeSet::parse("a:b").unwrap() }], ..family(1) };
    assert!(write(&long, WRITER).unwrap_err().to_string().contains("too long"));
}
