//! The same tests as in `tests/rpc/main.rs`, on two replicas that share one PostgreSQL database.
#![cfg(test)]
#![expect(dead_code, reason = "some helpers are for tests of one process alone")]

#[path = "rpc"]
mod postgres {
    pub mod applications;
    pub mod assessments;
    pub mod automatic;
    pub mod candidates;
    pub mod certificates;
    pub mod claims;
    pub mod conditions;
    pub mod damage;
    pub mod fake;
    pub mod fake_lookup;
    pub mod feed;
    pub mod formats;
    pub mod issuers;
    pub mod issuing;
    pub mod jobs;
    pub mod lookups;
    pub mod measures;
    pub mod missing;
    pub mod outdated;
    pub mod qualifications;
    pub mod rechecks;
    pub mod rollback;
    pub mod rolls;
    pub mod sample;
    pub mod standards;
    pub mod standings;
    pub mod world;
}

// The tests name each other from the root of the crate.
use postgres::*;

const REPLICAS: Option<usize> = Some(2);

/// What runs in one process alone.
const ONE_PROCESS: [&str; 2] = [
    // Its service is a process of its own, on an engine it chooses.
    "killed",
    // Every process follows the identity service for itself.
    "revocations",
];

#[test]
fn no_test_is_left_out_on_one_engine_by_mistake() {
    let modules = |source: &str| -> std::collections::BTreeSet<String> {
        let words = source.lines().map(|line| line.trim().trim_start_matches("pub "));
        let names = words.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        names.map(str::to_owned).collect()
    };
    let mut alone = modules(include_str!("rpc/main.rs"));
    for name in ONE_PROCESS {
        assert!(alone.remove(name), "{name}");
    }
    assert_eq!(alone, modules(include_str!("postgres.rs")));
}
