//! `resource_servers = ["orders-api"]`

use super::Report;
use super::fields::{wrong_kind, wrong_value};
use chancery_token::ClientId;
use toml::de::DeTable;

const WANTED: &str = "a list of client ids like [\"orders-api\"]";

/// The clients that a product names as its resource servers.
pub(super) fn read(table: &DeTable<'_>, report: &mut Report<'_>) -> Vec<ClientId> {
    let Some(value) = table.get("resource_servers") else { return Vec::new() };
    let Some(list) = value.get_ref().as_array() else {
        report.fault(&value.span(), wrong_kind("resource_servers", value, WANTED));
        return Vec::new();
    };
    let mut clients: Vec<ClientId> = Vec::new();
    for value in list {
        let Some(text) = value.get_ref().as_str() else {
            report.fault(&value.span(), wrong_kind("resource_servers", value, WANTED));
            continue;
        };
        match text.parse::<ClientId>() {
            Err(_) => {
                let wanted = "the id of a client: letters, digits and - _ . alone, at most 64";
                report.fault(&value.span(), wrong_value("resource_servers", text, wanted));
            }
            Ok(client) if clients.contains(&client) => {
                report.fault(&value.span(), wrong_value("resource_servers", text, "each client once"));
            }
            Ok(client) => clients.push(client),
        }
    }
    clients
}
