//! A town for stories: the three services on loopback, a clock moved by hand, and the people and organizations that
//! stories are about. Everything goes through public RPCs.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "support for tests: a story cannot go on without its town, and fails with what is said"
)]

mod air;
mod citizens;
mod doors;
mod hearing;
mod holders;
mod hunt;
mod measures;
mod tables;
mod town;

pub use air::{Watch, next_cut};
pub use citizens::{Issuer, Operator, Platform, STANDARD};
pub use doors::bearing;
pub use holders::{Holder, fictitious_document};
pub use hunt::{Find, Hunt};
pub use town::{Connection, Engine, Service, Town, serving};

/// What every fallible step of a story returns: the status a caller would see.
pub type Answer<T> = Result<T, tonic::Status>;

/// An example configuration with the sections switched on that stand in it as comments.
pub fn with_tls(example: &str) -> String {
    let (head, sections) = example.split_once("# [tls]").expect("a section");
    let sections = sections.lines().map(|line| {
        let told = line.trim_start_matches("# ");
        let on = told.starts_with('[') || told.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        if on { told } else { "" }
    });
    [head, "[tls]"].into_iter().chain(sections).collect::<Vec<_>>().join("\n")
}

/// A fresh request id.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
