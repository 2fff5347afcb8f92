//! The certification service alone, over a socket, beside a fake identity service.

#![cfg(test)]

mod applications;
mod assessments;
mod candidates;
mod certificates;
mod claims;
mod conditions;
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
