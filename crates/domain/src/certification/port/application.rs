use crate::certification::{Application, ApplicationState};
use crate::kernel::{ApplicationId, IssuerId, OrganizationId, PersonId, Timestamp};
use crate::ledger::StoreError;
use std::future::Future;

/// An application as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRecord {
    /// The application.
    pub application: Application,
    /// The organization that applied.
    pub applicant: OrganizationId,
    /// The candidate, by the name the applicant has for the person.
    pub pairwise: PersonId,
    /// What the candidate says of the past, as the contract encodes it.
    pub history: Vec<u8>,
    /// Why the issuer answered as it did; empty where nothing was said.
    pub review_reason: String,
    /// How the conditions stood when the issuer answered, as the contract encodes it.
    pub evaluation: Vec<u8>,
    /// When it was drafted.
    pub create_time: Timestamp,
    /// When the record last changed.
    pub update_time: Timestamp,
}

impl ApplicationRecord {
    /// The record as it stands after its change was stored at `now`.
    #[must_use]
    pub fn stored(&self, now: Timestamp) -> Self {
        let version = self.application.version.next();
        let application = Application { version, ..self.application.clone() };
        Self { application, update_time: now, ..self.clone() }
    }
}

/// Which applications to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationFilter {
    /// Only this candidate's.
    pub candidate: Option<PersonId>,
    /// Only those made to this issuer.
    pub issuer: Option<IssuerId>,
    /// Only those in this state.
    pub state: Option<ApplicationState>,
    /// Only those this organization drafted, or that were submitted to an issuer it acts as.
    pub organization: Option<OrganizationId>,
}

/// What is kept of applications.
pub trait ApplicationStore {
    /// An application with every part on record.
    fn application(
        &self,
        id: &ApplicationId,
    ) -> impl Future<Output = Result<Option<ApplicationRecord>, StoreError>> + Send;

    /// Up to `limit` applications with ids greater than `after`, each with every part on record.
    fn applications(
        &self,
        filter: &ApplicationFilter,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<ApplicationRecord>, StoreError>> + Send;
}
