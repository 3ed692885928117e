//! What issuers count.

use super::{Http, Server};

/// What `series` says, summed over issuers. One that an issuer does not have is no zero.
#[track_caller]
pub(crate) fn counted<'s>(http: &Http, servers: impl IntoIterator<Item = &'s Server>, series: &str) -> u64 {
    let of = |server: &Server| -> u64 {
        let text = http.text(&server.at("/metrics"));
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("{series} is not there:\n{text}")).parse().unwrap()
    };
    servers.into_iter().map(of).sum()
}
