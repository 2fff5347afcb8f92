//! Who a person is and how well that is proven; who may take part.
//!
//! A real name and a document number exist in memory only as [`PersonName`] and [`DocumentNumber`], whose `Debug` form
//! is redacted. Nothing else in this crate carries them.

mod age;
mod document;
mod matching;
mod name;
mod organization;
mod participant;
mod person;
pub mod port;
mod proofing;

pub use age::{AgeBand, BirthDate, age_band};
pub use document::{DocumentFault, DocumentNumber, DocumentType};
pub use matching::{FieldMatch, IdentityClaim, PersonMatch};
pub use name::{NameFault, PersonName};
pub use organization::{OrganizationRefusal, OrganizationRole, OrganizationState};
pub use participant::{Client, ClientCredential, ClientState, CredentialCheck, NO_TOKEN, Organization};
pub use person::{GuardianConsent, Person, PersonState, Refusal};
pub use proofing::{Proofing, ProofingMethod, ProofingResult};
