use crate::kernel::{CategoryId, EngagementId, RoomOperatorId, Timestamp};
use std::collections::BTreeMap;

/// How large a live room is: platforms manage rooms in classes and tiers (分级分类管理, Order 117, art. 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoomTier {
    /// An ordinary room.
    Ordinary,
    /// A large one.
    Large,
    /// A key room 重点直播间: watched closely.
    Key,
}

impl RoomTier {
    /// Every tier, the smallest first.
    pub const ALL: [Self; 3] = [Self::Ordinary, Self::Large, Self::Key];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ordinary => "ORDINARY",
            Self::Large => "LARGE",
            Self::Key => "KEY",
        }
    }

    /// The tier with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.code() == code)
    }
}

/// What is known about the operator 直播间运营者 of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorFact {
    /// Which one.
    pub operator: RoomOperatorId,
    /// How large its rooms are.
    pub tier: RoomTier,
    /// When its data were last verified; none if they never were.
    pub verified_at: Option<Timestamp>,
    /// Until when that counts: at least every six months (Order 117).
    pub verified_until: Option<Timestamp>,
    /// Its licences by product category, each with the instant it ends, if it ends.
    pub licences: BTreeMap<CategoryId, Option<Timestamp>>,
}

/// What is known about one engagement of a streamer with a room operator or an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngagementFact {
    /// Which one.
    pub engagement: EngagementId,
    /// The operator it binds the streamer to.
    pub operator: RoomOperatorId,
    /// From when on.
    pub from: Timestamp,
    /// Until when; none for as long as nobody ends it.
    pub until: Option<Timestamp>,
}

impl EngagementFact {
    /// Whether it holds at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for tier in RoomTier::ALL {
            assert_eq!(RoomTier::from_code(tier.code()), Some(tier));
        }
    }
}
