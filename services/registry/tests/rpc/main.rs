//! The registry alone, over its socket, with fake services around it and a clock moved by hand.

#![cfg(test)]

mod administrators;
mod appeals;
mod blocklist;
mod checks;
mod conduct;
mod fakes;
mod issuers;
mod leases;
mod minors;
mod policies;
mod replicas;
mod revocations;
mod sessions;
mod streamers;
mod town;
mod town_conduct;
mod violations;
