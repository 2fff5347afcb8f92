use crate::certification::{Qualification, QualificationReview, QualificationState};
use crate::kernel::{OrganizationId, PersonId, QualificationDomainId, Timestamp};

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
