//! Clients that are switched off, or may less: their tokens end where they are used.

use super::REACH;
use super::world::World;
use crate::support::within;

#[test]
fn r06_a_client_that_is_switched_off_is_cut_off_at_every_service_and_its_neighbour_is_not() {
    for world in World::each() {
        world.clients(["billing", "neighbour"]);
        let services = [World::service(world.one()), World::service(world.other())];
        let tokens = [world.token(world.one(), "billing"), world.token(world.other(), "billing")];
        let others = world.token(world.other(), "neighbour");
        for service in &services {
            for token in tokens.iter().chain([&others]) {
                assert_eq!(world.says(service, token), "200");
            }
        }
        let chancery = &world.machines[0].chancery;
        chancery.run(&["client", "disable", "billing", "--reason", "leaked"]).expect(0);
        for service in &services {
            for token in &tokens {
                within(REACH, "the end of the client's tokens", || {
                    (world.says(service, token) == "401 revoked").then_some(())
                });
            }
            assert_eq!(world.says(service, &others), "200");
        }
        chancery.run(&["client", "enable", "billing"]).expect(0);
        let again = within(REACH, "a token of the client that is on again", || {
            world.ask(world.other(), "billing").ok()
        });
        for service in &services {
            within(REACH, "the client that is on again", || {
                (world.says(service, &again) == "200").then_some(())
            });
            for token in &tokens {
                assert_eq!(world.says(service, token), "401 revoked", "what was ended stays ended");
            }
        }
    }
}
