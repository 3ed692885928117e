//! The answers that nginx understands.

use super::{Answer, gate, question, token};
use chancery_verifier::gate::{Proxy, REFUSAL_HEADERS};

#[tokio::test]
async fn nginx_hears_200_or_403_and_tells_the_client_what_the_headers_say() {
    let good = token("invoices:read").sign();
    for (method, uri, token, status) in [
        ("GET", "/invoices", Some(&*good), 200),
        ("GET", "/healthz", None, 200),
        ("GET", "/invoices", None, 401),
        ("GET", "/invoices", Some("abc"), 401),
        ("POST", "/invoices", Some(&*good), 403),
        ("PUT", "/invoices", Some(&*good), 405),
        ("GET", "/admin", None, 404),
        ("GET", "/invoices//", None, 400),
    ] {
        let question = question(method, uri, token, &[]);
        let told = Answer::of(gate().judge_for_auth_request(&question).await).await;
        let full = Answer::of(gate().judge(Proxy::Nginx, &question).await).await;
        assert_eq!(told.body, "");
        if status == 200 {
            assert_eq!((told.status.as_u16(), full.status.as_u16()), (200, 200), "{uri}");
            assert!(told.header("chancery-tenant").is_some() && told.header(REFUSAL_HEADERS[0]).is_none());
            continue;
        }
        assert_eq!((told.status.as_u16(), full.status.as_u16()), (403, status), "{uri}");
        assert_eq!(told.header(REFUSAL_HEADERS[0]), Some(&*status.to_string()), "{uri}");
        assert_eq!(told.header(REFUSAL_HEADERS[1]), Some(&*full.body), "{uri}");
        for header in ["www-authenticate", "allow", "retry-after", "cache-control"] {
            assert_eq!(told.header(header), full.header(header), "{uri} {header}");
        }
        assert_eq!(told.judged, full.judged);
    }
}
