//! The registry alone, over its socket, with fake services around it and a clock moved by hand.

#![cfg(test)]

mod checks;
mod demands;
mod fakes;
mod issuers;
mod leases;
mod minors;
mod past;
mod policies;
mod replicas;
mod revocations;
mod sessions;
mod streamers;
mod town;
