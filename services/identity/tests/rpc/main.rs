//! The identity service by itself, over a socket, in one process on SQLite. `tests/postgres.rs` runs the same.
#![cfg_attr(test, expect(dead_code, reason = "replicas are for `tests/postgres.rs`"))]

#[cfg(test)]
mod acting;
#[cfg(test)]
mod attempts;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod changing_clients;
#[cfg(test)]
mod consent;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod fake_source;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod introspection;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod judged;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod masters;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod participants;
#[cfg(test)]
mod passing;
#[cfg(test)]
mod persons;
#[cfg(test)]
mod proofing;
#[cfg(test)]
mod rechecks;
#[cfg(test)]
mod resolving;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod same_second;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod suspending;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod unusable_keys;
#[cfg(test)]
mod world;

#[cfg(test)]
const ENGINE: world::Engine = world::Engine::Sqlite;
