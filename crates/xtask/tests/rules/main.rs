//! Rules about the checkout itself, apart from what the code does: they need nothing built.
#![cfg(test)]

mod dependency_direction;
mod errors;
mod house;
