//! The certification service alone, over a socket, beside a fake identity service.

#![cfg(test)]

mod certificates;
mod fake;
mod fake_lookup;
mod feed;
mod issuers;
mod jobs;
mod lookups;
mod outdated;
mod rechecks;
mod revocations;
mod rolls;
mod sample;
mod world;
