//! No path that a lenient service would map to a stricter route gets in through a weaker one.

use super::{Answer, gate, row, verifier};
use axum::body::Body;
use chancery_verifier::gate::{Gate, Proxy};
use chancery_verifier::guard::{Access, Row, Verb, public};
use chancery_verifier::scope;
use http::Request;
use proptest::prelude::*;

/// What a service does to a path before it looks for a route. Each was seen in one or another.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "services have any of them with any other")]
struct Leniency {
    decodes: u8,
    lowers: bool,
    merges_slashes: bool,
    resolves_dots: bool,
    drops_parameters: bool,
    drops_last_slash: bool,
    backslash_is_slash: bool,
    drops_suffix: bool,
    /// Whether it reads its own templates in the same way.
    templates_too: bool,
}

impl Leniency {
    fn read(self, path: &str) -> String {
        let mut path = path.split(['?', '#']).next().unwrap().to_owned();
        for _ in 0..self.decodes {
            path = decode(&path);
        }
        if self.backslash_is_slash {
            path = path.replace('\\', "/");
        }
        if self.drops_parameters {
            path = path.split('/').map(|part| part.split(';').next().unwrap()).collect::<Vec<_>>().join("/");
        }
        if self.merges_slashes {
            while path.contains("//") {
                path = path.replace("//", "/");
            }
        }
        if self.resolves_dots {
            path = resolve(&path);
        }
        self.fold(&path)
    }

    /// What it may do to its templates as well.
    fn fold(self, path: &str) -> String {
        let mut path = path.to_owned();
        if self.lowers {
            path = path.to_lowercase();
        }
        if self.drops_last_slash && path.len() > 1 {
            path = path.trim_end_matches('/').to_owned();
        }
        path
    }

    /// Which of `rows` it serves under the path.
    fn finds(self, rows: &[Row], path: &str) -> Option<usize> {
        let mut templates = matchit::Router::new();
        for (at, Row { path, .. }) in rows.iter().enumerate() {
            let path = if self.templates_too { self.fold(path) } else { path.clone() };
            templates.insert(path, at).ok()?;
        }
        let path = self.read(path);
        let found = templates.at(&path).ok().map(|found| *found.value);
        let dot = path.rfind('.').filter(|dot| *dot > path.rfind('/').unwrap_or_default() + 1);
        match (dot, found) {
            // What is declared with its suffix is found with it.
            (Some(dot), found)
                if self.drops_suffix && found.is_none_or(|found| !rows[found].path.contains('.')) =>
            {
                templates.at(&path[..dot]).ok().map(|found| *found.value).or(found)
            }
            _ => found,
        }
    }
}

fn decode(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn resolve(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}

fn leniency() -> impl Strategy<Value = Leniency> {
    (0..3_u8, any::<[bool; 8]>()).prop_map(|(decodes, [a, b, c, d, e, f, g, h])| Leniency {
        decodes,
        lowers: a,
        merges_slashes: b,
        resolves_dots: c,
        drops_parameters: d,
        drops_last_slash: e,
        backslash_is_slash: f,
        drops_suffix: g,
        templates_too: h,
    })
}

fn access() -> impl Strategy<Value = Access> {
    prop_oneof![
        Just(public("a test")),
        Just(Access::from(scope!("a:read"))),
        Just(Access::from([scope!("a:read"), scope!("a:delete")])),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let part = prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "export", "A", "a.b", "admin"]).prop_map(str::to_owned),
        2 => Just("{x}".to_owned()),
    ];
    let end = prop::sample::select(vec!["", "", "", "", "/", "/{*rest}"]);
    let path = (prop::collection::vec(part, 1..4), end).prop_map(|(parts, end)| {
        let parts = parts.iter().enumerate().map(|(at, part)| match part.as_str() {
            "{x}" => format!("/{{x{at}}}"),
            part => format!("/{part}"),
        });
        parts.collect::<String>() + end
    });
    let path = prop_oneof![9 => path, 1 => Just("/{*rest}".to_owned())];
    prop::collection::vec((path, access()), 1..6).prop_map(|routes| {
        let mut rows: Vec<Row> = Vec::new();
        for (path, access) in routes {
            if rows.iter().all(|row| row.path != path) {
                rows.push(row(Verb::Get, &path, access));
            }
        }
        rows
    })
}

/// A path that means something to the table, and then some more.
fn trick() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::vec((0..16_u8, any::<u8>()), 0..4)
}

fn tricky(rows: &[Row], pick: usize, tricks: &[(u8, u8)]) -> String {
    let template = &rows[pick % rows.len()].path;
    let values = ["7", "export", "EXPORT", "a.json", "A", "admin", "b"];
    let parts = template.split('/').skip(1).enumerate().map(|(at, part)| match part {
        part if part.starts_with("{*") => "a/b",
        part if part.starts_with('{') => values[(pick / 7 + at) % values.len()],
        part => part,
    });
    let mut path: String = parts.flat_map(|part| ["/", part]).collect();
    for (kind, place) in tricks {
        let at = usize::from(*place) % (path.len() + 1);
        let at = (0..=at).rev().find(|at| path.is_char_boundary(*at)).unwrap();
        match kind {
            0 => path.push('/'),
            1 => path.insert_str(at, "//"),
            2 => path.insert_str(at, "/./"),
            3 => path.insert_str(at, "/x/.."),
            4 => path.insert_str(at, ";x=y"),
            5 => path.insert(at, '\\'),
            6 => path.insert_str(at, "%2f"),
            7 => path.insert_str(at, "%252e%252e/"),
            8 => path.push_str(".json"),
            9 => path = path.to_uppercase(),
            10 | 11 => {
                if let Some(letter) = path[at..].chars().next().filter(char::is_ascii) {
                    let escape = if *kind == 10 { "%" } else { "%25" };
                    path.replace_range(at..=at, &format!("{escape}{:02x}", u32::from(letter)));
                }
            }
            12 => path.insert_str(at, "%20"),
            13 => path.insert_str(at, "%3f"),
            14 => path.insert_str(at, "/.."),
            _ => {
                if let Some(letter) = path[at..].chars().next().filter(char::is_ascii) {
                    path.replace_range(at..=at, &letter.to_uppercase().to_string());
                }
            }
        }
    }
    path
}

fn now<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn judged(gate: &Gate, path: &str, token: Option<&str>) -> Answer {
    let mut request =
        Request::get("/auth/caddy").header("x-forwarded-method", "GET").header("x-forwarded-uri", path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let (question, _) = request.body(Body::empty()).unwrap().into_parts();
    now(async { Answer::of(gate.judge(Proxy::Caddy, &question).await).await })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_gets_in_where_a_lenient_service_asks_for_more(
        rows in rows(),
        picks in prop::collection::vec((any::<usize>(), trick()), 1..12),
        services in prop::collection::vec(leniency(), 6),
    ) {
        let Ok(gate) = Gate::new(rows.clone(), verifier()) else { return Ok(()) };
        let reader = super::token("a:read").sign();
        for (pick, tricks) in picks {
            let path = tricky(&rows, pick, &tricks);
            for (token, opens) in [(None, 0), (Some(&*reader), 1)] {
                if judged(&gate, &path, token).status != 200 {
                    continue;
                }
                for service in &services {
                    let Some(found) = service.finds(&rows, &path) else { continue };
                    let demanded = rows[found].access.scopes().len();
                    prop_assert!(
                        demanded <= opens,
                        "{path} gets in, and is {} to {service:?} among {rows:#?}", rows[found].path
                    );
                }
            }
        }
    }
}

#[test]
fn the_model_of_lenient_services_finds_the_tricks() {
    let all = Leniency {
        decodes: 2,
        lowers: true,
        merges_slashes: true,
        resolves_dots: true,
        drops_parameters: true,
        drops_last_slash: true,
        backslash_is_slash: true,
        drops_suffix: true,
        templates_too: true,
    };
    let rows = unique(&super::rows());
    for path in [
        "/invoices/EXPORT",
        "/invoices/export/",
        "/invoices//export",
        "/assets/../invoices/export",
        "/assets/..%252finvoices/export;a",
        "/invoices/export.json",
        "\\invoices\\%65xport",
    ] {
        assert_eq!(all.finds(&rows, path), Some(rows.len() - 1), "{path}");
        assert_ne!(judged(&gate(), path, Some(&super::token("invoices:read").sign())).status, 200, "{path}");
    }
}

/// One row a path, that of the export last.
fn unique(rows: &[Row]) -> Vec<Row> {
    let mut unique: Vec<Row> = Vec::new();
    for row in rows {
        if unique.iter().all(|known| known.path != row.path) && row.path != "/invoices/export" {
            unique.push(row.clone());
        }
    }
    unique.extend(rows.iter().find(|row| row.path == "/invoices/export").cloned());
    unique
}
