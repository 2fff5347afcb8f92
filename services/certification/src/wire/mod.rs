//! Between the contract's messages and the domain's values.

pub mod codes;
pub mod facts;
mod message;
mod parse;
mod verification;

pub use message::{certificate, import, issuer, number_finding, row, standard};
pub use parse::{any_job_type, document_type, evidence, issuer_terms, optional, revocation};
pub use verification::{
    parse_verification_job, source, verification_job, verification_job_name, working_years,
};
