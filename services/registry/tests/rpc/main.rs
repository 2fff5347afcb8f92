//! The registry alone, over its socket, with fake services around it and a clock moved by hand.

#![cfg(test)]

mod checks;
mod fakes;
mod leases;
mod policies;
mod replicas;
mod sessions;
mod streamers;
mod town;
