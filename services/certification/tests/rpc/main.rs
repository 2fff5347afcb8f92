//! The certification service alone, over a socket, beside a fake identity service.

#![cfg(test)]

mod certificates;
mod fake;
mod feed;
mod issuers;
mod outdated;
mod qualifications;
mod revocations;
mod rolls;
mod sample;
mod standings;
mod world;
