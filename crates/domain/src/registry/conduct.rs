//! Conduct: what a platform does about violations.

use super::reason::ReasonKind;
use crate::kernel::{BlocklistEntryId, Date, FunctionId, SanctionId, Timestamp};
use std::collections::BTreeSet;
use thiserror::Error;

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

    /// Whom it reaches beside the account it is imposed on.
    pub const fn reach(self) -> Reach {
        match self {
            Self::Warning
            | Self::FunctionLimit
            | Self::TrafficLimit
            | Self::LiveSuspension
            | Self::TimedBan => Reach::Account,
            Self::AccountClosure => Reach::AccountsThereAre,
            Self::ReregistrationBan | Self::Blacklisting => Reach::EveryAccount,
        }
    }

    /// What is wrong with such a measure that ends so and withholds these functions.
    pub fn faults(self, ends: bool, functions: usize) -> Vec<MeasureFault> {
        let endless = !ends && matches!(self, Self::LiveSuspension | Self::TimedBan);
        let limits = self == Self::FunctionLimit;
        let faults = [
            endless.then_some(MeasureFault::EndMissing),
            (ends && self == Self::AccountClosure).then_some(MeasureFault::EndSet),
            (limits && functions == 0).then_some(MeasureFault::FunctionsMissing),
            (!limits && functions > 0).then_some(MeasureFault::FunctionsSet),
        ];
        faults.into_iter().flatten().collect()
    }
}

/// How far a measure reaches. None leaves the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The account it is imposed on.
    Account,
    /// Every account that the person had on the platform by then.
    AccountsThereAre,
    /// Every account of the person on the platform, those still to come included.
    EveryAccount,
}

/// What is wrong with a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MeasureFault {
    /// A suspension and a timed ban are for a time.
    #[error("this measure ends at an instant")]
    EndMissing,
    /// An account is closed for good; it is opened again by lifting the sanction.
    #[error("this measure has no end")]
    EndSet,
    /// Without a function nothing would be withheld.
    #[error("at least one function is withheld")]
    FunctionsMissing,
    /// Only some measures withhold functions.
    #[error("this measure withholds no function")]
    FunctionsSet,
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
    /// Where to appeal, and by when.
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

/// A penalty for false endorsement on record against a person.
///
/// Source: Advertising Law 广告法, art. 38: nobody speaks for goods within three years of a penalty for false endorsement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndorsementPenalty {
    /// The Beijing date of the penalty.
    pub date: Date,
}

impl EndorsementPenalty {
    /// From when on it bars.
    pub fn from(self) -> Timestamp {
        self.date.beijing_midnight()
    }

    /// When it no longer does: three calendar years later, by the Beijing date.
    pub fn until(self) -> Timestamp {
        self.date.plus_years(3).beijing_midnight()
    }

    /// Whether it bars at an instant.
    pub fn holds(self, now: Timestamp) -> bool {
        self.from() <= now && now < self.until()
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
        assert!(Measure::ALL.map(Measure::reach).is_sorted());
        for keeper in ListKeeper::ALL {
            assert_eq!(ListKeeper::from_code(keeper.code()), Some(keeper));
        }
    }

    #[test]
    fn a_measure_ends_or_does_not_as_it_must() {
        let may =
            |measure: Measure, ends| measure.faults(ends, usize::from(measure == Measure::FunctionLimit));
        let timed: Vec<Measure> =
            Measure::ALL.into_iter().filter(|measure| !may(*measure, false).is_empty()).collect();
        assert_eq!(timed, [Measure::LiveSuspension, Measure::TimedBan]);
        let endless: Vec<Measure> =
            Measure::ALL.into_iter().filter(|measure| !may(*measure, true).is_empty()).collect();
        assert_eq!(endless, [Measure::AccountClosure]);
    }

    #[test]
    fn only_a_function_limit_withholds_functions() {
        assert_eq!(Measure::FunctionLimit.faults(true, 0), [MeasureFault::FunctionsMissing]);
        assert_eq!(
            Measure::TimedBan.faults(false, 1),
            [MeasureFault::EndMissing, MeasureFault::FunctionsSet]
        );
    }

    #[test]
    fn a_penalty_bars_for_three_calendar_years_in_beijing() {
        let penalty = |text| EndorsementPenalty { date: Date::parse(text).unwrap() };
        let micro = std::time::Duration::from_micros(1);
        let leap = penalty("2028-02-29");
        assert_eq!(leap.until().to_string(), "2031-02-28T16:00:00Z", "1 March in Beijing");
        assert!(leap.holds(leap.from()) && leap.holds(leap.until().minus(micro)));
        assert!(!leap.holds(leap.from().minus(micro)) && !leap.holds(leap.until()));
    }
}
