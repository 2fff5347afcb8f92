//! Room operators 直播间运营者: who runs a platform's live rooms.

use super::credit_code::CreditCode;
use super::operator::{LicenceFact, OperatorFact, RoomTier};
use crate::kernel::{
    CategoryId, ClientId, Date, OrganizationId, PersonId, RoomOperatorId, Timestamp, Version,
};
use std::collections::BTreeSet;
use thiserror::Error;

/// How long a verification of an operator's data counts, in calendar months of the Beijing date.
///
/// Source: Order 117 直播电商监督管理办法: the data are verified and updated at least every six months.
pub const VERIFICATION_MONTHS: i32 = 6;

/// How many verifications an operator carries with it, the newest ones. The event log keeps all.
const VERIFICATIONS_CARRIED: usize = 100;

/// A room operator of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomOperator {
    /// Its id.
    pub id: RoomOperatorId,
    /// On which platform.
    pub platform: OrganizationId,
    /// Who it is.
    pub party: OperatorParty,
    /// How large its rooms are.
    pub tier: RoomTier,
    /// The organization of the suite that runs it, as the platform states it.
    pub organization: Option<OrganizationId>,
    /// Its licences 行政许可.
    pub licences: Vec<Licence>,
    /// When its data were verified, the oldest first. Nothing is taken out but what is older than the newest hundred.
    pub verifications: Vec<OperatorVerification>,
    /// Whether it takes part.
    pub state: OperatorState,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// An organization with its entry in the national register. Both are public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enterprise {
    /// The registered name.
    pub name: String,
    /// The unified social credit code.
    pub code: CreditCode,
}

/// Who a room operator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorParty {
    /// An organization.
    Enterprise(Enterprise),
    /// A natural person. Name and number stay with the identity service.
    Individual {
        /// The person with the suite-wide id.
        person: PersonId,
        /// The person under the id that the platform knows.
        pairwise: PersonId,
    },
}

impl OperatorParty {
    /// What no two operators of a platform that take part have in common.
    pub fn key(&self) -> String {
        match self {
            Self::Enterprise(enterprise) => enterprise.code.to_string(),
            Self::Individual { person, .. } => person.name(),
        }
    }
}

/// A licence on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// The product category it is for.
    pub category: CategoryId,
    /// What leads back to it.
    pub proof: LicenceProof,
    /// Its first day, a Beijing date.
    pub from: Date,
    /// Its last day; none for good.
    pub until: Option<Date>,
}

/// What leads back to a licence without telling its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenceProof {
    /// The platform's own reference to its file.
    Reference(String),
    /// SHA-256 over the number.
    NumberDigest(Vec<u8>),
}

impl Licence {
    fn fact(&self) -> LicenceFact {
        LicenceFact {
            category: self.category.clone(),
            from: self.from.beijing_midnight(),
            until: self.until.map(|last| last.next_day().beijing_midnight()),
        }
    }
}

/// What of an operator's data was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// The name and the code, or the person's identity.
    Registration,
    /// The actual business address 实际经营地址.
    BusinessAddress,
    /// How to reach it 联系方式.
    Contact,
    /// The licences.
    Licences,
}

impl Check {
    /// Every check.
    pub const ALL: [Self; 4] = [Self::Registration, Self::BusinessAddress, Self::Contact, Self::Licences];
}

/// A verification of an operator's data: never changed, and never taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorVerification {
    /// What was verified.
    pub checks: BTreeSet<Check>,
    /// When.
    pub verified_at: Timestamp,
    /// SHA-256 over what was looked at, which stays with the platform.
    pub artefact_digest: Vec<u8>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The client that recorded it.
    pub client: ClientId,
    /// The human behind that client, under the platform's own name.
    pub person: Option<PersonId>,
}

impl OperatorVerification {
    /// From when on it no longer counts: the beginning of the same day of the month so many months later, in Beijing; where
    /// that month has no such day, of the first of the month after. What was verified on 31 August counts through February.
    pub fn until(&self) -> Timestamp {
        self.verified_at.beijing_date().plus_months(VERIFICATION_MONTHS).beijing_midnight()
    }
}

/// Whether an operator takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperatorState {
    /// It is on the platform's register.
    Registered,
    /// It was taken off for good.
    Withdrawn,
}

impl OperatorState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Registered, Self::Withdrawn];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registered => "REGISTERED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What changes about an operator; nothing where it is `None`. Who it is never changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorChange {
    /// The registered name of an enterprise.
    pub name: Option<String>,
    /// How large its rooms are.
    pub tier: Option<RoomTier>,
    /// The organization of the suite that runs it.
    pub organization: Option<Option<OrganizationId>>,
    /// All of its licences.
    pub licences: Option<Vec<Licence>>,
}

/// Why an operator does not change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OperatorRefusal {
    /// Withdrawal is for good.
    #[error("the room operator was withdrawn")]
    Withdrawn,
    /// A person's name is not kept here.
    #[error("an individual has no registered name")]
    NameOfIndividual,
    /// The last verification was later.
    #[error("the data were verified later than that already")]
    VerifiedLater,
    /// Licences on file were not looked at.
    #[error("the licences on file were not verified")]
    LicencesUnchecked,
}

impl RoomOperator {
    /// The same operator, taken off the register for good.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, OperatorRefusal> {
        let before = self.taking_part()?;
        Ok(Self { state: OperatorState::Withdrawn, ..before.at(now) })
    }

    /// The same operator with other data. What was verified before still counts.
    pub fn change(self, change: OperatorChange, now: Timestamp) -> Result<Self, OperatorRefusal> {
        let before = self.taking_part()?;
        let party = match (before.party.clone(), change.name) {
            (party, None) => party,
            (OperatorParty::Enterprise(known), Some(name)) => {
                OperatorParty::Enterprise(Enterprise { name, ..known })
            }
            (OperatorParty::Individual { .. }, Some(_)) => return Err(OperatorRefusal::NameOfIndividual),
        };
        Ok(Self {
            party,
            tier: change.tier.unwrap_or(before.tier),
            organization: change.organization.unwrap_or_else(|| before.organization.clone()),
            licences: change.licences.unwrap_or_else(|| before.licences.clone()),
            ..before.at(now)
        })
    }

    /// The same operator, verified once more.
    pub fn verify(self, verification: OperatorVerification, now: Timestamp) -> Result<Self, OperatorRefusal> {
        let before = self.taking_part()?;
        if before.verifications.last().is_some_and(|last| last.verified_at > verification.verified_at) {
            return Err(OperatorRefusal::VerifiedLater);
        }
        if !before.licences.is_empty() && !verification.checks.contains(&Check::Licences) {
            return Err(OperatorRefusal::LicencesUnchecked);
        }
        let mut verifications = before.verifications.clone();
        verifications.push(verification);
        verifications.drain(..verifications.len().saturating_sub(VERIFICATIONS_CARRIED));
        Ok(Self { verifications, ..before.at(now) })
    }

    /// When the data were last verified.
    pub fn verified_at(&self) -> Option<Timestamp> {
        self.verifications.last().map(|last| last.verified_at)
    }

    /// Until when that counts.
    pub fn verified_until(&self) -> Option<Timestamp> {
        self.verifications.last().map(OperatorVerification::until)
    }

    /// Whether the data have to be verified before an instant.
    pub fn is_due_before(&self, instant: Timestamp) -> bool {
        self.state == OperatorState::Registered && self.verified_until().is_none_or(|until| until < instant)
    }

    /// What decisions rest on; none of an operator that was withdrawn.
    pub fn fact(&self) -> Option<OperatorFact> {
        (self.state == OperatorState::Registered).then(|| OperatorFact {
            operator: self.id.clone(),
            tier: self.tier,
            verified_at: self.verified_at(),
            verified_until: self.verified_until(),
            licences: self.licences.iter().map(Licence::fact).collect(),
        })
    }

    fn taking_part(self) -> Result<Self, OperatorRefusal> {
        match self.state {
            OperatorState::Registered => Ok(self),
            OperatorState::Withdrawn => Err(OperatorRefusal::Withdrawn),
        }
    }

    fn at(self, now: Timestamp) -> Self {
        Self { updated_at: now, version: self.version.next(), ..self }
    }
}

#[cfg(test)]
mod tests;
