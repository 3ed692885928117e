//! What lies where a session's file should: anything, and sessions that were cut, changed or put together wrongly. Whatever it
//! is, what is said of it quotes nothing: it may be somebody's secret.
#![no_main]

use chancery_client::testing::session_file;
use libfuzzer_sys::fuzz_target;

/// All that is ever said, with `#` for numbers.
const TOLD: [&str; 5] = [
    "session.json is no session file: it has no \"chancery_session\"",
    "the session file session.json is damaged: at line #, column # a member is missing, unknown, repeated or not what it is to be",
    "the session file session.json is damaged: it ends at line #, column #",
    "the session file session.json is damaged: it is no JSON at line #, column #",
    "the session file session.json is of version #; this program reads version #",
];

/// Those of which it is said that what they say cannot be.
const MEMBERS: [&str; 9] = [
    "access_token",
    "authentication",
    "dpop_key",
    "ended",
    "expires_at",
    "issuer",
    "obtained_at",
    "refresh_expires_at",
    "refresh_token",
];

const LIVE: &str = r#"{"chancery_session":1,"issuer":"https://auth.example.com","client_id":"summarizer","authentication":{"secret":"chs_live_x"},"request":{"scopes":["documents:read"],"resource":"https://documents.example.com","tenant":"acme"},"dpop_key":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","delegated":true,"refresh_token":"chr_live_x","refresh_expires_at":1795392900,"access_token":"a.b.c","expires_at":1795306500,"obtained_at":1795305600,"scope":"documents:read"}"#;
const ENDED: &str = r#"{"chancery_session":1,"issuer":"https://auth.example.com","client_id":"summarizer","authentication":"none","request":{},"ended":{"reason":"refresh_token_ended","at":1795305600}}"#;

fuzz_target!(|data: &[u8]| {
    read(data);
    let [first, second, rest @ ..] = data else { return };
    for good in [LIVE, ENDED] {
        // In the place of some of a good one.
        let start = usize::from(*first) * good.len() / 256;
        let end = start + usize::from(*second) * (good.len() - start) / 256;
        read(&[&good.as_bytes()[..start], rest, &good.as_bytes()[end..]].concat());
    }
    if let Ok(text) = str::from_utf8(rest) {
        // As the text of a member that is one.
        let texts = ["https://auth.example.com", "summarizer", "chs_live_x", "chr_live_x", "a.b.c", "acme"];
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        read(LIVE.replace(texts[usize::from(*first) % texts.len()], &text).as_bytes());
    }
});

fn read(content: &[u8]) {
    match session_file(content) {
        // What was read means what is written of it.
        Ok(written) => assert_eq!(session_file(&written), Ok(written.clone())),
        Err(fault) => {
            assert!(is_known(&fault.to_string()), "{fault}");
            assert!(fault.fix().is_ascii() && fault.reason().starts_with("session_file_"));
            assert!(format!("{fault:?}").len() < 200, "{fault:?}");
        }
    }
}

fn is_known(told: &str) -> bool {
    let mut plain = String::new();
    for c in told.chars() {
        if !c.is_ascii_digit() {
            plain.push(c);
        } else if !plain.ends_with('#') {
            plain.push('#');
        }
    }
    let member = plain
        .strip_prefix("the session file session.json is damaged: its member \"")
        .and_then(|rest| rest.strip_suffix("\" says what cannot be"));
    TOLD.contains(&plain.as_str()) || member.is_some_and(|name| MEMBERS.contains(&name))
}
