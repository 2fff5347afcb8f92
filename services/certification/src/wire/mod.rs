//! Between the contract's messages and the domain's values.

mod applications;
pub mod codes;
pub mod facts;
mod message;
mod parse;

pub use applications::{
    ToldAssessor, View, application, assessment, parse_state as parse_application_state,
    parse_verdict as parse_review_verdict, told_assessment,
};
pub use message::{certificate, import, issuer, number_finding, row, standard};
pub use parse::{any_job_type, document_type, evidence, issuer_terms, job_type, optional, revocation};
