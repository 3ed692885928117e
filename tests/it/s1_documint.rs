//! S1, whole: an issuer, the clients of DocuMint's files, and DocuMint itself, each a process of its own; every route
//! asked by every client for every kind of record, and with every kind of bad token (R41, R43). What is asked is asked again
//! of services that are not Rust, behind a gate: `gate_nginx`.

mod asker;
pub(crate) mod bad_tokens;
mod catalog;
pub(crate) mod end_of_life;
mod program;
pub(crate) mod records;
mod world;

pub(crate) use asker::{Answer, Ask};
pub(crate) use program::{Program, programs};
pub(crate) use world::{Front, World};

/// A client and its place in the tables.
const CLIENTS: [&str; 5] = ["support-tool", "invoice-robot", "housekeeper", "print-shop", "account-admin"];

/// What a client gets for one request.
#[derive(Clone, Copy, Debug)]
enum Gets {
    /// Done, with this status.
    Done(u16),
    /// 403: its token is good and lacks the scope.
    NoScope,
    /// 403: it has the scope, and this record is not for it.
    NoRecord,
    /// 404: its own account has no such record.
    Nothing,
}

/// One request, what its route asks for, and what each of [`CLIENTS`] gets.
type Row = (Ask<'static>, &'static str, [Gets; 5]);

/// An invoice for a project.
const IN_SHOP: &str =
    r#"{"project":"acme-shop","customer":"A-c2","lines":[{"text":"Skates","quantity":2,"unit_cents":450}]}"#;
const IN_WEB: &str =
    r#"{"project":"acme-web","customer":"A-c1","lines":[{"text":"Paint","quantity":1,"unit_cents":90}]}"#;
/// One that says who created it, which is not for a caller to say.
const AS_ROBOT: &str = r#"{"project":"acme-shop","customer":"A-c2","created_by":"invoice-robot","lines":[]}"#;
const WORDING: &str = r#"{"heading":"Acme Corporation","footer":"Payable within 30 days."}"#;
const PLAN: &str = r#"{"plan":"large"}"#;

/// Every route. `A-1` is of the project acme-web and was created by a web shop, `A-2` is of acme-shop by invoice-robot,
/// `A-3` is of roadrunner by housekeeper; `A-999` is not there. `G-1` is Globex', of a project and a creator that Acme
/// has too; `G-999` is not there, and nobody has the series `Z`. The rows run in their order.
#[rustfmt::skip]
fn table() -> Vec<Row> {
    use Gets::{Done, NoRecord as R, NoScope as S, Nothing as N};
    const Y: Gets = Done(200);
    let row = |method, path, body, scope, gets| (Ask { method, path, body }, scope, gets);
    vec![
        //                                                       support  robot  housekeeper  print  admin
        row("GET", "/invoices", "", "invoices:read",            [Y, Y, S, S, S]),
        row("GET", "/invoices/A-1", "", "invoices:read",        [Y, R, S, S, S]),
        row("GET", "/invoices/A-2", "", "invoices:read",        [Y, Y, S, S, S]),
        row("GET", "/invoices/A-3", "", "invoices:read",        [Y, R, S, S, S]),
        row("GET", "/invoices/A-999", "", "invoices:read",      [N, N, S, S, S]),
        row("GET", "/invoices/G-1", "", "invoices:read",        [R, R, S, S, S]),
        row("GET", "/invoices/G-999", "", "invoices:read",      [R, R, S, S, S]),
        row("GET", "/invoices/Z-1", "", "invoices:read",        [R, R, S, S, S]),
        row("GET", "/invoices/A-1/export", "", "invoices:export",   [S, S, S, Y, S]),
        row("GET", "/invoices/A-999/export", "", "invoices:export", [S, S, S, N, S]),
        row("GET", "/invoices/G-1/export", "", "invoices:export",   [S, S, S, R, S]),
        row("GET", "/invoices/G-999/export", "", "invoices:export", [S, S, S, R, S]),
        row("GET", "/customers", "", "customers:read",          [Y, S, S, S, S]),
        row("GET", "/customers/A-c1", "", "customers:read",     [Y, S, S, S, S]),
        row("GET", "/customers/A-c9", "", "customers:read",     [N, S, S, S, S]),
        row("GET", "/customers/G-c1", "", "customers:read",     [R, S, S, S, S]),
        row("GET", "/customers/G-c9", "", "customers:read",     [R, S, S, S, S]),
        row("GET", "/templates", "", "templates:read",          [S, S, S, Y, S]),
        row("GET", "/templates/plain", "", "templates:read",    [S, S, S, Y, S]),
        row("GET", "/templates/fancy", "", "templates:read",    [S, S, S, N, S]),
        row("PUT", "/templates/plain", WORDING, "templates:update", [S, S, S, Y, S]),
        row("PUT", "/templates/fancy", WORDING, "templates:update", [S, S, S, N, S]),
        row("GET", "/account", "", "account:administer",        [S, S, S, S, Y]),
        row("PATCH", "/account", PLAN, "account:administer",    [S, S, S, S, Y]),
        row("POST", "/invoices", IN_SHOP, "invoices:create",    [S, Done(201), Done(201), S, S]),
        row("POST", "/invoices", IN_WEB, "invoices:create",     [S, R, Done(201), S, S]),
        row("POST", "/invoices", AS_ROBOT, "invoices:create",   [S, Done(422), Done(422), S, S]),
        row("DELETE", "/invoices/A-1", "", "invoices:delete",   [S, S, R, S, S]),
        row("DELETE", "/invoices/A-2", "", "invoices:delete",   [S, S, R, S, S]),
        row("DELETE", "/invoices/G-1", "", "invoices:delete",   [S, S, R, S, S]),
        row("DELETE", "/invoices/G-999", "", "invoices:delete", [S, S, R, S, S]),
        row("DELETE", "/invoices/A-999", "", "invoices:delete", [S, S, N, S, S]),
        row("DELETE", "/invoices/A-3", "", "invoices:delete",   [S, S, Done(204), S, S]),
        row("DELETE", "/invoices/A-3", "", "invoices:delete",   [S, S, N, S, S]),
    ]
}

const METADATA: &str = "https://api.documint.example/.well-known/oauth-protected-resource";

#[test]
fn r41_every_client_gets_what_is_its_own_on_every_route_and_hears_why_not_of_the_rest() {
    every_client_gets_what_is_its_own(&World::new());
}

/// Asks every row for every client.
pub(crate) fn every_client_gets_what_is_its_own<F: Front>(world: &World<F>) {
    let tokens = CLIENTS.map(|id| format!("Bearer {}", world.token(id)));
    let mut refused_record: Option<Answer> = None;
    for (ask, scope, gets) in table() {
        for ((id, token), gets) in CLIENTS.iter().zip(&tokens).zip(gets) {
            let answer = world.asker.ask(world.url(), ask, std::slice::from_ref(token));
            let told = format!("{id} {} {}: {answer:?}", ask.method, ask.path);
            match gets {
                Gets::Done(status) => {
                    assert_eq!((answer.status, &answer.challenge), (status, &None), "{told}");
                }
                Gets::NoScope => lacks_scope(&world.issuer.url, &answer, scope, &told),
                Gets::NoRecord => {
                    let reason = answer.json()["reason"].clone();
                    assert_eq!((answer.status, reason.as_str()), (403, Some("out_of_bounds")), "{told}");
                    assert_eq!(answer.challenge, None, "another token would not help: {told}");
                    assert!(!answer.text.contains("scope"), "{told}");
                    // One answer for all of them, to the byte.
                    assert_eq!(&answer, refused_record.get_or_insert_with(|| answer.clone()), "{told}");
                }
                Gets::Nothing => {
                    let reason = answer.json()["reason"].clone();
                    assert_eq!((answer.status, reason.as_str()), (404, Some("no_such_record")), "{told}");
                }
            }
        }
    }
}

/// A good token without the scope: 403, the scope by its name, and where it is explained; nothing that would send its
/// holder for a fresh token of the same kind.
fn lacks_scope(issuer: &str, answer: &Answer, scope: &str, told: &str) {
    let description = "the token does not carry every scope that this needs";
    let challenge = format!(
        "Bearer resource_metadata=\"{METADATA}\", error=\"insufficient_scope\", error_description=\"{description}\", scope=\"{scope}\""
    );
    assert_eq!((answer.status, answer.challenge.as_deref()), (403, Some(&*challenge)), "{told}");
    let body = serde_json::json!({
        "error": "insufficient_scope",
        "reason": "insufficient_scope",
        "error_description": description,
        "required": [scope],
        "missing": [scope],
        "documentation": format!("{issuer}/scopes#{scope}"),
    });
    assert_eq!(answer.json(), body, "{told}");
    assert_eq!(answer.header("cache-control"), "no-store", "{told}");
}

#[test]
fn s1_the_table_asks_every_route_there_is_and_lets_somebody_in_on_each() {
    let routes = chancery_examples::documint::routes(chancery_examples::documint::Archive::new()).table();
    for row in routes.rows().iter().filter(|row| row.access.public_reason().is_none()) {
        let template: Vec<&str> = row.path.split('/').collect();
        let matches = |path: &str| {
            let parts: Vec<&str> = path.split('/').collect();
            parts.len() == template.len()
                && parts.iter().zip(&template).all(|(part, wanted)| wanted.starts_with('{') || part == wanted)
        };
        let [scope] = row.access.scopes() else { panic!("one scope a route: {row:?}") };
        let lets_in = table().iter().any(|(ask, asked, gets)| {
            ask.method == row.method.as_str()
                && matches(ask.path)
                && *asked == scope.as_str()
                && gets.iter().any(|gets| matches!(gets, Gets::Done(status) if *status < 300))
        });
        assert!(lets_in, "{} {}", row.method, row.path);
    }
}
