use crate::kernel::Timestamp;

/// What a platform reports about its streamers, for its policy to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The platform's own score of the streamer 分值.
    Score,
    /// The deposit paid 保证金, in fen 分.
    Deposit,
    /// The hours of the platform's own training 培训 that were completed.
    Training,
}

impl Condition {
    /// Every condition.
    pub const ALL: [Self; 3] = [Self::Score, Self::Deposit, Self::Training];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Score => "SCORE",
            Self::Deposit => "DEPOSIT",
            Self::Training => "TRAINING",
        }
    }

    /// The condition with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.code() == code)
    }
}

/// What a platform last reported of one condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionFact {
    /// Which condition.
    pub condition: Condition,
    /// How much.
    pub value: i64,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// Until when it counts; none for as long as nothing else is reported.
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for condition in Condition::ALL {
            assert_eq!(Condition::from_code(condition.code()), Some(condition));
        }
    }
}
