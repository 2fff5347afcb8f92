//! What the registry asks of its store.

use super::{
    CallerStanding, CertificateStanding, IssuerStandingFact, Mirrored, Permission, PersonStanding, Policy,
    QualificationStanding, Record, RecordFilter, RecordKind, RevokedToken, SessionState, StandardStanding,
    Streamer, StreamerFilter,
};
use crate::kernel::{LiveSessionId, OrganizationId, StreamerId, Timestamp, Version};
use crate::ledger::{Position, StoreError, Write};
use std::future::Future;
use std::time::Duration;

/// One revision of a policy, as set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRevision {
    /// The revision.
    pub policy: Policy,
    /// When it was set.
    pub created_at: Timestamp,
}

/// A revision of a policy as stored. The fact says everything; the other members are what a store has to find it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRecord {
    /// Whose policy it is.
    pub platform: OrganizationId,
    /// What it is about.
    pub permission: Permission,
    /// The number of the revision.
    pub revision: i32,
    /// When it was set.
    pub created_at: Timestamp,
    /// The fact in its canonical encoding, byte for byte the payload of the event that said it.
    pub fact: Vec<u8>,
}

/// A live session as stored.
///
/// `record` is the session as it was told to the platform, with every decision, in its canonical encoding; the other
/// members are what a store has to find it by, and what that encoding leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its id.
    pub id: LiveSessionId,
    /// On which platform.
    pub platform: OrganizationId,
    /// Whether it runs.
    pub state: SessionState,
    /// Since when the state holds.
    pub state_since: Timestamp,
    /// Grows with every change; it serves as the version, too.
    pub fence: i64,
    /// How long a lease lasts at most.
    pub lease: Duration,
    /// The end of the present lease.
    pub lease_until: Timestamp,
    /// How far it may be extended without the platform.
    pub lease_cap: Timestamp,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The session as told to the platform.
    pub record: Vec<u8>,
}

/// A record to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The record as it shall be, with its new version.
    pub record: Record,
    /// The version it was read at; `None` for a new one.
    pub read_at: Option<Version>,
}

/// What a write changes in the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new streamer. [`StoreError::Taken`] `account` if the account is bound already.
    Enrol(Streamer),
    /// A changed streamer; [`StoreError::Conflict`] unless it still has the version it was read at, [`StoreError::Taken`]
    /// `account` if another one has its account.
    SaveStreamer(Streamer),
    /// A new revision of a policy. [`StoreError::Conflict`] if the number is taken.
    AddPolicy(PolicyRecord),
    /// A new session.
    OpenSession(SessionRecord),
    /// Changed sessions, each with the fence it was read at; [`StoreError::Conflict`] unless all still have theirs.
    SaveSessions(Vec<(SessionRecord, i64)>),
    /// What other services said. What is older than what is stored changes nothing. Revoked tokens that are over at the
    /// instant of the write are dropped with it.
    Mirror(Vec<Mirrored>),
    /// Records that are new or changed. [`StoreError::Taken`] `name` or `key` if a new one has the name of another, or any the
    /// key of another of its kind and owner; [`StoreError::Conflict`] unless all others still have the version they were
    /// read at.
    Keep(Vec<Kept>),
    /// Several changes in their order, or none of them.
    All(Vec<Change>),
}

/// Which sessions a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionFilter {
    /// All of them.
    All,
    /// Those in one state.
    InState(SessionState),
}

/// The registry's tables. Lists come in the order of their keys, which are greater than `after`.
pub trait Store: Clone + Send + Sync + 'static {
    /// Commits a change and everything that belongs to it in one transaction.
    fn commit(
        &self,
        change: Change,
        write: Write,
    ) -> impl Future<Output = Result<Position, StoreError>> + Send;

    /// One streamer.
    fn streamer(&self, id: &StreamerId) -> impl Future<Output = Result<Option<Streamer>, StoreError>> + Send;

    /// The streamer with an account on a platform.
    fn streamer_by_account(
        &self,
        platform: &OrganizationId,
        account: &str,
    ) -> impl Future<Output = Result<Option<Streamer>, StoreError>> + Send;

    /// A page of a platform's streamers that pass a filter.
    fn streamers_of(
        &self,
        platform: &OrganizationId,
        filter: &StreamerFilter,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Streamer>, StoreError>> + Send;

    /// Every revision of a platform's policy for a permission, the oldest first.
    fn policies_of(
        &self,
        platform: &OrganizationId,
        permission: Permission,
    ) -> impl Future<Output = Result<Vec<PolicyRecord>, StoreError>> + Send;

    /// A page of revisions below `before`, the newest first.
    fn policies_before(
        &self,
        platform: &OrganizationId,
        permission: Permission,
        before: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PolicyRecord>, StoreError>> + Send;

    /// One session.
    fn session(
        &self,
        id: &LiveSessionId,
    ) -> impl Future<Output = Result<Option<SessionRecord>, StoreError>> + Send;

    /// A page of a platform's sessions.
    fn sessions_of(
        &self,
        platform: &OrganizationId,
        filter: SessionFilter,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<SessionRecord>, StoreError>> + Send;

    /// A page of all streamers.
    fn all_streamers(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Streamer>, StoreError>> + Send;

    /// A page of all policies, by platform, the code of the permission, and number.
    fn all_policies(
        &self,
        after: (&str, &str, i64),
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PolicyRecord>, StoreError>> + Send;

    /// A page of all sessions that pass a filter.
    fn all_sessions(
        &self,
        filter: SessionFilter,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<SessionRecord>, StoreError>> + Send;

    /// A page of all persons.
    fn all_persons(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PersonStanding>, StoreError>> + Send;

    /// A page of all certificates.
    fn all_certificates(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateStanding>, StoreError>> + Send;

    /// A page of all issuers.
    fn all_issuers(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<IssuerStandingFact>, StoreError>> + Send;

    /// Up to `limit` qualifications with ids greater than `after`.
    fn all_qualifications(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<QualificationStanding>, StoreError>> + Send;

    /// A page of all standards.
    fn all_standards(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<StandardStanding>, StoreError>> + Send;

    /// Every caller whose tokens are refused.
    fn callers(&self) -> impl Future<Output = Result<Vec<CallerStanding>, StoreError>> + Send;

    /// A page of the revoked tokens that are kept.
    fn revoked_tokens(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<RevokedToken>, StoreError>> + Send;

    /// One record.
    fn record(&self, name: &str) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// A page of an owner's records of one kind.
    fn records_of(
        &self,
        kind: RecordKind,
        owner: &OrganizationId,
        filter: &RecordFilter,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// A page of all records, of whatever kind and owner.
    fn all_records(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;
}
