//! What can go wrong, and what the caller is told. The one place where reasons are named.

mod conduct;

pub use conduct::ConductError;

use greenroom_domain::kernel::{LiveSessionId, PersonId, StreamerId};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::{PolicyFault, SessionState};
use greenroom_rpc::fault::Fault;
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
    /// Nobody could ever meet the policy.
    #[error("nobody could ever meet the policy: {0}")]
    PolicyUnsatisfiable(PolicyFault),
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
            Error::StreamerWithdrawn(id) => {
                Self::new(Code::FailedPrecondition, "STREAMER_WITHDRAWN", said).with("streamer", id.name())
            }
            Error::AccountEnrolled(id) => {
                Self::new(Code::AlreadyExists, "ACCOUNT_ENROLLED", said).with("streamer", id.name())
            }
            Error::PolicyUnsatisfiable(fault) => {
                Self::new(Code::FailedPrecondition, "POLICY_UNSATISFIABLE", said).with("fault", fault.code())
            }
            Error::LiveSessionNotOpen { session, state } => {
                Self::new(Code::FailedPrecondition, "LIVE_SESSION_NOT_OPEN", said)
                    .with("live_session", session.name())
                    .with("state", state.code())
            }
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

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Fault::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_proto::registry::v1::ErrorReason;

    #[test]
    fn every_reason_stands_in_the_contract() {
        let streamer = StreamerId::try_new("s1").unwrap();
        let session = LiveSessionId::try_new("l1").unwrap();
        let errors = [
            Error::StreamerNotFound(streamer.clone()),
            Error::StreamerWithdrawn(streamer.clone()),
            Error::AccountEnrolled(streamer),
            Error::PersonNotFound(PersonId::try_new("p1").unwrap()),
            Error::PolicyNotFound("policies/shop".to_owned()),
            Error::PolicyUnsatisfiable(PolicyFault::NoStandard),
            Error::LiveSessionNotFound(session.clone()),
            Error::LiveSessionNotOpen { session: session.clone(), state: SessionState::Closed },
            Error::FenceOutdated { session, fence: 1 },
            Error::RevisionMalformed,
            Error::RevisionNotReached("x".to_owned()),
            Error::NewsTooOld(vec!["identity"]),
        ];
        for error in errors {
            let reason = Fault::from(error).reason();
            assert!(ErrorReason::from_str_name(&format!("ERROR_REASON_{reason}")).is_some(), "{reason}");
        }
    }
}
