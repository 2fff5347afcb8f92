//! A streamer's word against a sanction.

use super::notice::ActingParty;
use crate::kernel::{AppealId, OrganizationId, OverrideId, SanctionId, Timestamp, Version};
use thiserror::Error;

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Its id.
    pub id: AppealId,
    /// On which platform.
    pub platform: OrganizationId,
    /// Against which sanction.
    pub sanction: SanctionId,
    /// What the streamer says.
    pub statement: String,
    /// How far it is.
    pub state: AppealState,
    /// Who filed it.
    pub filed_by: ActingParty,
    /// Until when it is to be decided.
    pub answer_until: Timestamp,
    /// Who reviews it.
    pub reviewer: Option<ActingParty>,
    /// Why it was decided so, and when.
    pub decision: Option<(String, Timestamp)>,
    /// When the streamer was told.
    pub notified_at: Option<Timestamp>,
    /// The override under which it was decided.
    pub overriding: Option<OverrideId>,
    /// When it was filed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// How far an appeal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppealState {
    /// Nobody has looked at it.
    Filed,
    /// Somebody reviews it.
    UnderReview,
    /// The sanction stands.
    Upheld,
    /// Something milder took the sanction's place.
    Reduced,
    /// The sanction is taken back.
    Overturned,
}

impl AppealState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Filed, Self::UnderReview, Self::Upheld, Self::Reduced, Self::Overturned];

    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Filed => "FILED",
            Self::UnderReview => "UNDER_REVIEW",
            Self::Upheld => "UPHELD",
            Self::Reduced => "REDUCED",
            Self::Overturned => "OVERTURNED",
        }
    }

    const fn is_decided(self) -> bool {
        matches!(self, Self::Upheld | Self::Reduced | Self::Overturned)
    }
}

/// What an appeal comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppealOutcome {
    /// The sanction stands.
    Upheld,
    /// Something milder takes its place.
    Reduced,
    /// It is taken back.
    Overturned,
}

impl From<AppealOutcome> for AppealState {
    fn from(outcome: AppealOutcome) -> Self {
        match outcome {
            AppealOutcome::Upheld => Self::Upheld,
            AppealOutcome::Reduced => Self::Reduced,
            AppealOutcome::Overturned => Self::Overturned,
        }
    }
}

/// Why an appeal does not change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AppealRefusal {
    /// Not from this state.
    #[error("the appeal is `{}`", .0.code())]
    State(AppealState),
    /// Whoever imposed the sanction does not decide about the appeal.
    #[error("whoever imposed the sanction does not decide about the appeal")]
    NotIndependent,
    /// The streamer was told already.
    #[error("the streamer was told already")]
    Notified,
    /// Nobody is told of a decision before it is made, nor in the future.
    #[error("must lie between the decision and now")]
    NoticeTime,
}

impl Appeal {
    /// Takes it up for review, by somebody other than who imposed the sanction.
    pub fn begin(
        self,
        reviewer: ActingParty,
        imposer: &ActingParty,
        now: Timestamp,
    ) -> Result<Self, AppealRefusal> {
        match self.state {
            AppealState::Filed if !reviewer.is_other(imposer) => Err(AppealRefusal::NotIndependent),
            AppealState::Filed => Ok(Self {
                state: AppealState::UnderReview,
                reviewer: Some(reviewer),
                updated_at: now,
                ..self
            }),
            state => Err(AppealRefusal::State(state)),
        }
    }

    /// Decides it, by somebody other than who imposed the sanction; a review need not have begun.
    pub fn decide(
        self,
        outcome: AppealOutcome,
        reasons: String,
        reviewer: ActingParty,
        imposer: &ActingParty,
        now: Timestamp,
    ) -> Result<Self, AppealRefusal> {
        match self.state {
            AppealState::Filed | AppealState::UnderReview if !reviewer.is_other(imposer) => {
                Err(AppealRefusal::NotIndependent)
            }
            AppealState::Filed | AppealState::UnderReview => Ok(Self {
                state: outcome.into(),
                reviewer: Some(reviewer),
                decision: Some((reasons, now)),
                updated_at: now,
                ..self
            }),
            state => Err(AppealRefusal::State(state)),
        }
    }

    /// Notes when the streamer was told of the decision.
    pub fn notify(self, told_at: Timestamp, now: Timestamp) -> Result<Self, AppealRefusal> {
        let Some((_, decided_at)) = self.decision.as_ref().filter(|_| self.state.is_decided()) else {
            return Err(AppealRefusal::State(self.state));
        };
        if self.notified_at.is_some() {
            return Err(AppealRefusal::Notified);
        }
        if !(*decided_at..=now).contains(&told_at) {
            return Err(AppealRefusal::NoticeTime);
        }
        Ok(Self { notified_at: Some(told_at), updated_at: now, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ClientId, Id};

    fn party(client: &str) -> ActingParty {
        ActingParty { client: ClientId::try_new(client).unwrap(), person: None }
    }

    fn appeal(state: AppealState) -> Appeal {
        let at = Timestamp::from_micros;
        Appeal {
            id: Id::try_new("a1").unwrap(),
            platform: Id::try_new("shop").unwrap(),
            sanction: Id::try_new("s1").unwrap(),
            statement: "it was somebody else".to_owned(),
            state,
            filed_by: party("backend"),
            answer_until: at(100),
            reviewer: None,
            decision: state.is_decided().then(|| (String::new(), at(5))),
            notified_at: None,
            overriding: None,
            created_at: at(1),
            updated_at: at(1),
            version: Version::FIRST,
        }
    }

    #[test]
    fn every_event_in_every_state_leads_where_it_should() {
        use AppealState::{Filed, UnderReview};
        let (now, imposer) = (Timestamp::from_micros(9), party("imposer"));
        for state in AppealState::ALL {
            let after = |next: Result<Appeal, AppealRefusal>| next.map(|next| next.state);
            let refused = Err(AppealRefusal::State(state));
            let begun = appeal(state).begin(party("other"), &imposer, now);
            assert_eq!(after(begun), if state == Filed { Ok(UnderReview) } else { refused });
            for outcome in [AppealOutcome::Upheld, AppealOutcome::Reduced, AppealOutcome::Overturned] {
                let decided = appeal(state).decide(outcome, String::new(), party("other"), &imposer, now);
                let open = matches!(state, Filed | UnderReview);
                assert_eq!(after(decided), if open { Ok(outcome.into()) } else { refused });
            }
            let told = appeal(state).notify(now, now);
            assert_eq!(after(told), if state.is_decided() { Ok(state) } else { refused });
        }
    }

    #[test]
    fn whoever_imposed_the_sanction_neither_reviews_nor_decides() {
        let (now, imposer) = (Timestamp::from_micros(9), party("imposer"));
        let not_independent = Some(AppealRefusal::NotIndependent);
        assert_eq!(appeal(AppealState::Filed).begin(imposer.clone(), &imposer, now).err(), not_independent);
        for state in [AppealState::Filed, AppealState::UnderReview] {
            let outcome = AppealOutcome::Upheld;
            let decided = appeal(state).decide(outcome, String::new(), imposer.clone(), &imposer, now);
            assert_eq!(decided.err(), not_independent);
        }
    }

    #[test]
    fn a_streamer_is_told_once_and_not_before_the_decision() {
        let at = Timestamp::from_micros;
        let decided = || appeal(AppealState::Upheld);
        assert_eq!(decided().notify(at(4), at(9)).err(), Some(AppealRefusal::NoticeTime));
        assert_eq!(decided().notify(at(10), at(9)).err(), Some(AppealRefusal::NoticeTime));
        let told = decided().notify(at(5), at(9)).unwrap();
        assert_eq!(told.notify(at(6), at(9)).err(), Some(AppealRefusal::Notified));
    }
}
