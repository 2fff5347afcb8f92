//! The certification service alone, over a socket, beside a fake identity service.

#![cfg(test)]

mod applications;
mod assessments;
mod automatic;
mod candidates;
mod certificates;
mod claims;
mod conditions;
mod fake;
mod fake_lookup;
mod feed;
mod issuers;
mod issuing;
mod jobs;
mod lookups;
mod measures;
mod outdated;
mod qualifications;
mod rechecks;
mod revocations;
mod rolls;
mod sample;
mod standards;
mod standings;
mod world;
