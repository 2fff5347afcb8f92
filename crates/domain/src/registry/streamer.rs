use super::facts::EnrolmentState;
use crate::kernel::{OrganizationId, PersonId, StreamerId, Timestamp, Version};
use thiserror::Error;

/// A platform's account that sells live, bound to the person behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Streamer {
    /// Its id.
    pub id: StreamerId,
    /// On which platform.
    pub platform: OrganizationId,
    /// The account's id there. Unique on the platform, also after the streamer was withdrawn.
    pub account: String,
    /// The person with the suite-wide id.
    pub person: PersonId,
    /// The person under the id that the platform knows. Two platforms know one person under different ids.
    pub pairwise: PersonId,
    /// Enrolled or withdrawn.
    pub state: EnrolmentState,
    /// Since when.
    pub state_since: Timestamp,
    /// When the account was enrolled.
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// Which streamers a list shows. What is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamerFilter {
    /// Those in this state.
    pub state: Option<EnrolmentState>,
    /// Those of this person, under the id that the platform knows.
    pub pairwise: Option<PersonId>,
    /// Those whose account begins so.
    pub account_prefix: Option<String>,
}

impl StreamerFilter {
    /// Whether a streamer passes.
    pub fn passes(&self, streamer: &Streamer) -> bool {
        self.state.is_none_or(|state| state == streamer.state)
            && self.pairwise.as_ref().is_none_or(|person| *person == streamer.pairwise)
            && self.account_prefix.as_ref().is_none_or(|prefix| streamer.account.starts_with(prefix))
    }
}

/// Why a streamer does not change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StreamerRefusal {
    /// Withdrawal is for good.
    #[error("the streamer was withdrawn")]
    Withdrawn,
    /// The account is that person's already.
    #[error("is the person behind the account already")]
    SamePerson,
}

impl Streamer {
    /// Enrols an account.
    pub const fn enrol(
        id: StreamerId,
        platform: OrganizationId,
        account: String,
        person: PersonId,
        pairwise: PersonId,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            platform,
            account,
            person,
            pairwise,
            state: EnrolmentState::Enrolled,
            state_since: now,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        }
    }

    /// Takes the account off the register for good.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, StreamerRefusal> {
        match self.state {
            EnrolmentState::Withdrawn => Err(StreamerRefusal::Withdrawn),
            EnrolmentState::Enrolled => {
                Ok(Self { state: EnrolmentState::Withdrawn, state_since: now, updated_at: now, ..self })
            }
        }
    }

    /// The same account under another id of the platform's.
    pub fn rename(self, account: String, now: Timestamp) -> Result<Self, StreamerRefusal> {
        match self.state {
            EnrolmentState::Withdrawn => Err(StreamerRefusal::Withdrawn),
            EnrolmentState::Enrolled => Ok(Self { account, updated_at: now, ..self }),
        }
    }

    /// The same account in other hands.
    pub fn rebind(
        self,
        person: PersonId,
        pairwise: PersonId,
        now: Timestamp,
    ) -> Result<Self, StreamerRefusal> {
        match self.state {
            EnrolmentState::Withdrawn => Err(StreamerRefusal::Withdrawn),
            EnrolmentState::Enrolled if person == self.person => Err(StreamerRefusal::SamePerson),
            EnrolmentState::Enrolled => {
                Ok(Self { person, pairwise, state_since: now, updated_at: now, ..self })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawn_streamer_changes_no_more() {
        let person = PersonId::try_new("p1").unwrap();
        let streamer = Streamer::enrol(
            StreamerId::try_new("s1").unwrap(),
            OrganizationId::try_new("shop").unwrap(),
            "room-1".to_owned(),
            person.clone(),
            person,
            Timestamp::from_micros(1),
        );
        let withdrawn = streamer.withdraw(Timestamp::from_micros(2)).unwrap();
        assert_eq!(withdrawn.state_since, Timestamp::from_micros(2));
        let now = Timestamp::from_micros(3);
        let other = PersonId::try_new("p2").unwrap();
        assert_eq!(withdrawn.clone().rename("room-2".to_owned(), now), Err(StreamerRefusal::Withdrawn));
        assert_eq!(withdrawn.clone().rebind(other.clone(), other, now), Err(StreamerRefusal::Withdrawn));
        assert_eq!(withdrawn.withdraw(now), Err(StreamerRefusal::Withdrawn));
    }
}
