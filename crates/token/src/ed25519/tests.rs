use super::*;
use proptest::prelude::*;

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

#[test]
fn r_9_3_a_signature_of_another_length_is_refused() {
    let signature = key().sign(b"message");
    for length in [0, 1, 63, 65, 128] {
        let other: Vec<u8> = signature.iter().copied().cycle().take(length).collect();
        assert_eq!(key().public().verify(b"message", &other).unwrap_err(), BadSignature::Length(length));
    }
}

#[test]
fn r_9_3_an_s_above_the_group_order_is_refused() {
    // The group order, little endian (RFC 8032 section 5.1): S + L satisfies the equation as well as S.
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut signature = key().sign(b"message");
    let mut carry = 0u16;
    for (s, l) in signature[32..].iter_mut().zip(&order) {
        let sum = u16::from(*s) + u16::from(*l) + carry;
        *s = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(key().public().verify(b"message", &signature).unwrap_err(), BadSignature::Mismatch);
}

#[test]
fn r_9_3_keys_of_low_order_and_other_spellings_are_refused() {
    // The eight points of low order, and their encodings with y >= p or with the sign bit of x = 0 set.
    for hex in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ] {
        assert!(PublicKey::from_bytes(&hex::decode(hex).unwrap()).is_err(), "{hex}");
    }
    // y = p + 3 spells the point with y = 3 a second time, if there is one; y = p + 4 likewise.
    for low in 0xf0..=0xff_u8 {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (low, 0x7f);
        assert_eq!(PublicKey::from_bytes(&bytes), Err(UnusableKey::NotAPoint), "{low:02x}");
    }
}

/// The public key of the seed 07 07 .. 07.
const HONEST: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
/// The same key plus a point of order 8. Nobody signs with such a key; it is not weak, so it is loaded.
const MIXED: &str = "fbb3211d177bccefd763d01a88f6473e43e5cf0a0740e44ab5c64460eefd4675";

/// What, key, message, signature, whether the bare equation holds, and whether the strict check accepts. Computed
/// by a big-integer program that shares no code with the library.
const CORNERS: &[(&str, &str, &str, &str, bool, bool)] = &[
    (
        "R is the neutral point",
        HONEST,
        "message",
        "0100000000000000000000000000000000000000000000000000000000000000d4c5323131ff9683cfb3d30197c786c9043f1052d6c2d5293f19d6f36b911104",
        true,
        false,
    ),
    (
        "R has low order, and so has a part of the key",
        MIXED,
        "message 3",
        "01000000000000000000000000000000000000000000000000000000000000000251021ee49b8fdc3bb0ae89132243cdfe6227a88790d9089402b83a0e981904",
        true,
        false,
    ),
    (
        "R has low order, and so has a part of the key",
        MIXED,
        "message 5",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc054bca0749f380afa79dbc71655c333eb9825901ff842fe17ee5ac627f4ce34700",
        true,
        false,
    ),
    (
        "R has low order, and so has a part of the key",
        MIXED,
        "message 12",
        "0000000000000000000000000000000000000000000000000000000000000000bce8e0e485981406a2bcbd1b057fba6251dca2fb50a549bc24eedabe28b7d709",
        true,
        false,
    ),
    (
        "R has low order, and so has a part of the key",
        MIXED,
        "message 1",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a9a2b51fc8ab2849713ce37f04cbaf42e30b556da52440553b643fff83bf9b208",
        true,
        false,
    ),
    (
        "R has low order, and so has a part of the key",
        MIXED,
        "message 7",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f30f735698b648d0a0e159555392074838e39853b1ba7f921a08817d9cffe420d",
        true,
        false,
    ),
    (
        "R has low order, and so has a part of the key",
        MIXED,
        "message 2",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fabf2addb2c61fe3a78c062755fd4f4bcf7a8f2f3f95cd99ba7d3a648f9c8abe0a",
        true,
        false,
    ),
    (
        "R has low order, and so has a part of the key",
        MIXED,
        "message 12",
        "00000000000000000000000000000000000000000000000000000000000000804f894158f76ac02dfe71ad414909cfaa3a00224345e5abb1bfedd4d95bc9fb02",
        true,
        false,
    ),
    (
        "R has low order, and so has a part of the key",
        MIXED,
        "message 19",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85879edaf49ca9f63acdcfd222a53b0e7e15bdf53cee680abfdb75e07b677b8f0f",
        true,
        false,
    ),
    (
        "a part of the key has low order, and cancels out",
        MIXED,
        "message 6",
        "7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572274803ab61401d01e8c0f3124ab5976d592e1f65141fc8a57c136a8145ff0509",
        true,
        true,
    ),
    (
        "a part of the key has low order, and remains",
        MIXED,
        "message 0",
        "7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca57284da347abcb00819df4e338b2c72424cac8c2be9572f5801da00a32e22bdae09",
        false,
        false,
    ),
    (
        "a part of R has low order",
        HONEST,
        "message",
        "b15bf26424d1b69dd33b7a9e57db5de4a2aadea4a2a051efd9bfd6af74165d2bd0daba4e541922a3d5013315c50c0aed767f42ab1358279d6add6bbd22b2b603",
        false,
        false,
    ),
    (
        "R is the neutral point, with y = p + 1",
        HONEST,
        "message",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f429287529325c4ed20a20ad97fccf713cadc367a64bb7024b811454179bf3707",
        false,
        false,
    ),
    (
        "R is the neutral point, with the sign of a point that does not exist",
        HONEST,
        "message",
        "01000000000000000000000000000000000000000000000000000000000000806c48dd23977cad979fe5b405427c91b5ef937d68089cb19ded46e0e110fca50f",
        false,
        false,
    ),
];

#[test]
fn r_9_3_every_corner_of_the_equation_is_judged_as_the_strict_check_judges_it() {
    for (what, key, message, signature, loose, strict) in CORNERS {
        let key = PublicKey::from_bytes(&hex::decode(key).unwrap()).unwrap();
        let signature: [u8; 64] = hex::decode(signature).unwrap().try_into().unwrap();
        let parsed = ed25519_dalek::Signature::from_bytes(&signature);
        assert_eq!(key.0.verify(message.as_bytes(), &parsed).is_ok(), *loose, "{what}");
        assert_eq!(key.0.verify_strict(message.as_bytes(), &parsed).is_ok(), *strict, "{what}");
        assert_eq!(key.verify(message.as_bytes(), &signature).is_ok(), *strict, "{what}");
    }
}

#[test]
fn r_9_3_the_points_of_low_order_are_the_ones_that_the_library_calls_weak() {
    let mut weak = 0;
    for y in LOW_ORDER {
        for sign in [0, 0x80] {
            let mut point = y;
            point[31] |= sign;
            assert!(low_order(&point));
            if let Ok(key) = VerifyingKey::from_bytes(&point)
                && key.to_edwards().compress().as_bytes() == &point
            {
                assert!(key.is_weak());
                weak += 1;
            }
        }
    }
    assert_eq!(weak, 8);
    assert!(!low_order(SecretKey::from_seed(&[7; 32]).public().as_bytes()));
}

proptest! {
    #[test]
    fn a_kept_expansion_signs_as_the_library_does(seed: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..300)) {
        use ed25519_dalek::Signer as _;
        let key = SecretKey::from_seed(&seed);
        let signature = SigningKey::from_bytes(&seed).sign(&message).to_bytes();
        prop_assert_eq!(key.sign(&message), signature);
        prop_assert_eq!(key.clone().sign(&message), signature);
    }

    #[test]
    fn r_9_3_any_signature_is_judged_as_the_strict_check_judges_it(
        seed: [u8; 32], message: Vec<u8>, at in 0_usize..64, with: u8, noise: [u8; 32], which in 0_usize..3
    ) {
        let key = SecretKey::from_seed(&seed);
        let mut signature = key.sign(&message);
        match which {
            0 => signature[at] ^= with,
            1 => signature[..32].copy_from_slice(&noise),
            _ => signature[32..].copy_from_slice(&noise),
        }
        let strict = key.public().0.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(&signature));
        prop_assert_eq!(key.public().verify(&message, &signature).is_ok(), strict.is_ok());
    }
}

#[test]
fn r_9_3_a_key_of_another_length_is_refused_without_a_panic() {
    for length in [0, 31, 33, 64] {
        assert_eq!(PublicKey::from_bytes(&vec![9; length]), Err(UnusableKey::Length(length)));
    }
}

#[test]
fn the_rfc_8032_vectors_hold() {
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        let seed: [u8; 32] = hex::decode(seed).unwrap().try_into().unwrap();
        let (key, message) = (SecretKey::from_seed(&seed), hex::decode(message).unwrap());
        assert_eq!(hex::encode(key.public().as_bytes()), public);
        assert_eq!(hex::encode(key.sign(&message)), signature);
        let _: SignatureValid = key.public().verify(&message, &hex::decode(signature).unwrap()).unwrap();
    }
}

#[test]
fn a_private_key_cannot_be_printed() {
    let named = key().named("kid");
    let printed = format!("{named:?}");
    assert!(printed.contains("***") && !printed.contains("0707") && !printed.contains("7, 7"), "{printed}");
}
