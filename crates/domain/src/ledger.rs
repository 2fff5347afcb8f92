//! What every write carries besides its own change: who asked, under which request id, and what is true since.
//!
//! Plain data and the errors of a store. A service decides, then hands its change and one [`Write`] to its store, which
//! commits both in one transaction: rows, events, the stored answer and the position in a followed feed stand or fall
//! together.

use crate::kernel::{ClientId, OrganizationId, PersonId, Timestamp};

/// Who caused a write. All are `None` where a service acts by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The client whose token was presented.
    pub client: Option<ClientId>,
    /// The organization that client acts for.
    pub organization: Option<OrganizationId>,
    /// The human who acts through that client, under the organization's own name for the person; none for a machine.
    pub person: Option<PersonId>,
}

/// One event to be appended: what is true of one resource since this write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    /// What kind of fact it is: a stable lower-case word such as `person`.
    pub kind: &'static str,
    /// The resource name it is about. The last event of a subject tells its present state.
    pub subject: String,
    /// The fact in its canonical encoding. Kept byte for byte and never encoded again.
    pub payload: Vec<u8>,
}

/// Names a request so that it takes effect once (AIP-155).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The client that sent it. Request ids of different clients have nothing to do with each other.
    pub client: String,
    /// The UUID the client chose.
    pub id: String,
    /// A keyed digest of method and body, to tell a repetition from a reuse.
    pub fingerprint: Vec<u8>,
}

/// An answer that was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The fingerprint of the request it answered.
    pub fingerprint: Vec<u8>,
    /// The encoded answer.
    pub answer: Vec<u8>,
    /// Where the feed stood after that write.
    pub position: Position,
}

/// A place in a feed: everything up to and including event number `sequence` of that database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The database whose feed it is.
    pub database: String,
    /// The number of the last event, 0 before the first.
    pub sequence: i64,
}

/// Moves the cursor of a followed feed in the same transaction as the effect of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    /// Which feed is followed: `identity`, `certification`.
    pub source: &'static str,
    /// Where the cursor must stand; if it does not, somebody else has applied the batch.
    pub from: Option<Position>,
    /// Where it stands afterwards.
    pub to: Position,
}

/// Everything a write carries besides its own change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Who caused it.
    pub actor: Actor,
    /// The method that caused it, as gRPC spells it; for a service's own acts a lower-case word such as `patrol`.
    pub method: String,
    /// The request id, if the caller gave one.
    pub request: Option<RequestKey>,
    /// The encoded answer, stored beside the request id.
    pub answer: Vec<u8>,
    /// What is true since, in order.
    pub events: Vec<EventDraft>,
    /// Set when the write applies a batch of another service's feed.
    pub advance: Option<Advance>,
    /// The instant of the decision; it becomes the events' commit time.
    pub now: Timestamp,
}

impl Write {
    /// A write by the service itself, without a request.
    pub fn by_service(method: &str, events: Vec<EventDraft>, now: Timestamp) -> Self {
        Self {
            actor: Actor::default(),
            method: method.to_owned(),
            request: None,
            answer: Vec::new(),
            events,
            advance: None,
            now,
        }
    }
}

/// The cause of a failure inside a store, for the log only.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong in a store. Nothing was changed in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The resource changed since it was read.
    #[error("the resource changed since it was read")]
    Conflict,
    /// A unique value is taken; the word names which, such as `account`.
    #[error("the value of `{0}` is taken")]
    Taken(&'static str),
    /// The request id is stored already; its answer can be recalled.
    #[error("the request was answered before")]
    Answered,
    /// The cursor of a followed feed stands elsewhere: another replica applied the batch.
    #[error("the cursor was moved by another replica")]
    CursorMoved,
    /// The database does not answer at present.
    #[error("the database does not answer")]
    Unavailable(#[source] Cause),
    /// A stored value is not what this program could have written.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// Anything else.
    #[error("the database failed")]
    Failed(#[source] Cause),
}

impl StoreError {
    /// The whole chain of causes in one line, for the log and for those who start a service.
    pub fn whole(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            let said = cause.to_string();
            // Some libraries already repeat their cause.
            if !text.ends_with(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            next = cause.source();
        }
        text
    }
}
