//! How a service may read a path that is more forgiving than it should be.

/// The path that it serves for a target: cut where any server cuts, decoded twice, every slash turned the same way, in
/// lower case, without parameters of segments, empty segments, dot segments and a last slash.
pub(super) fn served(target: &str) -> String {
    let path = decoded(&decoded(target.split(['?', '#']).next().unwrap()));
    let path = path.split('\0').next().unwrap().replace('\\', "/").to_lowercase();
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').map(|segment| segment.split(';').next().unwrap().trim()) {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    format!("/{}", segments.join("/"))
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let escaped = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => bytes.push(*first),
        }
    }
    // The over-long form of a slash, which lenient decoders take for one.
    String::from_utf8_lossy(&bytes).replace("\u{fffd}\u{fffd}", "/")
}

#[test]
fn a_lenient_service_serves_the_same_for_every_disguise() {
    for target in [
        "/account",
        "//account",
        "/Account/",
        "/x/../account",
        "/x/%2e%2e/account",
        "/x%2f..%2faccount",
        "/x%252f..%252faccount",
        "/x\\..\\account",
        "/account;v=1?plan",
        "/account%00.html",
        "/%61ccount#x",
        "/x%c0%af..%c0%afaccount",
        "/account%20",
    ] {
        assert_eq!(served(target), "/account", "{target}");
    }
    assert_eq!(served("/accounts"), "/accounts");
}
