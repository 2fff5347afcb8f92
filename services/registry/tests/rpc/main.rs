//! The registry alone, over its socket, with fake services around it and a clock moved by hand.

#![cfg(test)]

mod accounts;
mod administrators;
mod appeals;
mod blindness;
mod blocklist;
mod checks;
mod conduct;
mod demands;
mod engagements;
mod fakes;
mod grants;
mod issuers;
mod killed;
mod leases;
mod minors;
mod operators;
mod past;
mod policies;
mod replicas;
mod revocations;
mod sessions;
mod streamers;
mod town;
mod town_conduct;
mod town_operators;
mod violations;
mod watches;
