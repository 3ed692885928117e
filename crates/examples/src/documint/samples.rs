//! What the archive holds before anybody has used it.

use super::account::{Account, Plan};
use super::customer::Customer;
use super::invoice::{Invoice, Line};
use super::template::Template;

pub(super) fn accounts() -> Vec<Account> {
    let account = |tenant: &str, series: &str, plan, contact: &str| Account {
        tenant: tenant.to_owned(),
        series: series.to_owned(),
        plan,
        contact: contact.to_owned(),
    };
    vec![
        account("acme", "A", Plan::Small, "wile@acme.example"),
        account("globex", "G", Plan::Large, "hank@globex.example"),
    ]
}

pub(super) fn customers() -> Vec<Customer> {
    let customer = |number: &str, tenant: &str, name: &str, address: &str| Customer {
        number: number.to_owned(),
        tenant: tenant.to_owned(),
        name: name.to_owned(),
        address: address.to_owned(),
    };
    vec![
        customer("A-c1", "acme", "Road Works Ltd", "1 Canyon Road, Tucson"),
        customer("A-c2", "acme", "Desert Parcels", "9 Mesa Street, Flagstaff"),
        customer("G-c1", "globex", "Cypress Dams", "4 River Lane, Cypress Creek"),
    ]
}

pub(super) fn templates() -> Vec<Template> {
    let template = |name: &str, tenant: &str, heading: &str, footer: &str| Template {
        name: name.to_owned(),
        tenant: tenant.to_owned(),
        heading: heading.to_owned(),
        footer: footer.to_owned(),
    };
    vec![
        template("plain", "acme", "Acme Corporation", "Payable within 30 days."),
        template("plain", "globex", "Globex Corporation", "Payable at once."),
    ]
}

/// Number, tenant, project, creator, customer, what for, cents.
type Sample<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str, u64);

/// Globex has a project and a creator of the names that clients of Acme are bounded to: the tenant alone keeps them
/// apart.
pub(super) fn invoices() -> Vec<Invoice> {
    let samples: [Sample<'_>; 4] = [
        ("A-1", "acme", "acme-web", "web-shop", "A-c1", "Painted tunnel", 120_000),
        ("A-2", "acme", "acme-shop", "invoice-robot", "A-c2", "Rocket skates", 45_050),
        ("A-3", "acme", "roadrunner", "housekeeper", "A-c1", "Bird seed", 99_900),
        ("G-1", "globex", "acme-shop", "housekeeper", "G-c1", "Half a dam", 1_000_000),
    ];
    let invoice = |(number, tenant, project, created_by, customer, text, cents): Sample<'_>| Invoice {
        number: number.to_owned(),
        tenant: tenant.to_owned(),
        project: project.to_owned(),
        created_by: created_by.to_owned(),
        customer: customer.to_owned(),
        template: "plain".to_owned(),
        lines: vec![Line { text: text.to_owned(), quantity: 1, unit_cents: cents }],
        total_cents: cents,
    };
    samples.into_iter().map(invoice).collect()
}
