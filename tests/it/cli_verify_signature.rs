use crate::support::{Chancery, Folder, Ran};

/// RFC 8032 section 7.1, tests 1 and 3.
const EMPTY: [&str; 3] = [
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
];
const TWO_BYTES: [&str; 3] = [
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
];

fn check([key, message, signature]: [&str; 3]) -> Ran {
    let folder = Folder::new();
    let words = [
        "token",
        "verify-signature",
        "--public-key",
        key,
        "--message",
        message,
        "--signature",
        signature,
        "--json",
    ];
    Chancery::in_folder(&folder).run(&words)
}

fn reason(ran: &Ran) -> String {
    ran.json()["reason"].as_str().unwrap().to_owned()
}

#[test]
fn the_vectors_of_rfc_8032_are_valid_in_either_case_of_hex() {
    for vector in [EMPTY, TWO_BYTES] {
        assert_eq!(check(vector).expect(0).json()["verdict"], "valid");
        let upper = vector.map(str::to_uppercase);
        check([&upper[0], &upper[1], &upper[2]]).expect(0);
    }
}

#[test]
fn whatever_is_hex_is_refused_or_valid_and_never_unusable() {
    let [key, message, signature] = TWO_BYTES;
    let identity = format!("01{}", "00".repeat(31));
    let not_a_point = format!("02{}", "00".repeat(31));
    let flipped = signature.replacen("62", "63", 1);
    let other = EMPTY[2];
    // S plus the group order: the same equation holds, and a lax check accepts it (RFC 8032 section 5.1.7).
    let malleable = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac05d391b0a77904e98404ef037747a56e4a7c15e9716ed28dc027beceea1ec41a";
    for (vector, expected) in [
        ([key, "af83", signature], "signature_invalid"),
        ([key, "", signature], "signature_invalid"),
        ([key, message, &flipped], "signature_invalid"),
        ([key, message, other], "signature_invalid"),
        ([key, message, malleable], "signature_invalid"),
        ([key, message, ""], "signature_length"),
        ([key, message, &signature[2..]], "signature_length"),
        (["", message, signature], "key_length"),
        ([&key[2..], message, signature], "key_length"),
        ([&identity, message, signature], "key_low_order"),
        ([&not_a_point, message, signature], "key_not_a_point"),
    ] {
        let ran = check(vector).expect(1);
        assert_eq!(
            (ran.json()["verdict"].as_str(), reason(&ran)),
            (Some("refused"), expected.to_owned()),
            "{vector:?}"
        );
    }
}

#[test]
fn what_is_not_hex_cannot_be_used() {
    let [key, message, signature] = TWO_BYTES;
    for vector in
        [["xy", message, signature], [key, "a", signature], [key, message, "0x00"], [key, "af 82", signature]]
    {
        let ran = check(vector).expect(2);
        assert_eq!(
            (ran.json()["verdict"].as_str(), reason(&ran)),
            (Some("unusable"), "not_hexadecimal".to_owned())
        );
    }
    let folder = Folder::new();
    let ran = Chancery::in_folder(&folder)
        .run(&["token", "verify-signature", "--public-key", key, "--json"])
        .expect(2);
    assert_eq!(ran.json()["verdict"], "unusable");
}

#[test]
fn text_says_the_same() {
    let folder = Folder::new();
    let [key, message, signature] = TWO_BYTES;
    let run = |message: &str| {
        let words = [
            "token",
            "verify-signature",
            "--public-key",
            key,
            "--message",
            message,
            "--signature",
            signature,
        ];
        Chancery::in_folder(&folder).run(&words)
    };
    assert_eq!(run(message).expect(0).out, "valid\n");
    assert!(run("00").expect(1).out.starts_with("refused: signature_invalid\n"));
}
