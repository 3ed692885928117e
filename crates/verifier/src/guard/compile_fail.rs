//! What must not compile, each beside its nearest neighbour that does (rule R14).

/// ```
/// use chancery_verifier::guard::{Router, get};
/// use chancery_verifier::scope;
/// async fn show() {}
/// let routes: Router = Router::new().route("/invoices", get(scope!("invoices:read"), show));
/// ```
/// ```compile_fail
/// use chancery_verifier::guard::{Router, get};
/// use chancery_verifier::scope;
/// async fn show() {}
/// let routes: Router = Router::new().route("/invoices", get(show));
/// ```
fn r14_a_route_without_an_access_does_not_compile() {}

/// ```
/// use chancery_verifier::guard::{Router, get};
/// use chancery_verifier::scope;
/// async fn show() {}
/// let routes: Router = Router::new().route("/invoices", get(scope!("invoices:read"), show));
/// ```
/// ```compile_fail
/// use chancery_verifier::guard::{Router, get};
/// use chancery_verifier::scope;
/// async fn show() {}
/// let routes: Router = Router::new().route("/invoices", get(scope!("GET /invoices"), show));
/// ```
fn r14_a_text_that_is_no_scope_does_not_compile() {}

/// ```
/// use chancery_verifier::guard::{Router, get};
/// use chancery_verifier::{Scope, scope};
/// async fn show() {}
/// let scopes: [Scope; 1] = [scope!("invoices:read")];
/// let routes: Router = Router::new().route("/invoices", get(scopes, show));
/// ```
/// ```compile_fail
/// use chancery_verifier::guard::{Router, get};
/// use chancery_verifier::{Scope, scope};
/// async fn show() {}
/// let scopes: [Scope; 0] = [];
/// let routes: Router = Router::new().route("/invoices", get(scopes, show));
/// ```
fn r14_a_route_that_demands_no_scope_does_not_compile() {}

/// ```
/// use chancery_verifier::guard::{Guarded, Router};
/// async fn show() {}
/// fn add(app: axum::Router) -> axum::Router {
///     app.route("/debug", axum::routing::get(show))
/// }
/// ```
/// ```compile_fail
/// use chancery_verifier::guard::{Guarded, Router};
/// async fn show() {}
/// fn add(app: Guarded) -> Guarded {
///     app.route("/debug", axum::routing::get(show))
/// }
/// ```
fn r14_a_guarded_service_takes_no_more_routes() {}

/// ```
/// use chancery_verifier::guard::{Guarded, Router};
/// fn serve(routes: Router, verifier: chancery_verifier::Verifier) {
///     let _ = routes.guard(verifier).map(Guarded::into_make_service);
/// }
/// ```
/// ```compile_fail
/// use chancery_verifier::guard::{Guarded, Router};
/// fn serve(routes: Router, verifier: chancery_verifier::Verifier) {
///     let _ = routes.into_make_service();
/// }
/// ```
fn r14_routes_without_a_guard_do_not_serve() {}
