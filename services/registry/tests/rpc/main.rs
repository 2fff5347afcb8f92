//! The registry alone, over its socket, with fake services around it and a clock moved by hand.

#![cfg(test)]

mod checks;
mod fakes;
mod grants;
mod issuers;
mod killed;
mod leases;
mod minors;
mod policies;
mod replicas;
mod revocations;
mod sessions;
mod streamers;
mod town;
mod watches;
