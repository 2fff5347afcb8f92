//! What can go wrong, and what the caller is told. The one place where reasons are named.

mod conduct;

pub use conduct::ConductError;

use greenroom_domain::kernel::{EngagementId, GrantId, LiveSessionId, PersonId, RoomOperatorId, StreamerId};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::{GrantState, Language, PolicyFault, Reason, SessionState};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use std::time::Duration;
use tonic::{Code, Status};

/// When news that are too old may have come: feeds speak once a second.
const RETRY_NEWS: Duration = Duration::from_secs(1);

/// Why a call fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's platform has no such streamer.
    #[error("there is no streamer `{0}`")]
    StreamerNotFound(StreamerId),
    /// The streamer was withdrawn.
    #[error("the streamer `{0}` was withdrawn")]
    StreamerWithdrawn(StreamerId),
    /// The account is bound already.
    #[error("the account is bound to the streamer `{0}` already")]
    AccountEnrolled(StreamerId),
    /// Identity knows no such person for the caller.
    #[error("the identity service knows no person `{0}` for the caller's organization")]
    PersonNotFound(PersonId),
    /// The caller's platform has no such policy.
    #[error("there is no policy `{0}`")]
    PolicyNotFound(String),
    /// Nobody could ever meet the policy, or its rules cannot mean what they say.
    #[error("the policy cannot be set: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    PolicyRefused(Vec<PolicyFault>),
    /// There is no such edition of the rules.
    #[error("there is no edition `{0}` of the rules")]
    RulesEditionNotFound(String),
    /// Two policies tell too many kinds of cases apart to be compared.
    #[error("the two policies tell {cells} kinds of cases apart; at most {most} are compared")]
    SimulationTooLarge {
        /// How many.
        cells: u64,
        /// How many there may be.
        most: u64,
    },
    /// The caller's platform has no such session.
    #[error("there is no live session `{0}`")]
    LiveSessionNotFound(LiveSessionId),
    /// The session does not run any more.
    #[error("the live session `{session}` is not open (`{}`)", state.code())]
    LiveSessionNotOpen {
        /// Which one.
        session: LiveSessionId,
        /// What it is.
        state: SessionState,
    },
    /// The caller's platform has no such grant.
    #[error("there is no grant `{0}`")]
    GrantNotFound(GrantId),
    /// The grant can change no more.
    #[error("the grant `{grant}` has ended (`{}`)", state.code())]
    GrantEnded {
        /// Which one.
        grant: GrantId,
        /// How.
        state: GrantState,
    },
    /// The caller has missed a change of the session.
    #[error("the live session `{session}` changed; its fence is `{fence}`")]
    FenceOutdated {
        /// Which one.
        session: LiveSessionId,
        /// Its fence.
        fence: i64,
    },
    /// The revision asked for is no revision.
    #[error("the revision is malformed")]
    RevisionMalformed,
    /// The revision asked for did not arrive.
    #[error("the revision `{0}` did not arrive in time")]
    RevisionNotReached(String),
    /// The news of these feeds are too old to decide on.
    #[error("the news of `{}` are too old to decide on; nothing was changed, try again", .0.join("`, `"))]
    NewsTooOld(Vec<&'static str>),
    /// A sanction or a blocklist stands against somebody.
    #[error("{}", barred(.0))]
    StreamerBarred(Vec<Reason>),
    /// The caller's platform has no such room operator.
    #[error("there is no room operator `{0}`")]
    RoomOperatorNotFound(RoomOperatorId),
    /// The room operator was withdrawn.
    #[error("the room operator `{0}` was withdrawn")]
    RoomOperatorWithdrawn(RoomOperatorId),
    /// The platform has one with that code or person.
    #[error("the room operator `{0}` is registered with that code or person already")]
    RoomOperatorRegistered(RoomOperatorId),
    /// The caller's platform has no such engagement.
    #[error("there is no engagement `{0}`")]
    EngagementNotFound(EngagementId),
    /// The streamer works with that operator, or with an agency, already.
    #[error("the engagement `{0}` holds at the same time")]
    EngagementOverlaps(EngagementId),
    /// The engagement is over.
    #[error("the engagement `{0}` is over")]
    EngagementEnded(EngagementId),
    /// Something about conduct, blocklists or administrators.
    #[error(transparent)]
    Conduct(#[from] ConductError),
    /// Something the frame says.
    #[error("the call is refused")]
    Fault(Fault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        let not_found =
            |reason, key, name: String| Self::new(Code::NotFound, reason, said.clone()).with(key, name);
        match error {
            Error::StreamerNotFound(id) => not_found("STREAMER_NOT_FOUND", "streamer", id.name()),
            Error::PersonNotFound(id) => not_found("PERSON_NOT_FOUND", "person", id.name()),
            Error::PolicyNotFound(name) => not_found("POLICY_NOT_FOUND", "policy", name),
            Error::LiveSessionNotFound(id) => not_found("LIVE_SESSION_NOT_FOUND", "live_session", id.name()),
            Error::GrantNotFound(id) => not_found("GRANT_NOT_FOUND", "grant", id.name()),
            Error::GrantEnded { grant, state } => {
                refused("GRANT_ENDED", said).with("grant", grant.name()).with("state", state.code())
            }
            Error::RoomOperatorNotFound(id) => {
                not_found("ROOM_OPERATOR_NOT_FOUND", "room_operator", id.name())
            }
            Error::EngagementNotFound(id) => not_found("ENGAGEMENT_NOT_FOUND", "engagement", id.name()),
            Error::RoomOperatorRegistered(id) => {
                Self::new(Code::AlreadyExists, "ROOM_OPERATOR_REGISTERED", said)
                    .with("room_operator", id.name())
            }
            Error::RoomOperatorWithdrawn(id) => {
                refused("ROOM_OPERATOR_WITHDRAWN", said).with("room_operator", id.name())
            }
            Error::EngagementOverlaps(id) => {
                refused("ENGAGEMENT_OVERLAPS", said).with("engagement", id.name())
            }
            Error::EngagementEnded(id) => refused("ENGAGEMENT_ENDED", said).with("engagement", id.name()),
            Error::StreamerBarred(reasons) => {
                let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.code()).collect();
                refused("STREAMER_BARRED", said).with("reasons", codes.join(", "))
            }
            Error::StreamerWithdrawn(id) => refused("STREAMER_WITHDRAWN", said).with("streamer", id.name()),
            Error::AccountEnrolled(id) => {
                Self::new(Code::AlreadyExists, "ACCOUNT_ENROLLED", said).with("streamer", id.name())
            }
            Error::PolicyRefused(faults) => policy_refused(&faults, said),
            Error::RulesEditionNotFound(edition) => not_found("RULES_EDITION_NOT_FOUND", "edition", edition),
            Error::SimulationTooLarge { cells, most } => {
                refused("SIMULATION_TOO_LARGE", said).with("cells", cells).with("most", most)
            }
            Error::LiveSessionNotOpen { session, state } => refused("LIVE_SESSION_NOT_OPEN", said)
                .with("live_session", session.name())
                .with("state", state.code()),
            Error::FenceOutdated { session, fence } => Self::new(Code::Aborted, "FENCE_OUTDATED", said)
                .with("live_session", session.name())
                .with("fence", fence),
            Error::RevisionMalformed => Self::new(Code::InvalidArgument, "REVISION_MALFORMED", said),
            Error::RevisionNotReached(revision) => {
                Self::new(Code::DeadlineExceeded, "REVISION_NOT_REACHED", said).with("revision", revision)
            }
            Error::NewsTooOld(feeds) => Self::new(Code::Unavailable, "DEPENDENCY_UNAVAILABLE", said)
                .with("dependency", feeds.join(", "))
                .retry_after(RETRY_NEWS),
            Error::Conduct(error) => error.into(),
            Error::Fault(fault) => fault,
            Error::Store(error) => error.into(),
        }
    }
}

/// `FAILED_PRECONDITION`, for one reason or another.
fn refused(reason: &'static str, said: String) -> Fault {
    Fault::new(Code::FailedPrecondition, reason, said)
}

/// Everything that stands against somebody, in one sentence.
fn barred(reasons: &[Reason]) -> String {
    let sentences: Vec<String> = reasons.iter().map(|reason| reason.sentence(Language::English)).collect();
    format!("the person is barred: {}", sentences.join("; "))
}

/// What nobody could meet weighs more than what contradicts itself; every fault is told with its place.
fn policy_refused(faults: &[PolicyFault], said: String) -> Fault {
    let never = |fault: &PolicyFault| matches!(fault.itself(), PolicyFault::NeverSatisfied { .. });
    let reason = if faults.iter().any(never) { "POLICY_UNSATISFIABLE" } else { "POLICY_RULES_CONTRADICT" };
    let mut codes: Vec<&str> = faults.iter().map(PolicyFault::code).collect();
    codes.dedup();
    let mut violations = Violations::new();
    for fault in faults {
        violations.add(field(fault), fault);
    }
    Fault::new(Code::FailedPrecondition, reason, said).with("fault", codes.join(", ")).about(violations)
}

/// The path of the field that a fault of a policy is about.
pub fn field(fault: &PolicyFault) -> String {
    let of = fault.rule().map_or_else(|| "policy".to_owned(), |rule| format!("policy.rules[{rule}]"));
    let part = match fault.itself() {
        PolicyFault::Revision => "revision_number",
        PolicyFault::NoStandard | PolicyFault::StandardUnknown(_) => "accepted_standards",
        PolicyFault::NoJobType | PolicyFault::JobTypeUnknown { .. } => "accepted_job_types",
        PolicyFault::LevelUnknown { .. } | PolicyFault::NeverSatisfied { .. } => "minimum_level",
        PolicyFault::ConditionBounds(_) => "conditions",
        PolicyFault::Staleness => "max_staleness",
        PolicyFault::EvidenceAge => "max_evidence_age",
        PolicyFault::Grace => "grace_period",
        PolicyFault::RulesWithoutSale => "rules",
        PolicyFault::NoSelector
        | PolicyFault::InRule { .. }
        | PolicyFault::Shadowed { .. }
        | PolicyFault::Inverted { .. }
        | PolicyFault::TierInverted { .. } => return of,
    };
    format!("{of}.{part}")
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Fault::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::occupation::Level;
    use greenroom_proto::registry::v1::ErrorReason;

    #[test]
    fn every_reason_stands_in_the_contract() {
        let streamer = StreamerId::try_new("s1").unwrap();
        let session = LiveSessionId::try_new("l1").unwrap();
        let grant = GrantId::try_new("g1").unwrap();
        let id = || RoomOperatorId::try_new("o1").unwrap();
        let engagement = || EngagementId::try_new("e1").unwrap();
        let errors = [
            Error::StreamerNotFound(streamer.clone()),
            Error::StreamerWithdrawn(streamer.clone()),
            Error::AccountEnrolled(streamer),
            Error::PersonNotFound(PersonId::try_new("p1").unwrap()),
            Error::PolicyNotFound("policies/shop".to_owned()),
            Error::PolicyRefused(vec![PolicyFault::NoStandard]),
            Error::PolicyRefused(vec![PolicyFault::NeverSatisfied {
                minimum: Level::One,
                highest: Level::Two,
            }]),
            Error::RulesEditionNotFound("1999-01".to_owned()),
            Error::SimulationTooLarge { cells: 2, most: 1 },
            Error::LiveSessionNotFound(session.clone()),
            Error::LiveSessionNotOpen { session: session.clone(), state: SessionState::Closed },
            Error::FenceOutdated { session, fence: 1 },
            Error::GrantNotFound(grant.clone()),
            Error::GrantEnded { grant, state: GrantState::Revoked },
            Error::RevisionMalformed,
            Error::RevisionNotReached("x".to_owned()),
            Error::NewsTooOld(vec!["identity"]),
            Error::StreamerBarred(Vec::new()),
            Error::RoomOperatorNotFound(id()),
            Error::RoomOperatorWithdrawn(id()),
            Error::RoomOperatorRegistered(id()),
            Error::EngagementNotFound(engagement()),
            Error::EngagementOverlaps(engagement()),
            Error::EngagementEnded(engagement()),
        ];
        for error in errors {
            let reason = Fault::from(error).reason();
            assert!(ErrorReason::from_str_name(&format!("ERROR_REASON_{reason}")).is_some(), "{reason}");
        }
    }
}
