//! The request that the proxy asks about, as the proxy tells it.

use super::proxy::{ENVOY_PREFIX, Proxy};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

static X_FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
static X_FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
static X_ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
static X_ORIGINAL_URI: HeaderName = HeaderName::from_static("x-original-uri");

/// A request that was told once. Nothing of it is checked but its method.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Original<'r> {
    pub(super) method: Method,
    pub(super) path: &'r [u8],
    pub(super) query: Option<&'r [u8]>,
}

/// Why nobody can say which request is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotTold {
    /// The method is no token (RFC 9110 section 9.1).
    #[error("the original method is no method")]
    Method,
    /// The proxy does not say it.
    #[error("{what} is not told: set the proxy up as docs/guides/gate.md says")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// It stands there several times, so one of them is not the proxy's.
    #[error("{header} stands there {times} times: have the proxy set it, not add it")]
    Repeated {
        /// The header.
        header: &'static str,
        /// How often.
        times: usize,
    },
}

impl<'r> Original<'r> {
    pub(super) fn told(proxy: Proxy, request: &'r Parts) -> Result<Self, NotTold> {
        let headers = &request.headers;
        match proxy {
            Proxy::Caddy | Proxy::Traefik => Self::in_headers(
                once(headers, &X_FORWARDED_METHOD, "X-Forwarded-Method")?,
                once(headers, &X_FORWARDED_URI, "X-Forwarded-Uri")?,
            ),
            Proxy::Nginx => Self::in_headers(
                once(headers, &X_ORIGINAL_METHOD, "X-Original-Method")?,
                once(headers, &X_ORIGINAL_URI, "X-Original-URI")?,
            ),
            Proxy::Envoy => {
                let path = request.uri.path().strip_prefix(ENVOY_PREFIX).filter(|path| !path.is_empty());
                let path = path.ok_or(NotTold::Missing { what: "a path behind /auth/envoy" })?;
                let query = request.uri.query().map(str::as_bytes);
                Ok(Self { method: request.method.clone(), path: path.as_bytes(), query })
            }
        }
    }

    fn in_headers(method: &[u8], uri: &'r [u8]) -> Result<Self, NotTold> {
        let method = Method::from_bytes(method).map_err(|_| NotTold::Method)?;
        let mut parts = uri.splitn(2, |byte| *byte == b'?');
        Ok(Self { method, path: parts.next().unwrap_or_default(), query: parts.next() })
    }
}

fn once<'r>(headers: &'r HeaderMap, name: &HeaderName, shown: &'static str) -> Result<&'r [u8], NotTold> {
    let mut values = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let first = values.next();
    match (first, values.count()) {
        (None | Some([]), 0) => Err(NotTold::Missing { what: shown }),
        (Some(value), 0) => Ok(value),
        (_, more) => Err(NotTold::Repeated { header: shown, times: more + 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method("PUT").uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn each_proxy_is_heard_in_its_own_words_only() {
        let headers = [
            ("x-original-method", "POST"),
            ("x-original-uri", "/nginx?a=?b"),
            ("x-forwarded-method", "DELETE"),
            ("x-forwarded-uri", "/forwarded"),
        ];
        let parts = parts("http://gate/auth/envoy/envoy?c", &headers);
        for (proxy, method, path, query) in [
            (Proxy::Nginx, "POST", "/nginx", Some("a=?b")),
            (Proxy::Caddy, "DELETE", "/forwarded", None),
            (Proxy::Traefik, "DELETE", "/forwarded", None),
            (Proxy::Envoy, "PUT", "/envoy", Some("c")),
        ] {
            let told = Original::told(proxy, &parts).unwrap();
            assert_eq!(
                (told.method.as_str(), told.path, told.query),
                (method, path.as_bytes(), query.map(str::as_bytes)),
                "{proxy}"
            );
        }
    }

    #[test]
    fn what_is_not_told_exactly_once_is_not_told() {
        for (headers, expected) in [
            (&[][..], NotTold::Missing { what: "X-Original-Method" }),
            (&[("x-original-method", "GET")], NotTold::Missing { what: "X-Original-URI" }),
            (
                &[("x-original-method", "GET"), ("x-original-uri", "")],
                NotTold::Missing { what: "X-Original-URI" },
            ),
            (
                &[("x-original-method", "GET"), ("x-original-uri", "/a"), ("x-original-uri", "/a")],
                NotTold::Repeated { header: "X-Original-URI", times: 2 },
            ),
            (
                &[("x-original-method", ""), ("x-original-method", "GET"), ("x-original-uri", "/a")],
                NotTold::Repeated { header: "X-Original-Method", times: 2 },
            ),
            (&[("x-original-method", "GET /"), ("x-original-uri", "/a")], NotTold::Method),
            (&[("x-original-method", "GET, POST"), ("x-original-uri", "/a")], NotTold::Method),
        ] {
            assert_eq!(Original::told(Proxy::Nginx, &parts("/auth/nginx", headers)), Err(expected));
        }
        for uri in ["/auth/envoy", "/auth/envoy?a", "/auth", "/a/auth/envoy/b", "/auth/nginx/a"] {
            let missing = Err(NotTold::Missing { what: "a path behind /auth/envoy" });
            assert_eq!(Original::told(Proxy::Envoy, &parts(uri, &[])), missing, "{uri}");
        }
    }
}
