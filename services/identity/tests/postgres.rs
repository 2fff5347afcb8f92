//! The same tests as in `tests/rpc/main.rs`, on two replicas that share one PostgreSQL database.
#![cfg_attr(test, expect(dead_code, reason = "some helpers are for tests of one process alone"))]

#[cfg(test)]
#[path = "rpc"]
mod postgres {
    pub mod acting;
    pub mod batch;
    pub mod certificates;
    pub mod changing_clients;
    pub mod consent;
    pub mod credentials;
    pub mod fake_source;
    pub mod feed;
    pub mod introspection;
    pub mod jobs;
    pub mod judged;
    pub mod lists;
    pub mod notices;
    pub mod oauth;
    pub mod participants;
    pub mod passing;
    pub mod persons;
    pub mod proofing;
    pub mod rechecks;
    pub mod replicas;
    pub mod resolving;
    pub mod retention;
    pub mod rotation;
    pub mod same_second;
    pub mod sources;
    pub mod suspending;
    pub mod tokens;
    pub mod unusable_keys;
    pub mod world;
}

// The tests name each other from the root of the crate.
#[cfg(test)]
use postgres::{
    changing_clients, consent, credentials, fake_source, feed, notices, oauth, proofing, resolving,
    retention, suspending, tokens, world,
};

#[cfg(test)]
const ENGINE: world::Engine = world::Engine::Postgres(2);

/// What runs in one process alone.
#[cfg(test)]
const ONE_PROCESS: [&str; 4] = [
    // Every process counts for itself which authentications failed with it.
    "attempts",
    // Chooses for each of its tests how many processes there are and which keys file each has.
    "masters",
    // These two look into the file of the database.
    "secrecy",
    "tampering",
];

/// What needs several processes.
#[cfg(test)]
const SEVERAL: [&str; 1] = ["replicas"];

#[cfg(test)]
#[test]
fn no_test_is_left_out_on_one_engine_by_mistake() {
    let modules = |source: &str| -> std::collections::BTreeSet<String> {
        let words = source.lines().map(|line| line.trim().trim_start_matches("pub "));
        let names = words.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        names.map(str::to_owned).collect()
    };
    let mut alone = modules(include_str!("rpc/main.rs"));
    let mut several = modules(include_str!("postgres.rs"));
    for name in ONE_PROCESS {
        assert!(alone.remove(name), "{name}");
    }
    for name in SEVERAL {
        assert!(several.remove(name), "{name}");
    }
    assert_eq!(alone, several);
}
