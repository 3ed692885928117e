//! All of S1 that is about requests: the same tables, asked of nginx, the gate, and services in Python and JavaScript.

use super::fronted::Fronted;
use super::processes::Told;
use crate::s1_documint::{self, bad_tokens, end_of_life, records};

#[test]
fn r41_behind_nginx_every_client_gets_what_is_its_own_on_every_route_and_hears_why_not_of_the_rest() {
    s1_documint::every_client_gets_what_is_its_own(&Fronted::world());
}

#[test]
fn r41_behind_nginx_without_one_good_token_every_route_says_so_and_nothing_of_scopes() {
    bad_tokens::every_route_refuses_what_is_not_one_good_token(&Fronted::world());
}

#[test]
fn r41_behind_nginx_a_token_for_another_service_is_a_bad_token_whatever_it_may_do_there() {
    let world = Fronted::world();
    let told = Told { audience: "https://other.example", ..Told::of(&world.issuer.url) };
    bad_tokens::every_route_of_another_service_refuses_every_token(&world, &Fronted::start(told));
}

#[test]
fn r07_behind_nginx_a_test_token_at_a_live_gate_is_a_bad_token() {
    let world = Fronted::world();
    let told = Told { environment: "live", ..Told::of(&world.issuer.url) };
    bad_tokens::every_route_refuses_every_test_token(&world, &Fronted::start(told));
}

#[test]
fn r05_behind_nginx_a_token_of_a_second_is_refused_as_expired_once_that_second_is_over() {
    end_of_life::a_token_of_a_second_ends(&Fronted::world());
}

#[test]
fn s1_behind_nginx_a_gate_without_keys_says_try_again_and_blames_no_token() {
    let world = Fronted::world();
    // Nothing listens at port 1.
    end_of_life::a_service_without_keys_blames_no_token(
        &world,
        &Fronted::start(Told::of("http://127.0.0.1:1")),
    );
}

#[test]
fn r20_behind_nginx_a_list_holds_what_the_token_is_for_and_no_trace_of_the_rest() {
    records::lists_hold_what_the_token_is_for(&Fronted::world());
}

#[test]
fn r22_behind_nginx_the_housekeeper_deletes_what_it_created_and_the_robots_invoice_stays() {
    records::the_housekeeper_deletes_what_it_created(&Fronted::world());
}

#[test]
fn s1_behind_nginx_what_the_print_shop_takes_out_is_a_pdf_with_the_address_on_it() {
    records::the_print_shop_gets_a_pdf(&Fronted::world());
}

#[test]
fn s1_behind_nginx_the_account_is_administered_apart_from_all_data() {
    records::the_account_is_administered(&Fronted::world());
}
