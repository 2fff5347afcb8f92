//! Conduct: what a platform does about violations.

use super::reason::ReasonKind;
use crate::kernel::{BlocklistEntryId, FunctionId, SanctionId, Timestamp};
use std::collections::BTreeSet;

/// A measure of the sanction ladder, from the mildest to the strictest.
///
/// Source: Order 117, the measures a platform takes on notice of an authority or on its own finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// 警示: a warning. Changes nothing about what is allowed.
    Warning,
    /// 限制功能: some functions are withheld.
    FunctionLimit,
    /// 限制流量: fewer are shown the stream. Changes nothing about what is allowed.
    TrafficLimit,
    /// 暂停直播: no live stream for the time being.
    LiveSuspension,
    /// 限期停播: no live stream until a date.
    TimedBan,
    /// 关闭账号: the account is closed.
    AccountClosure,
    /// 禁止重新注册: the person may not come back under any account.
    ReregistrationBan,
    /// 列入黑名单: blacklisted.
    Blacklisting,
}

impl Measure {
    /// Every measure, from the mildest on.
    pub const ALL: [Self; 8] = [
        Self::Warning,
        Self::FunctionLimit,
        Self::TrafficLimit,
        Self::LiveSuspension,
        Self::TimedBan,
        Self::AccountClosure,
        Self::ReregistrationBan,
        Self::Blacklisting,
    ];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Warning => "WARNING",
            Self::FunctionLimit => "FUNCTION_LIMIT",
            Self::TrafficLimit => "TRAFFIC_LIMIT",
            Self::LiveSuspension => "LIVE_SUSPENSION",
            Self::TimedBan => "TIMED_BAN",
            Self::AccountClosure => "ACCOUNT_CLOSURE",
            Self::ReregistrationBan => "REREGISTRATION_BAN",
            Self::Blacklisting => "BLACKLISTING",
        }
    }

    /// The measure with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.code() == code)
    }
}

/// What is known about one sanction against a streamer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SanctionFact {
    /// Which one.
    pub sanction: SanctionId,
    /// What was done.
    pub measure: Measure,
    /// Whether the law asked for it or the platform's own rules did.
    pub kind: ReasonKind,
    /// The functions withheld, for [`Measure::FunctionLimit`].
    pub functions: BTreeSet<FunctionId>,
    /// From when on.
    pub from: Timestamp,
    /// Until when; none for good.
    pub until: Option<Timestamp>,
    /// Where to appeal, and by when, in the platform's own words.
    pub appeal: String,
}

impl SanctionFact {
    /// Whether it holds at an instant. A timed one ends by itself.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Whose list an entry stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListKeeper {
    /// The platform's own.
    Platform,
    /// An authority's, which binds every platform.
    Regulator,
    /// An association's, which a platform may heed by its policy.
    Association,
}

impl ListKeeper {
    /// Every keeper.
    pub const ALL: [Self; 3] = [Self::Platform, Self::Regulator, Self::Association];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Platform => "PLATFORM",
            Self::Regulator => "REGULATOR",
            Self::Association => "ASSOCIATION",
        }
    }

    /// The keeper with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|keeper| keeper.code() == code)
    }
}

/// What is known about one entry of a blocklist about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingFact {
    /// Which entry.
    pub entry: BlocklistEntryId,
    /// Whose list.
    pub keeper: ListKeeper,
    /// From when on.
    pub from: Timestamp,
    /// Until when; none for good.
    pub until: Option<Timestamp>,
    /// Where to appeal, and by when, in the keeper's own words.
    pub appeal: String,
}

impl ListingFact {
    /// Whether it holds at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values_and_the_ladder_climbs() {
        for measure in Measure::ALL {
            assert_eq!(Measure::from_code(measure.code()), Some(measure));
        }
        assert!(Measure::ALL.is_sorted());
        for keeper in ListKeeper::ALL {
            assert_eq!(ListKeeper::from_code(keeper.code()), Some(keeper));
        }
    }
}
