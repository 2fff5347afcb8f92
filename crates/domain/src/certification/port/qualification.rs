use crate::certification::{Qualification, QualificationReview, QualificationState};
use crate::kernel::{OrganizationId, PersonId, QualificationDomainId, QualificationId, Timestamp};
use crate::ledger::StoreError;
use std::future::Future;

/// A qualification as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualificationRecord {
    /// The qualification.
    pub qualification: Qualification,
    /// The holder under the name the filing organization has.
    pub person: PersonId,
    /// The human who filed it through a client, under the same organization's name; none for a machine.
    pub filing_person: Option<PersonId>,
    /// Every review, the first one first.
    pub reviews: Vec<QualificationReview>,
    /// When the record last changed.
    pub update_time: Timestamp,
}

impl QualificationRecord {
    /// The record as it stands after its change, and the review that led to it, were stored at `now`.
    #[must_use]
    pub fn stored(&self, review: Option<&QualificationReview>, now: Timestamp) -> Self {
        let version = self.qualification.version.next();
        let qualification = Qualification { version, ..self.qualification.clone() };
        let reviews = self.reviews.iter().chain(review).cloned().collect();
        Self { qualification, reviews, update_time: now, ..self.clone() }
    }
}

/// Which qualifications to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QualificationFilter {
    /// Only those this organization filed.
    pub organization: Option<OrganizationId>,
    /// Only those of this person, under the filing organization's name.
    pub person: Option<PersonId>,
    /// Only those of this domain.
    pub domain: Option<QualificationDomainId>,
    /// Only those in this state.
    pub state: Option<QualificationState>,
}

/// What is kept of qualifications.
pub trait QualificationStore {
    /// A qualification with its reviews.
    fn qualification(
        &self,
        id: &QualificationId,
    ) -> impl Future<Output = Result<Option<QualificationRecord>, StoreError>> + Send;

    /// Up to `limit` qualifications with ids greater than `after`.
    fn qualifications(
        &self,
        filter: &QualificationFilter,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<QualificationRecord>, StoreError>> + Send;

    /// The qualification by which an organization has this one's licence on file.
    fn on_file(
        &self,
        record: &QualificationRecord,
    ) -> impl Future<Output = Result<Option<QualificationId>, StoreError>> + Send;

    /// Up to `limit` qualifications that time has changed by `now`, the longest due first.
    fn qualifications_due(
        &self,
        now: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<QualificationRecord>, StoreError>> + Send;

    /// When time changes the next qualification.
    fn next_qualification_due(&self) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;
}
