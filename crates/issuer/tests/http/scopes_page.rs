use crate::desk::Desk;
use axum::http::StatusCode;

#[tokio::test]
async fn r19_every_scope_stands_on_the_page_where_refusals_point() {
    let desk = Desk::open().await;
    let page = desk.get("/scopes").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    for (product, entry) in desk.issuer.catalog().scopes() {
        let (product, scope) = (product.name(), entry.scope());
        assert!(page.body.contains(&format!("<dt id=\"{product}/{scope}\">")), "{product}/{scope}");
        assert!(page.body.contains(entry.sentence()));
    }
    assert_eq!(page.body.matches("<a id=\"invoices:read\">").count(), 1, "an id stands once in a page");
    assert!(page.body.contains("Risk: destructive. Owner: documint-privacy."));
}

#[tokio::test]
async fn what_the_catalog_says_is_text_on_the_page_and_nothing_runs_there() {
    let desk = Desk::open().await;
    let page = desk.get("/scopes").await;
    assert!(page.body.contains("Archive &lt;&amp;&gt;") && !page.body.contains("Archive <&>"));
    assert!(page.body.contains("<a href=\"https://docs.example/?a=1&amp;b=2\">Documentation</a>"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert_eq!(
        (page.header("x-content-type-options"), page.header("referrer-policy")),
        ("nosniff", "no-referrer")
    );
}
