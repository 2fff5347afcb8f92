//! The certification service alone, over a socket, beside a fake identity service.

#![cfg(test)]

mod certificates;
mod claims;
mod fake;
mod feed;
mod formats;
mod issuers;
mod killed;
mod missing;
mod issuing;
mod measures;
mod outdated;
mod qualifications;
mod revocations;
mod rollback;
mod rolls;
mod sample;
mod standards;
mod standings;
mod world;
