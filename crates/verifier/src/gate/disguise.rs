//! Headers and parameters by which a client would have the service behind take the request for another one.

use http::HeaderMap;
use http::header::CONNECTION;

/// What frameworks take for the method, whatever the request line says.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method", "x-http-method-override", "x-method-override"];

/// What frameworks and servers take for the path, whatever the request line says: IIS with its rewriting, Symfony and
/// Laminas the first three; WSGI servers the next three, who cut the path at the prefix they are told; and Rack
/// the last two, by which a client has the proxy fetch a place of its choice.
const PATH_OVERRIDES: [&str; 8] = [
    "x-original-url",
    "x-override-url",
    "x-rewrite-url",
    "path-info",
    "script-name",
    "x-script-name",
    "x-accel-mapping",
    "x-sendfile-type",
];

/// Whose loss on the way to the service would change what it sees of the verdict.
const NOT_HOP_BY_HOP: [&str; 4] = ["authorization", "chancery-", "x-forwarded-", "x-original-"];

/// The prefix of the claim headers.
const CLAIMS: &str = "chancery-";

/// Why the service might see another request than the one that was judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Disguise {
    /// A claim header, spelled so that only the service takes it for one.
    #[error("the header {header} reads like a claim header")]
    Claim {
        /// The header.
        header: String,
    },
    /// A header that the next hop is asked to drop (RFC 9110 section 7.6.1).
    #[error("Connection names the header {header}")]
    Dropped {
        /// The header.
        header: &'static str,
    },
    /// Another method.
    #[error("{what} names another method")]
    Method {
        /// Where.
        what: &'static str,
    },
    /// Another path.
    #[error("{header} names another path")]
    Path {
        /// The header.
        header: &'static str,
    },
}

/// Looks for all of them.
pub(super) fn undisguised(headers: &HeaderMap, query: Option<&[u8]>) -> Result<(), Disguise> {
    for name in headers.keys().map(http::HeaderName::as_str) {
        // Most headers are none of these, and their first letter says so.
        if !name.starts_with(['c', 'p', 's', 'x']) {
            continue;
        }
        if let Some(what) = METHOD_OVERRIDES.into_iter().find(|header| reads_like(name, header)) {
            return Err(Disguise::Method { what });
        }
        if let Some(header) = PATH_OVERRIDES.into_iter().find(|header| reads_like(name, header)) {
            return Err(Disguise::Path { header });
        }
        if is_lookalike_of_a_claim(name) {
            return Err(Disguise::Claim { header: name.to_owned() });
        }
    }
    for option in headers.get_all(CONNECTION).iter().flat_map(|value| value.as_bytes().split(|b| *b == b','))
    {
        let option = option.trim_ascii();
        let begins = |start: &&str| {
            option.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
        };
        if let Some(header) = NOT_HOP_BY_HOP.into_iter().find(begins) {
            return Err(Disguise::Dropped { header });
        }
    }
    match query {
        Some(query) if query.split(|byte| matches!(byte, b'&' | b';')).any(names_a_method) => {
            Err(Disguise::Method { what: "_method" })
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether a service may hear `header` where `name` stands: CGI and what came after it write every separator as `_`.
fn reads_like(name: &str, header: &str) -> bool {
    name.len() == header.len() && name.bytes().zip(header.bytes()).all(|(found, meant)| read(found) == meant)
}

const fn read(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' }
}

fn is_lookalike_of_a_claim(name: &str) -> bool {
    name.get(..CLAIMS.len()).is_some_and(|start| reads_like(start, CLAIMS))
        && name.bytes().any(|byte| !byte.is_ascii_alphanumeric() && byte != b'-')
}

/// `_method` and the headers above, as parameters of a query: Symfony, Spring, WordPress and Express take them.
fn names_a_method(parameter: &[u8]) -> bool {
    let name = parameter.split(|byte| *byte == b'=').next().unwrap_or_default();
    if name.len() < "_method".len() {
        return false;
    }
    let name = decoded(name);
    // PHP drops white space in front and ends a name at a zero byte or a closed bracket.
    let start = name.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(name.len());
    let name = name.get(start..).unwrap_or_default();
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let read_all = |name: &[u8]| -> Vec<u8> { name.iter().map(|byte| read(*byte)).collect() };
    // The reader of Express takes `[_method]` for `_method`, the one of PHP `[method` for the same.
    let is_bracket = |byte: &u8| matches!(byte, b'[' | b']');
    let start = name.iter().position(|byte| !is_bracket(byte)).unwrap_or(name.len());
    let end = name.iter().rposition(|byte| !is_bracket(byte)).map_or(start, |last| last + 1);
    [read_all(name), read_all(name.get(start..end).unwrap_or_default())]
        .iter()
        .any(|name| name == b"-method" || METHOD_OVERRIDES.iter().any(|header| name == header.as_bytes()))
}

/// The bytes that a form says, as lenient as readers are: what is no escape stands for itself.
fn decoded(text: &[u8]) -> Vec<u8> {
    let digit =
        |byte: Option<&u8>| char::from(*byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        // Classic ASP.NET knows a second form of escapes.
        if let (b'%', Some((b'u' | b'U', [b'0', b'0', high, low, after @ ..]))) =
            (first, behind.split_first())
            && let (Some(high), Some(low)) = (digit(Some(high)), digit(Some(low)))
        {
            bytes.push(high << 4 | low);
            rest = after;
            continue;
        }
        match (first, digit(behind.first()), digit(behind.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                rest = behind.get(2..).unwrap_or_default();
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn with(header: &str, value: &'static str) -> Result<(), Disguise> {
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("*/*"));
        headers.append(HeaderName::try_from(header).unwrap(), HeaderValue::from_static(value));
        undisguised(&headers, None)
    }

    fn query(text: &str) -> Result<(), Disguise> {
        undisguised(&HeaderMap::new(), Some(text.as_bytes()))
    }

    #[test]
    fn other_methods_are_found_in_every_spelling() {
        for header in [
            "X-HTTP-Method-Override",
            "X-HTTP-Method",
            "x-method-override",
            "X_HTTP_Method_Override",
            "x.method.override",
            "X-Http_Method",
        ] {
            assert!(matches!(with(header, "DELETE"), Err(Disguise::Method { .. })), "{header}");
        }
        for header in ["x-method", "http-method-override", "x-http-methods", "allow"] {
            assert_eq!(with(header, "DELETE"), Ok(()), "{header}");
        }
    }

    #[test]
    fn other_paths_are_found_in_every_spelling() {
        for header in [
            "X-Original-URL",
            "X-Rewrite-URL",
            "X_Original_URL",
            "X-Override-Url",
            "Script-Name",
            "SCRIPT_NAME",
            "PATH_INFO",
            "X-Script-Name",
            "X-Accel-Mapping",
            "X-Sendfile-Type",
        ] {
            assert!(matches!(with(header, "/a"), Err(Disguise::Path { .. })), "{header}");
        }
        assert_eq!(with("x-original-uri", "/a"), Ok(()), "it is how a proxy tells the path");
    }

    #[test]
    fn a_claim_header_has_one_spelling() {
        for header in [
            "Chancery_Tenant",
            "chancery_claims",
            "Chancery-Client_Id",
            "chancery.tenant",
            "CHANCERY_",
            "chancery~a",
        ] {
            assert!(matches!(with(header, "acme"), Err(Disguise::Claim { .. })), "{header}");
        }
        for header in
            ["Chancery-Tenant", "chancery-anything", "chancery", "x-chancery_tenant", "chancery9tenant"]
        {
            assert_eq!(with(header, "acme"), Ok(()), "{header}");
        }
    }

    #[test]
    fn what_the_service_goes_by_is_not_dropped_on_the_way() {
        for value in [
            "Chancery-Tenant",
            "close, chancery-claims",
            "keep-alive,\tAUTHORIZATION",
            "x-forwarded-uri",
            "X-Original-URI ,a",
        ] {
            assert!(matches!(with("connection", value), Err(Disguise::Dropped { .. })), "{value}");
        }
        for value in ["", "close", "keep-alive", "Upgrade, HTTP2-Settings", "TE", ",", "x-forward"] {
            assert_eq!(with("connection", value), Ok(()), "{value}");
        }
    }

    #[test]
    fn a_query_names_no_method() {
        for text in [
            "_method=DELETE",
            "a=b&_method=DELETE",
            "a=b;_method=DELETE",
            "_METHOD=delete",
            "%5Fmethod=DELETE",
            "_%6dethod=DELETE",
            "+_method=DELETE",
            "%20%09_method=DELETE",
            ".method=DELETE",
            "[method=DELETE",
            "[_method]=DELETE",
            "%5B_method%5D=DELETE",
            "[_method][]=DELETE",
            "%u005fmethod=DELETE",
            "_method%00a=DELETE",
            "_method",
            "X-HTTP-Method-Override=DELETE",
            "x_http_method=DELETE",
        ] {
            assert!(matches!(query(text), Err(Disguise::Method { .. })), "{text}");
        }
        for text in ["", "method=get", "a=_method", "shipping_method=post", "_methods=1", "a=%", "a=%zz&b=%5"]
        {
            assert_eq!(query(text), Ok(()), "{text}");
        }
    }
}
