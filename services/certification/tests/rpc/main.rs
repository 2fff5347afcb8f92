//! The certification service alone, over a socket, beside a fake identity service.

#![cfg(test)]

mod applications;
mod assessments;
mod automatic;
mod candidates;
mod certificates;
mod claims;
mod conditions;
mod damage;
mod fake;
mod fake_lookup;
mod feed;
mod formats;
mod issuers;
mod issuing;
mod jobs;
mod killed;
mod lookups;
mod measures;
mod missing;
mod outdated;
mod qualifications;
mod rechecks;
mod revocations;
mod rollback;
mod rolls;
mod sample;
mod standards;
mod standings;
mod world;
