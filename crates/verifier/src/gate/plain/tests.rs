//! Paths, plain and not.

use super::*;

#[test]
fn paths_that_everybody_reads_alike_are_plain() {
    for (path, decoded) in [
        ("/", "/"),
        ("/invoices", "/invoices"),
        ("/invoices/", "/invoices/"),
        ("/a-b_c.d~e/%20x", "/a-b_c.d~e/ x"),
        ("/a!$&'()*+,=:@b", "/a!$&'()*+,=:@b"),
        ("/J%C3%BCrgen", "/J\u{fc}rgen"),
        ("/%c3%bc", "/\u{fc}"),
        ("/%E6%A0%AA%E5%BC%8F", "/\u{682a}\u{5f0f}"),
        ("/a...b/.well-known/x..", "/a...b/.well-known/x.."),
        ("/%7Ba%7D%22%3C%3E%7C%5E%60%5B%5D", "/{a}\"<>|^`[]"),
        ("/f(1)/Items(Id=1)", "/f(1)/Items(Id=1)"),
        ("/%F0%9F%98%80", "/\u{1f600}"),
    ] {
        let plain = PlainPath::read(path.as_bytes()).unwrap();
        assert_eq!((plain.as_str(), plain.decoded()), (path, decoded));
    }
}

#[test]
fn every_way_to_write_another_path_is_refused() {
    let tricks: &[&[u8]] = &[
        b"",
        b"invoices",
        b"*",
        b"?a",
        b"http://evil.example/a",
        b"//",
        b"//a",
        b"/a//b",
        b"/a//",
        b"/.",
        b"/..",
        b"/a/./b",
        b"/a/../b",
        b"/a/..",
        b"/a/.../b",
        b"/%2e/b",
        b"/%2E%2e/b",
        b"/.%2e/b",
        b"/%252e%252e/b",
        b"/a%2fb",
        b"/a%2Fb",
        b"/a%252fb",
        b"/a\\b",
        b"/..\\b",
        b"/a%5cb",
        b"/a%5Cb",
        b"/a;b",
        b"/a/..;/b",
        b"/a;jsessionid=1/b",
        b"/a%3bb",
        b"/a%3Bb",
        b"/a#b",
        b"/a%23b",
        b"/a%3Fb",
        b"/a%3fb",
        b"/a%00",
        b"/a%00.json",
        b"/a%0a",
        b"/a%0d%0aX-A:b",
        b"/a%09",
        b"/a%1f",
        b"/a%7f",
        b"/a\0",
        b"/a\tb",
        b"/a b",
        b"/a\x7f",
        b"/%",
        b"/%2",
        b"/%zz",
        b"/%u0061",
        b"/%+1",
        b"/%-1",
        b"/%25",
        b"/%41",
        b"/%61dmin",
        b"/%7e",
        b"/%2d",
        b"/\xc3\xbc",
        b"/\xff",
        b"/%ff",
        b"/%c0%af",
        b"/%e0%80%af",
        b"/%c0%ae%c0%ae/",
        b"/%ed%a0%80",
        b"/%C2%85",
        b"/%C2%A0",
        b"/a%EF%BC%8Fb",
        b"/%EF%BC%8E%EF%BC%8E/b",
        b"/a%E2%81%84b",
        b"/a%E2%88%95b",
        b"/a%C2%A5b",
        b"/a%CD%BEb",
        b"/a%E2%84%80b",
        b"/%E2%80%8B",
        b"/a%EF%BB%BF",
        b"/a%F3%A0%81%A1",
        b"/%20",
        b"/..%20/b",
        b"/%20../b",
        b"/a/+/b",
        b"/..+/b",
        b"/.%20./b",
        b"/.%CC%81./b",
        b"/a/(S(abc))/b",
        b"/a(A(abc))b",
        b"/a/%28F%28abc))/b",
        b"/{id}",
        b"/a|b",
        b"/a\"b",
        b"/a<b>",
        b"/a^b",
        b"/a`b",
        b"/a[0]",
    ];
    for trick in tricks {
        assert!(PlainPath::read(trick).is_err(), "{}", trick.escape_ascii());
    }
}

#[test]
fn a_path_has_4096_bytes_at_most() {
    let long = format!("/{}", "a".repeat(MOST_PATH_BYTES - 1));
    assert!(PlainPath::read(long.as_bytes()).is_ok());
    let longer = format!("{long}a");
    assert_eq!(PlainPath::read(longer.as_bytes()), Err(NotPlain::TooLong { bytes: MOST_PATH_BYTES + 1 }));
}

#[test]
fn the_evidence_does_not_repeat_the_path() {
    for path in ["/secret/../x", "/secret//x", "/secret%2fx", "/secret;x", "/secret%EF%BC%8F"] {
        let why = PlainPath::read(path.as_bytes()).unwrap_err().to_string();
        assert!(!why.contains("secret"), "{why}");
    }
}
