//! A town for stories: the three services on loopback, a clock moved by hand, and the people and organizations that
//! stories are about. Everything goes through public RPCs.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "support for tests: a story cannot go on without its town, and fails with what is said"
)]

mod citizens;
mod hearing;
mod hunt;
mod tables;
mod town;

pub use citizens::{Holder, Issuer, Operator, Platform, fictitious_document};
pub use hunt::{Find, Hunt};
pub use town::{Connection, Engine, Service, Town, serving};

/// What every fallible step of a story returns: the status a caller would see.
pub type Answer<T> = Result<T, tonic::Status>;

/// A fresh request id.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
