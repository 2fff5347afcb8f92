//! A measure of a platform against one of its streamers.

use super::conduct::{Measure, MeasureFault, Reach, SanctionFact};
use super::notice::{ActingParty, Ending, Notice, Phase, Term};
use super::reason::ReasonKind;
use crate::kernel::{
    AppealId, FunctionId, OrganizationId, OverrideId, PersonId, SanctionId, StreamerId, Timestamp, Version,
    ViolationId,
};
use std::collections::BTreeSet;
use thiserror::Error;

/// A measure with everything it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sanction {
    /// Its id.
    pub id: SanctionId,
    /// Whose measure it is.
    pub platform: OrganizationId,
    /// The account it is imposed on.
    pub streamer: StreamerId,
    /// The person behind it then, with the suite-wide id.
    pub person: PersonId,
    /// What is done.
    pub measure: Measure,
    /// Whether the law asked for it or the platform's own rules did.
    pub kind: ReasonKind,
    /// The functions withheld.
    pub functions: BTreeSet<FunctionId>,
    /// The violations it answers.
    pub violations: BTreeSet<ViolationId>,
    /// What the streamer was told.
    pub notice: Notice,
    /// For how long.
    pub term: Term,
    /// Who imposed it.
    pub imposed_by: ActingParty,
    /// How it was lifted.
    pub lifted: Option<Ending>,
    /// How it was overturned.
    pub overturned: Option<Ending>,
    /// The appeal that reduced or overturned it.
    pub appeal: Option<AppealId>,
    /// The override under which it was last changed.
    pub overriding: Option<OverrideId>,
    /// When it was imposed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// How a sanction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SanctionState {
    /// It begins later.
    Pending,
    /// It holds.
    InForce,
    /// It ended by itself.
    Ended,
    /// The platform took it back.
    Lifted,
    /// An appeal took it back.
    Overturned,
}

impl SanctionState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::InForce, Self::Ended, Self::Lifted, Self::Overturned];

    /// The stable code, used in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InForce => "IN_FORCE",
            Self::Ended => "ENDED",
            Self::Lifted => "LIFTED",
            Self::Overturned => "OVERTURNED",
        }
    }
}

/// What takes a sanction's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    /// The measure from now on.
    pub measure: Measure,
    /// The functions withheld.
    pub functions: BTreeSet<FunctionId>,
    /// Its end; none for good.
    pub until: Option<Timestamp>,
}

/// What is wrong with a reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReductionFault {
    /// It is stricter.
    #[error("the measure must be milder or the same")]
    Stricter,
    /// It lasts longer.
    #[error("the end must not be later than before")]
    Longer,
    /// It is over already: that is no reduction.
    #[error("the end must lie in the future and behind the beginning")]
    Over,
    /// Nothing becomes milder.
    #[error("the end must be earlier where the measure stays")]
    Same,
    /// The measure cannot be so.
    #[error(transparent)]
    Measure(MeasureFault),
}

/// Why a sanction does not change as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SanctionRefusal {
    /// Not from this state.
    #[error("the sanction is `{}`", .0.code())]
    State(SanctionState),
    /// The reduction is none.
    #[error("the reduction is none")]
    Reduction(Vec<ReductionFault>),
}

impl Sanction {
    /// How it stands at an instant.
    pub fn state(&self, now: Timestamp) -> SanctionState {
        match (&self.overturned, &self.lifted, self.term.phase(now)) {
            (Some(_), _, _) => SanctionState::Overturned,
            (None, Some(_), _) => SanctionState::Lifted,
            (None, None, Phase::Pending) => SanctionState::Pending,
            (None, None, Phase::InForce) => SanctionState::InForce,
            (None, None, Phase::Ended) => SanctionState::Ended,
        }
    }

    /// Takes it back.
    pub fn lift(self, ending: Ending, now: Timestamp) -> Result<Self, SanctionRefusal> {
        self.stands(now)?;
        Ok(Self { lifted: Some(ending), updated_at: now, ..self })
    }

    /// Makes it milder, on appeal.
    pub fn reduce(
        self,
        reduction: Reduction,
        appeal: AppealId,
        now: Timestamp,
    ) -> Result<Self, SanctionRefusal> {
        self.stands(now)?;
        let faults = self.against(&reduction, now);
        if !faults.is_empty() {
            return Err(SanctionRefusal::Reduction(faults));
        }
        let Reduction { measure, functions, until } = reduction;
        let term = Term { until, ..self.term };
        Ok(Self { measure, functions, term, appeal: Some(appeal), updated_at: now, ..self })
    }

    /// Takes it back on appeal, also where it is over: it should never have been.
    pub fn overturn(self, ending: Ending, appeal: AppealId, now: Timestamp) -> Result<Self, SanctionRefusal> {
        match self.state(now) {
            SanctionState::Overturned => Err(SanctionRefusal::State(SanctionState::Overturned)),
            _ => Ok(Self { overturned: Some(ending), appeal: Some(appeal), updated_at: now, ..self }),
        }
    }

    /// Whether it may still be lifted or reduced.
    fn stands(&self, now: Timestamp) -> Result<(), SanctionRefusal> {
        match self.state(now) {
            SanctionState::Pending | SanctionState::InForce => Ok(()),
            state => Err(SanctionRefusal::State(state)),
        }
    }

    fn against(&self, reduction: &Reduction, now: Timestamp) -> Vec<ReductionFault> {
        let term = Term { until: reduction.until, ..self.term };
        let over = term.until.is_some_and(|until| until <= now.max(term.from));
        let same = reduction.measure == self.measure
            && term.until == self.term.until
            && !is_proper_subset(&reduction.functions, &self.functions);
        let own = [
            (reduction.measure > self.measure).then_some(ReductionFault::Stricter),
            (!term.ends_by(&self.term)).then_some(ReductionFault::Longer),
            over.then_some(ReductionFault::Over),
            same.then_some(ReductionFault::Same),
            (reduction.measure == self.measure && !reduction.functions.is_subset(&self.functions))
                .then_some(ReductionFault::Stricter),
        ];
        let of_measure = reduction.measure.faults(term.until.is_some(), reduction.functions.len());
        own.into_iter().flatten().chain(of_measure.into_iter().map(ReductionFault::Measure)).collect()
    }

    /// Whom it reaches.
    pub fn scope(&self) -> SanctionScope {
        SanctionScope {
            platform: self.platform.clone(),
            streamer: self.streamer.clone(),
            person: self.person.clone(),
            imposed_at: self.created_at,
            reach: self.measure.reach(),
        }
    }

    /// What a decision has to know of it.
    pub fn fact(&self) -> SanctionFact {
        let endings = self.lifted.iter().chain(&self.overturned);
        SanctionFact {
            sanction: self.id.clone(),
            measure: self.measure,
            kind: self.kind,
            functions: self.functions.clone(),
            from: self.term.from,
            until: self.term.end(endings.map(|ending| ending.at).min()),
            appeal: self.notice.appeal(),
        }
    }
}

/// Whom a sanction reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SanctionScope {
    /// On which platform.
    pub platform: OrganizationId,
    /// The account it is imposed on.
    pub streamer: StreamerId,
    /// The person behind it then.
    pub person: PersonId,
    /// When it was imposed.
    pub imposed_at: Timestamp,
    /// How far it goes.
    pub reach: Reach,
}

impl SanctionScope {
    /// Whether it reaches an account that is a person's since `since`; none for one that is still to come.
    pub fn reaches(
        &self,
        platform: &OrganizationId,
        account: Option<(&StreamerId, Timestamp)>,
        person: &PersonId,
    ) -> bool {
        let this_account = account.is_some_and(|(streamer, _)| *streamer == self.streamer);
        let this_person = self.person == *person;
        let by_then = account.is_some_and(|(_, since)| since <= self.imposed_at);
        let beyond = match self.reach {
            Reach::Account => false,
            Reach::AccountsThereAre => this_person && by_then,
            Reach::EveryAccount => this_person,
        };
        self.platform == *platform && (this_account || beyond)
    }
}

fn is_proper_subset(part: &BTreeSet<FunctionId>, whole: &BTreeSet<FunctionId>) -> bool {
    part.is_subset(whole) && part.len() < whole.len()
}

#[cfg(test)]
mod tests;
