//! The certification service alone, over a socket, beside a fake identity service.

#![cfg(test)]

mod certificates;
mod claims;
mod fake;
mod feed;
mod issuers;
mod issuing;
mod measures;
mod outdated;
mod qualifications;
mod revocations;
mod rolls;
mod sample;
mod standards;
mod standings;
mod world;
