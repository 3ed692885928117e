use super::*;
use proptest::prelude::*;

fn every_kind() -> [Kill; 7] {
    let end = UnixTime::from_secs(1_795_305_601);
    [
        Kill::token(TokenId::from_bytes([1; 16]), end),
        Kill::family(FamilyId::from_bytes([2; 16]), end),
        Kill::client(&"c".parse().unwrap(), end),
        Kill::tenant(&"t".parse().unwrap(), end),
        Kill::subject(&"user:s".parse().unwrap(), end),
        Kill::all(end),
        Kill::key("k"),
    ]
}

fn at_seven(kill: Kill) -> Entry {
    Entry { sequence: Sequence::new(7), kill }
}

#[test]
fn every_kind_survives_its_bytes() {
    let lengths = [13, 13, 21, 21, 21, 5, 17];
    for ((kill, kind), length) in every_kind().into_iter().zip(Kind::EVERY).zip(lengths) {
        let bytes = at_seven(kill).to_bytes();
        assert_eq!((kill.kind(), bytes[0], bytes.len()), (kind, kind.code(), length));
        assert_eq!(Entry::from_bytes(Sequence::new(7), &bytes), Ok(at_seven(kill)));
    }
}

#[test]
fn the_bytes_of_a_token_entry_are_these() {
    let kill = Kill::token(TokenId::from_bytes([0xab; 16]), UnixTime::from_secs(1_795_305_601));
    let bytes = at_seven(kill).to_bytes();
    assert_eq!(bytes, [1, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0x01, 0xc8, 0x91, 0xe1]);
}

#[test]
fn an_unknown_kind_is_not_taken_for_damage() {
    for code in [0, 8, 255] {
        let bad = Entry::from_bytes(Sequence::new(7), &[code, 1, 2, 3]).unwrap_err();
        assert_eq!((bad, bad.reason()), (BadEntry::UnknownKind { code }, "entry_kind_unknown"));
    }
}

#[test]
fn no_byte_may_be_missing_or_too_many() {
    assert_eq!(Entry::from_bytes(Sequence::new(7), &[]), Err(BadEntry::Empty));
    for kill in every_kind() {
        let bytes = at_seven(kill).to_bytes();
        for length in 1..bytes.len() {
            let short = Entry::from_bytes(Sequence::new(7), &bytes[..length]);
            assert_eq!(short, Err(BadEntry::Length { kind: kill.kind(), bytes: length }));
        }
        let long: Vec<u8> = bytes.iter().copied().chain([0]).collect();
        assert_eq!(Entry::from_bytes(Sequence::new(7), &long).unwrap_err().reason(), "entries_malformed");
    }
}

#[test]
fn a_kill_is_never_remembered_for_less_than_is_asked() {
    for kill in every_kind() {
        let (early, late) = (Minute::new(1), Minute::new(u32::MAX - 1));
        assert_eq!(kill.until(early), kill);
        assert_eq!(kill.until(late).end(), kill.end().map(|_| late));
    }
}

proptest! {
    #[test]
    fn bytes_that_are_an_entry_are_its_only_spelling(bytes in proptest::collection::vec(0_u8..9, 0..24)) {
        if let Ok(entry) = Entry::from_bytes(Sequence::new(1), &bytes) {
            prop_assert_eq!(entry.to_bytes(), bytes);
        }
    }
}
