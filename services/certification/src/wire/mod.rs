//! Between the contract's messages and the domain's values.

pub mod codes;
pub mod facts;
pub mod issuers;
mod message;
mod parse;
pub mod qualifications;

pub use message::{certificate, import, issuer, number_finding, row, standard};
pub use parse::{any_job_type, document_type, evidence, issuer_terms, optional, revocation};
