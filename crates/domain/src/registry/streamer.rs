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

/// Why a streamer does not change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StreamerRefusal {
    /// Withdrawal is for good.
    #[error("the streamer was withdrawn")]
    Withdrawn,
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawn_streamer_cannot_be_withdrawn_again() {
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
        assert_eq!(withdrawn.withdraw(Timestamp::from_micros(3)), Err(StreamerRefusal::Withdrawn));
    }
}
