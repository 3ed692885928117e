//! A request from a stranger, told to the gate by a proxy: the method, the URI and headers, one a line. Whatever gets in
//! means the same route to every service that reads paths leniently.
#![no_main]

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use chancery_verifier::gate::{CLAIM_HEADERS, Gate, Judged, Proxy};
use chancery_verifier::guard::{Access, Row, Verb, public};
use chancery_verifier::testing::TestIssuer;
use chancery_verifier::{Revocation, Verifier, scope};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Uri};
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 10] = [
    "/",
    "/healthz",
    "/invoices",
    "/invoices/{id}",
    "/invoices/{id}/lines",
    "/invoices/export",
    "/Reports/{year}",
    "/assets/{*rest}",
    "/assets/private/{*rest}",
    "/tags/caf%C3%A9",
];

/// Half of the routes are public, so that strangers get in without a token.
static GATE: LazyLock<Gate> = LazyLock::new(|| {
    let issuer = TestIssuer::new("https://auth.example.com", "billing");
    let revocation = Revocation::Ignore { reason: "strangers have no tokens" };
    let verifier = Verifier::new(issuer.issuer(), issuer.audience(), revocation).expect("both are names");
    verifier.install_keys(issuer.keys()).expect("the keys are of the format");
    let rows = PATHS.into_iter().enumerate().map(|(at, path)| {
        let access = if at % 2 == 0 { public("a test") } else { Access::from(scope!("a:read")) };
        Row { method: Verb::Get, path: path.to_owned(), access }
    });
    Gate::new(rows, verifier).expect("the table holds")
});

/// As services route: to the letter, or with their templates in lower case.
static ROUTES: LazyLock<[matchit::Router<usize>; 2]> = LazyLock::new(|| {
    let folds: [fn(&str) -> String; 2] = [str::to_owned, |path| decoded(path).to_lowercase()];
    folds.map(|fold| {
        let mut routes = matchit::Router::new();
        for (at, path) in PATHS.iter().enumerate() {
            routes.insert(fold(path), at).expect("no two are alike");
        }
        routes
    })
});

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let (method, uri) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let (mut question, ()) = Request::new(()).into_parts();
    for line in lines {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let name = halves.next().and_then(|name| HeaderName::from_bytes(name).ok());
        let value = halves.next().and_then(|value| HeaderValue::from_bytes(value.trim_ascii()).ok());
        if let (Some(name), Some(value)) = (name, value) {
            question.headers.append(name, value);
        }
    }
    for proxy in Proxy::ALL {
        if let Some(question) = told(proxy, question.clone(), method, uri) {
            judge(proxy, &question, uri);
        }
    }
});

/// The question, as the proxy puts it.
fn told(proxy: Proxy, mut question: Parts, method: &[u8], uri: &[u8]) -> Option<Parts> {
    let headers = match proxy {
        Proxy::Nginx => ["x-original-method", "x-original-uri"],
        Proxy::Caddy | Proxy::Traefik => ["x-forwarded-method", "x-forwarded-uri"],
        Proxy::Envoy => {
            question.method = http::Method::from_bytes(method).ok()?;
            question.uri = Uri::try_from([b"/auth/envoy", uri].concat()).ok()?;
            return Some(question);
        }
    };
    question.headers.append(headers[0], HeaderValue::from_bytes(method).ok()?);
    question.headers.append(headers[1], HeaderValue::from_bytes(uri).ok()?);
    Some(question)
}

fn judge(proxy: Proxy, question: &Parts, uri: &[u8]) {
    let answer = now(GATE.judge(proxy, question));
    let judged = answer.extensions().get::<Judged>().expect("every answer says how the request fared");
    assert_eq!(judged.reason.is_none(), answer.status() == 200, "{judged:?}");
    let claims = CLAIM_HEADERS.map(|header| answer.headers().get(header).map(HeaderValue::as_bytes));
    let expected = if judged.reason.is_none() { Some(&b""[..]) } else { None };
    assert_eq!(claims, [expected; 6], "a stranger has no claims");
    if judged.reason.is_none() {
        let path = uri.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
        alike(str::from_utf8(path).expect("a path that gets in is ASCII"));
    }
    let nginx = now(GATE.judge_for_auth_request(question));
    assert!(nginx.status() == 200 || nginx.status() == 403);
}

/// However a service reads the path: it is the same route, or none.
fn alike(path: &str) {
    let [exact, _] = &*ROUTES;
    let meant = exact.at(path).expect("what gets in is declared").value;
    for leniency in 0..64_u8 {
        let has = |bit: u8| leniency & 1 << bit != 0;
        let mut read = path.to_owned();
        for _ in 0..u8::from(has(0)) + u8::from(has(1)) {
            read = decoded(&read);
        }
        if has(2) {
            read = read.replace('\\', "/");
            while read.contains("//") {
                read = read.replace("//", "/");
            }
        }
        if has(3) {
            read = read
                .split('/')
                .map(|part| part.split(';').next().unwrap_or_default())
                .collect::<Vec<_>>()
                .join("/");
            assert!(!read.split('/').any(|part| matches!(part, "." | "..")), "{path}");
        }
        if has(4) && read.len() > 1 {
            read = read.trim_end_matches('/').to_owned();
        }
        let routes = &ROUTES[usize::from(has(5))];
        let read = if has(5) { read.to_lowercase() } else { read };
        if let Ok(found) = routes.at(&read) {
            assert_eq!(found.value, meant, "{path} is {} and {}", PATHS[*meant], PATHS[*found.value]);
        }
    }
}

fn decoded(path: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| str::from_utf8(digits).ok());
        let escape = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%');
        bytes.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The gate waits for nothing: without a follower it has nobody to ask.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the gate waits"),
    }
}
