//! Between the contract's messages and the domain's values.

mod batch;
pub mod codes;
pub mod facts;
mod message;
mod parse;

pub use batch::verification_outcome;
pub use message::{certificate, import, issuer, number_finding, recorded_evidence, row, standard};
pub use parse::{
    any_job_type, as_of, document_type, evidence, issuer_terms, job_type, measure, optional, revocation,
};
