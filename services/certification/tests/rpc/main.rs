//! The certification service alone, over a socket, beside a fake identity service, in one process on SQLite.
//! `tests/postgres.rs` runs the same.

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

/// How many replicas share a PostgreSQL database, each new client of them going to the next; none, where one process runs on
/// a SQLite file.
const REPLICAS: Option<usize> = None;
