//! Between the contract's messages and the domain's values.

mod applications;
mod batch;
pub mod codes;
mod evaluation;
pub mod facts;
mod history;
pub mod issuers;
mod message;
mod parse;
pub mod qualifications;
mod standard;

pub use applications::{
    ToldAssessor, View, application_record, assessment, history as application_history,
    parse_state as parse_application_state, parse_verdict as parse_review_verdict, told_assessment,
};
pub use batch::verification_outcome;
pub use evaluation::evaluation;
pub use history::{application, history};
pub use message::{certificate, import, issuer, number_finding, recorded_evidence, row};
pub use parse::{
    any_job_type, as_of, document_type, evidence, issuer_terms, job_type, measure, optional, revocation,
};
pub use standard::standard;
