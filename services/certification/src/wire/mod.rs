//! Between the contract's messages and the domain's values.

pub mod codes;
mod evaluation;
pub mod facts;
mod history;
mod message;
mod parse;
mod standard;

pub use evaluation::evaluation;
pub use history::application;
pub use message::{certificate, import, issuer, number_finding, row};
pub use parse::{any_job_type, document_type, evidence, issuer_terms, optional, revocation};
pub use standard::standard;
