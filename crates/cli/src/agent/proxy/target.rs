//! Where the proxy leads, and nowhere else.

use super::fault::Fault;
use crate::failure::Failure;
use crate::fetch::is_this_machine;
use axum::http::Uri;
use std::fmt;
use url::Url;

/// A server, and the path below which everything lies that is asked of it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    base: Url,
    /// Its path, without a slash at the end.
    prefix: String,
}

impl Target {
    pub(super) fn new(text: &str) -> Result<Self, Failure> {
        let unusable = |why: &str| {
            Failure::unusable("proxy_target", format!("--to {why}"))
                .fix("Write the address of a service, such as https://api.example.com/v1.")
        };
        let base = Url::parse(text).map_err(|why| unusable(&format!("'{text}' is no URL: {why}")))?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(unusable("holds a user name or a password"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(unusable(&format!("{base} has a query or a fragment")));
        }
        if base.scheme() != "https" && !(base.scheme() == "http" && is_this_machine(&base)) {
            return Err(unusable(&format!(
                "{base} is not https, and not on this machine: a token is not sent there"
            )));
        }
        let prefix = base.path().trim_end_matches('/').to_owned();
        Ok(Self { base, prefix })
    }

    /// Whether it is on this machine.
    pub(super) fn is_here(&self) -> bool {
        is_this_machine(&self.base)
    }

    /// What is meant by a request target of the proxy.
    pub(super) fn url(&self, asked: &Uri) -> Result<Url, Fault> {
        if asked.scheme().is_some() || asked.authority().is_some() || !asked.path().starts_with('/') {
            return Err(Fault::NotAPath);
        }
        if asked.path().split('/').any(leads_up) {
            return Err(Fault::NotPlain);
        }
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}", self.prefix, asked.path()));
        url.set_query(asked.query());
        // What `set_path` mends is no way out: this is what a server would see.
        if url.path().starts_with(&format!("{}/", self.prefix)) { Ok(url) } else { Err(Fault::NotPlain) }
    }

    /// Where a redirect leads, as the program has to ask for it here; `None` for one that leads elsewhere.
    pub(super) fn here(&self, from: &Url, location: &str) -> Option<String> {
        let to = from.join(location).ok()?;
        // One that begins with two is the name of a server to whoever reads it.
        let is_path = |path: &&str| path.starts_with('/') && !path.starts_with("//");
        let path = to.path().strip_prefix(&self.prefix).filter(is_path)?;
        if to.origin() != self.base.origin() {
            return None;
        }
        let query = to.query().map(|query| format!("?{query}")).unwrap_or_default();
        let fragment = to.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        Some(format!("{path}{query}{fragment}"))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.base)
    }
}

/// Whether a server could take a segment, or a part of it, for a way up. Some take off what follows a `;` first.
fn leads_up(segment: &str) -> bool {
    let (mut plain, mut before) = (segment.to_ascii_lowercase(), String::new());
    // Behind a gateway it may be unescaped more than once.
    while plain != before {
        before.clone_from(&plain);
        for (escaped, character) in [("%25", "%"), ("%2e", "."), ("%2f", "/"), ("%3b", ";"), ("%5c", "\\")] {
            plain = plain.replace(escaped, character);
        }
    }
    let is_way = |part: &str| matches!(part.split(';').next(), Some("." | ".."));
    segment.contains('\\') || plain.split(['/', '\\']).any(is_way)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        Target::new(text).unwrap()
    }

    fn asked(of: &str, path: &str) -> Result<String, String> {
        let url = target(of).url(&path.parse().unwrap());
        url.map(|url| url.to_string()).map_err(|fault| fault.reason().to_owned())
    }

    #[test]
    fn everything_is_asked_of_one_server_below_one_path() {
        for (of, path, url) in [
            ("https://a.example", "/", "https://a.example/"),
            ("https://a.example/", "/x/y?z=1&w=%2e", "https://a.example/x/y?z=1&w=%2e"),
            ("https://a.example/v1", "/x", "https://a.example/v1/x"),
            ("https://a.example/v1/", "/x/", "https://a.example/v1/x/"),
            ("https://a.example/v1", "//b.example/x", "https://a.example/v1//b.example/x"),
            ("http://127.0.0.1:9/v1", "/a%2Fb/c..d/%41+=", "http://127.0.0.1:9/v1/a%2Fb/c..d/%41+="),
        ] {
            assert_eq!(asked(of, path).as_deref(), Ok(url), "{path}");
        }
    }

    #[test]
    fn no_path_leads_out() {
        for path in [
            "/..",
            "/../admin",
            "/x/../../admin",
            "/%2e%2e/admin",
            "/.%2E/x",
            "/x/.",
            "/..%2fadmin",
            "/a%5c..%5cb",
            "/..;/admin",
            "/x/..;a=b/..;/admin",
            "/..%3b/admin",
            "/%252e%252e%252fadmin",
            "/%25252E%25252E/admin",
        ] {
            assert_eq!(asked("https://a.example/v1", path), Err("path_not_plain".to_owned()), "{path}");
        }
        for elsewhere in ["http://b.example/x", "https://a.example/v1/x", "b.example:443", "*"] {
            assert_eq!(
                asked("https://a.example/v1", elsewhere),
                Err("request_target_not_a_path".to_owned()),
                "{elsewhere}"
            );
        }
    }

    #[test]
    fn a_redirect_within_is_told_as_the_program_asks_for_it() {
        let to = target("https://a.example/v1");
        let from = "https://a.example/v1/x".parse().unwrap();
        let here = |location| to.here(&from, location);
        assert_eq!(here("/v1/x/?a=b#c").as_deref(), Some("/x/?a=b#c"));
        assert_eq!(here("https://a.example/v1/y").as_deref(), Some("/y"));
        assert_eq!(here("y").as_deref(), Some("/y"));
        for elsewhere in
            ["https://b.example/v1/x", "/v2", "/v1", "/v10/x", "http://a.example/v1/x", "/v1//evil.example/x"]
        {
            assert_eq!(here(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_target_is_https_or_here() {
        for bad in [
            "",
            "a.example",
            "http://a.example",
            "ftp://127.0.0.1",
            "https://u:p@a.example",
            "https://a.example/?x",
        ] {
            assert!(Target::new(bad).is_err(), "{bad}");
        }
    }
}
