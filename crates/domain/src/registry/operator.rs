use crate::kernel::{CategoryId, EngagementId, RoomOperatorId, Timestamp};

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
    /// Its licences. The order means nothing.
    pub licences: Vec<LicenceFact>,
}

impl OperatorFact {
    /// Whether a licence for a category is in force at an instant.
    pub fn is_licensed(&self, category: &CategoryId, now: Timestamp) -> bool {
        self.licences.iter().any(|licence| licence.category == *category && licence.holds(now))
    }

    /// Every instant at which time alone changes what holds of it.
    pub(super) fn instants(&self) -> impl Iterator<Item = Timestamp> {
        let of_licences = self.licences.iter().flat_map(|licence| [Some(licence.from), licence.until]);
        std::iter::once(self.verified_until).chain(of_licences).flatten()
    }
}

/// What is known about one licence 行政许可 of a room operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceFact {
    /// The product category it is for.
    pub category: CategoryId,
    /// From when on.
    pub from: Timestamp,
    /// Until when; none for good.
    pub until: Option<Timestamp>,
}

impl LicenceFact {
    /// Whether it is in force at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// The roster 本场报备名单 of a session, as far as one streamer is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterFact {
    /// Whether the streamer was submitted for the session and is still admitted.
    pub admitted: bool,
    /// When the session's lease ends; none if no such session runs.
    pub lease_until: Option<Timestamp>,
}

/// What is known about one engagement of a streamer with a room operator.
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
    fn a_licence_holds_from_its_beginning_up_to_its_end() {
        let at = Timestamp::from_micros;
        let food = CategoryId::try_new("food").unwrap();
        let licence = |from, until: Option<i64>| LicenceFact {
            category: food.clone(),
            from: at(from),
            until: until.map(at),
        };
        let operator = OperatorFact {
            operator: RoomOperatorId::try_new("studio").unwrap(),
            tier: RoomTier::Ordinary,
            verified_at: None,
            verified_until: Some(at(7)),
            licences: vec![licence(1, Some(3)), licence(5, None)],
        };
        let licensed: Vec<i64> = (0..7).filter(|now| operator.is_licensed(&food, at(*now))).collect();
        assert_eq!(licensed, [1, 2, 5, 6]);
        assert!(!operator.is_licensed(&CategoryId::try_new("medicine").unwrap(), at(5)));
        let instants: Vec<i64> = operator.instants().map(Timestamp::as_micros).collect();
        assert_eq!(instants, [7, 1, 3, 5]);
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for tier in RoomTier::ALL {
            assert_eq!(RoomTier::from_code(tier.code()), Some(tier));
        }
    }
}
