//! Who a person is and how well that is proven; who may take part.
//!
//! A real name and a document number exist in memory only as [`PersonName`] and [`DocumentNumber`], whose `Debug` form
//! is redacted. Nothing else in this crate carries them.

mod age;
mod client;
mod credential;
mod document;
mod issuing;
mod matching;
mod name;
mod network;
mod organization;
mod person;
pub mod port;
mod proofing;

pub use age::{Age, AgeBand, BirthDate, age_band};
pub use client::{Client, ClientProfile, ClientState, MAX_CREDENTIALS, NO_TOKEN, TokenBinding};
pub use credential::{CertificateMatch, CertificateName, ClientCredential, CredentialCheck, ExpiryNotice};
pub use document::{DocumentFault, DocumentNumber, DocumentType};
pub use issuing::{issue_time, refused_up_to};
pub use matching::{FieldMatch, IdentityClaim, NamedDocument, PersonIdentity, PersonMatch};
pub use name::{NameFault, PersonName};
pub use network::{NetworkNumber, NetworkNumberFault};
pub use organization::{Organization, OrganizationRole, OrganizationState};
pub use person::{GuardianConsent, Person, PersonState, Refusal};
pub use proofing::{Proofing, ProofingAuthentication, ProofingJob, ProofingMethod, ProofingResult};
