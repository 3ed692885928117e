//! When two addresses are the same one (RFC 9449 section 4.3, RFC 3986 section 6.2).

/// The one spelling of `url` without query and fragment: scheme and host in small letters, no default port, a path, escapes
/// only where they are needed. `None`: it is no address of a web server.
///
/// Dot segments stay: whoever calls an address has removed them before, and two spellings that stay different only cost
/// their sender a refusal.
pub(super) fn normal(url: &str) -> Option<String> {
    let (scheme, rest) = plain(url).split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => "443",
        "http" => "80",
        _ => return None,
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = host_and_port(authority)?;
    let mut normal = format!("{scheme}://{}", host.to_ascii_lowercase());
    if !port.is_empty() && port != default_port {
        normal.push(':');
        normal.push_str(port);
    }
    if path.is_empty() {
        normal.push('/');
    }
    append_path(path, &mut normal)?;
    Some(normal)
}

/// The address without query and fragment.
pub(super) fn plain(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// The two halves of an authority; an empty port is none (RFC 3986 section 3.2.3). Nobody logs in to a token endpoint by its
/// address, so there is no third.
fn host_and_port(authority: &str) -> Option<(&str, &str)> {
    let brackets = authority.rfind(']').map_or(0, |end| end + 1);
    let (address, rest) = authority.split_at_checked(brackets)?;
    let (name, port) = rest.split_once(':').unwrap_or((rest, ""));
    let host = authority.get(..address.len() + name.len())?;
    let legal = |b: u8| b.is_ascii_graphic() && !matches!(b, b'@' | b'\\' | b'%');
    let is_host = !host.is_empty() && host.bytes().all(legal) && (address.is_empty() || name.is_empty());
    (is_host && port.bytes().all(|b| b.is_ascii_digit())).then_some((host, port))
}

fn append_path(path: &str, out: &mut String) -> Option<()> {
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let (high, low) = (hex(rest.next()?)?, hex(rest.next()?)?);
                let escaped = char::from(high << 4 | low);
                // RFC 3986 section 2.3: an escape of one of these means the character itself.
                if escaped.is_ascii_alphanumeric() || matches!(escaped, '-' | '.' | '_' | '~') {
                    out.push(escaped);
                } else {
                    out.push('%');
                    out.push(digit(high));
                    out.push(digit(low));
                }
            }
            byte if byte.is_ascii_graphic() => out.push(char::from(byte)),
            _ => return None,
        }
    }
    Some(())
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::normal;
    use proptest::prelude::*;

    #[test]
    fn one_address_has_one_spelling() {
        for (spelling, same) in [
            ("https://a.example", "https://a.example/"),
            ("HTTPS://A.Example:443/Pay", "https://a.example/Pay"),
            ("http://a.example:80/", "http://a.example/"),
            ("http://a.example:/", "http://a.example/"),
            ("https://a.example/p?q=1", "https://a.example/p"),
            ("https://a.example/p#f", "https://a.example/p"),
            ("https://a.example?q", "https://a.example/"),
            ("https://a.example/%7euser/%2fb%3A", "https://a.example/~user/%2Fb%3A"),
            ("http://[::1]:8080/p", "http://[::1]:8080/p"),
        ] {
            assert_eq!(normal(spelling).as_deref(), Some(same), "{spelling}");
        }
    }

    #[test]
    fn what_differs_stays_different() {
        for (one, other) in [
            ("https://a.example/p", "http://a.example/p"),
            ("https://a.example/p", "https://a.example/P"),
            ("https://a.example/p", "https://a.example/p/"),
            ("https://a.example/p", "https://b.example/p"),
            ("https://a.example/p", "https://a.example:8443/p"),
            ("https://a.example:80/", "https://a.example/"),
            ("https://a.example/a%2fb", "https://a.example/a/b"),
            ("https://a.example/x/../p", "https://a.example/p"),
        ] {
            assert_ne!(normal(one), normal(other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_web_server_equals_nothing() {
        for url in [
            "",
            "/",
            "a.example/p",
            "https:/a.example",
            "https://",
            "https://:443/",
            "ftp://a.example/",
            "https://u@a.example/",
            "https://u:1@a.example/",
            "https://a.example:x/",
            "https://a.example:1:2/",
            "https://[::1]a/",
            "http://::1/",
            "https://a.example/%",
            "https://a.example/%4",
            "https://a.example/%zz",
            "https://a.example/ ",
            "https://a.example/ü",
            "https://ä.example/",
            "https://a.example\\b/",
            "https://a .example/",
        ] {
            assert_eq!(normal(url), None, "{url}");
        }
    }

    proptest! {
        #[test]
        fn the_one_spelling_is_its_own(url in "(https?|HTTP)://[a-zA-Z0-9:.\\[\\]]{0,12}[ -~]{0,30}") {
            if let Some(once) = normal(&url) {
                prop_assert_eq!(normal(&once), Some(once.clone()));
            }
        }

        #[test]
        fn any_text_is_read_or_not(url in "\\PC{0,60}") {
            let _ = normal(&url);
        }
    }
}
