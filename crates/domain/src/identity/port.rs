//! What the identity service asks of its store.

use super::{Client, Organization, PersonState, ProofingJob};
use crate::kernel::{ClientId, OrganizationId, PersonId, Timestamp, Version};
use crate::ledger::{Position, StoreError, Write};
use std::future::Future;

mod record;

pub use record::{
    AssertionUse, DocumentStanding, Due, GuardianStatement, Lookup, PairwiseName, PairwiseRecord, PassedOver,
    PersonFilter, PersonRecord, ProofingRecord, RecheckFilter, RevokedToken, Sealed, SigningKeyRecord,
    Wrapped, WrappedKind,
};

/// One change. A commit carries several, which stand or fall together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new organization; [`StoreError::Taken`] with `organization` if its id is taken.
    AddOrganization(Organization),
    /// An organization's new state, if it still has the version it was read at.
    SaveOrganization(Organization),
    /// A new client with its credentials; [`StoreError::Taken`] with `client` if its id is taken.
    AddClient(Client),
    /// A client's new state with all its credentials, if it still has the version it was read at; [`StoreError::Taken`]
    /// with `client_key` if two of them share an id.
    SaveClient(Client),
    /// Nothing but a condition: the client is active and still has the version it was read at.
    KeepClient(ClientId, Version),
    /// Nothing but a condition: the organization is active and still has the version it was read at.
    KeepOrganization(OrganizationId, Version),
    /// A new person; [`StoreError::Taken`] with `claim` if the document is known under the same name.
    AddPerson(PersonRecord),
    /// A person's new state, if it still has the version it was read at; [`StoreError::Taken`] with `document` if it
    /// claims a document that is proven to be another person's. What is sealed, and what it is found by, stays as it is.
    SavePerson(PersonRecord),
    /// The same, and what is sealed, what it is found by and the kind of document anew.
    ResealPerson(PersonRecord),
    /// Nothing but a condition: the person still has the version it was read at, and so the state.
    KeepPerson(PersonId, Version),
    /// An organization's own name for a person; [`StoreError::Taken`] with `pairwise_name` if it has one.
    AddPairwiseName(PairwiseRecord),
    /// Evidence, appended.
    AddProofing(ProofingRecord),
    /// A guardian's word, appended.
    AddGuardianStatement(GuardianStatement),
    /// A new job.
    AddProofingJob(ProofingJob),
    /// A job's new state, if it still has the version it was read at.
    SaveProofingJob(ProofingJob),
    /// A new signing key; [`StoreError::Taken`] with `signing_key` if its id is taken.
    AddSigningKey(SigningKeyRecord),
    /// From when on a signing key is published no more, if that is still as it was read; [`StoreError::Conflict`]
    /// otherwise.
    RetireSigningKey {
        /// The key's id.
        key_id: String,
        /// Its end as it was read.
        read: Option<Timestamp>,
        /// Its end from now on.
        retired_from: Timestamp,
    },
    /// A token that is refused from now on; [`StoreError::Taken`] with `revoked_token` if it is already.
    AddRevokedToken(RevokedToken),
}

/// The identity service's tables. Reads see what is committed; lists are in the order of their ids and begin behind
/// `after`.
pub trait Store: Clone + Send + Sync + 'static {
    /// One organization.
    fn organization(
        &self,
        id: &OrganizationId,
    ) -> impl Future<Output = Result<Option<Organization>, StoreError>> + Send;

    /// Organizations; only the one named, if `within` names one.
    fn organizations(
        &self,
        within: Option<&OrganizationId>,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Organization>, StoreError>> + Send;

    /// One client with its credentials.
    fn client(&self, id: &ClientId) -> impl Future<Output = Result<Option<Client>, StoreError>> + Send;

    /// Clients; only those of one organization, if `within` names one; only active ones with a credential that ends before
    /// `ends_before`, if that is given.
    fn clients(
        &self,
        within: Option<&OrganizationId>,
        ends_before: Option<Timestamp>,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Client>, StoreError>> + Send;

    /// A client with its credentials and its organization: all that a token is decided on. Asks the database the same for
    /// an id that nobody has, so that the time it takes does not tell.
    fn member(
        &self,
        id: &ClientId,
    ) -> impl Future<Output = Result<Option<(Client, Organization)>, StoreError>> + Send;

    /// The clients whose tokens were revoked after `since`, and up to when; those that are disabled, always.
    fn revoked_clients(
        &self,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<(ClientId, Timestamp)>, StoreError>> + Send;

    /// The organizations whose tokens were refused after `since`, up to when, and at which version.
    fn revoked_organizations(
        &self,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<Organization>, StoreError>> + Send;

    /// The tokens that are refused and do not end before `since`; all of them for the earliest instant.
    fn revoked_tokens(
        &self,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<RevokedToken>, StoreError>> + Send;

    /// One of the tokens that are refused, by its id (`jti`).
    fn revoked_token(
        &self,
        token_id: &str,
    ) -> impl Future<Output = Result<Option<RevokedToken>, StoreError>> + Send;

    /// One person by its suite-wide id.
    fn person(&self, id: &PersonId) -> impl Future<Output = Result<Option<PersonRecord>, StoreError>> + Send;

    /// Persons.
    fn persons(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PersonRecord>, StoreError>> + Send;

    /// One person by the name an organization has for it.
    fn person_named(
        &self,
        name: &PairwiseName,
    ) -> impl Future<Output = Result<Option<(PairwiseRecord, PersonRecord)>, StoreError>> + Send;

    /// The name an organization has for a person.
    fn name_of(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
    ) -> impl Future<Output = Result<Option<PairwiseRecord>, StoreError>> + Send;

    /// The names an organization has for these persons, in their order.
    fn names_of(
        &self,
        organization: &OrganizationId,
        persons: &[PersonId],
    ) -> impl Future<Output = Result<Vec<Option<PairwiseRecord>>, StoreError>> + Send;

    /// The organizations that have a name for a person, in the order of their ids.
    fn organizations_knowing(
        &self,
        person: &PersonId,
    ) -> impl Future<Output = Result<Vec<OrganizationId>, StoreError>> + Send;

    /// Persons by the names one organization has for them, in the order of those names, behind `after`.
    fn persons_of(
        &self,
        filter: PersonFilter<'_>,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<(PairwiseRecord, PersonRecord)>, StoreError>> + Send;

    /// All names; those behind `after`, in the order of organization and name.
    fn pairwise_names(
        &self,
        after: Option<&PairwiseName>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PairwiseRecord>, StoreError>> + Send;

    /// The identity checks of one person.
    fn proofings_of(
        &self,
        person: &PersonId,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<ProofingRecord>, StoreError>> + Send;

    /// What guardians said.
    fn guardian_statements(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<GuardianStatement>, StoreError>> + Send;

    /// One job.
    fn proofing_job(&self, id: &str) -> impl Future<Output = Result<Option<ProofingJob>, StoreError>> + Send;

    /// The open job of a person with a source.
    fn open_job(
        &self,
        person: &PersonId,
        source: &str,
    ) -> impl Future<Output = Result<Option<ProofingJob>, StoreError>> + Send;

    /// All open jobs of a person.
    fn open_jobs(
        &self,
        person: &PersonId,
    ) -> impl Future<Output = Result<Vec<ProofingJob>, StoreError>> + Send;

    /// Jobs.
    fn proofing_jobs(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<ProofingJob>, StoreError>> + Send;

    /// The jobs of one source that are due at `now`, those due first in front.
    fn due_jobs(
        &self,
        source: &str,
        now: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<ProofingJob>, StoreError>> + Send;

    /// The sources that jobs due at `now` name.
    fn due_sources(&self, now: Timestamp) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// The persons whose proof by a source nears its end and about whom it is not being asked, those that end first in
    /// front.
    fn rechecks(
        &self,
        filter: RecheckFilter<'_>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PersonId>, StoreError>> + Send;

    /// What else is due at `now`, at most `limit` of each kind, without what is passed over.
    fn due(
        &self,
        now: Timestamp,
        limit: i64,
        passed_over: &PassedOver,
    ) -> impl Future<Output = Result<Due, StoreError>> + Send;

    /// When the next thing is due that is not passed over; none if that is later than `until`.
    fn next_due(
        &self,
        until: Timestamp,
        passed_over: &PassedOver,
    ) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// Identity checks.
    fn proofings(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<ProofingRecord>, StoreError>> + Send;

    /// The persons with these documents and names, in their order.
    fn persons_by_claim(
        &self,
        claims: &[Lookup],
    ) -> impl Future<Output = Result<Vec<Option<PersonRecord>>, StoreError>> + Send;

    /// How these documents are known, in their order; none where one is not.
    fn documents(
        &self,
        lookups: &[Lookup],
    ) -> impl Future<Output = Result<Vec<Option<DocumentStanding>>, StoreError>> + Send;

    /// The suite-wide ids behind these names, and the recorded states of the persons, in their order.
    fn persons_by_name(
        &self,
        names: &[PairwiseName],
    ) -> impl Future<Output = Result<Vec<Option<(PersonId, PersonState)>>, StoreError>> + Send;

    /// All signing keys.
    fn signing_keys(&self) -> impl Future<Output = Result<Vec<SigningKeyRecord>, StoreError>> + Send;

    /// Uses up the ids of client assertions in one transaction: of each, in their order, whether it was unused. They must
    /// be sorted, or two replicas with the same ones may wait for each other.
    fn use_assertions(
        &self,
        assertions: &[AssertionUse],
    ) -> impl Future<Output = Result<Vec<bool>, StoreError>> + Send;

    /// Forgets the assertion ids that expired before `until`.
    fn forget_assertions(&self, until: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets the revoked tokens that ended before `until`. No event tells it: nobody would accept them anyway.
    fn forget_revoked_tokens(&self, until: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What is encrypted with another master key than `present`: in the order of the ids, behind `after`.
    fn wrapped_elsewhere(
        &self,
        kind: WrappedKind,
        present: &str,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Wrapped>, StoreError>> + Send;

    /// How much is encrypted with each master key, by the key's id.
    fn wrapped_counts(
        &self,
        kind: WrappedKind,
    ) -> impl Future<Output = Result<Vec<(String, i64)>, StoreError>> + Send;

    /// Puts new ciphertexts in the place of old ones, each if it is still what was read: `(read, new)`. What they open to is
    /// the same, so this is no change of the person: no event tells it and no version counts it.
    fn rewrap(
        &self,
        kind: WrappedKind,
        changes: &[(Wrapped, Wrapped)],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes the changes and everything `write` carries in one transaction.
    fn commit(
        &self,
        changes: Vec<Change>,
        write: Write,
    ) -> impl Future<Output = Result<Position, StoreError>> + Send;

    /// Removes from the engine's own files, as far as it can, what the tables no longer hold.
    ///
    /// SQLite: freed pages are overwritten as they are freed, and this empties the write-ahead log. PostgreSQL: nothing.
    /// There an old row stays in its table until `VACUUM`, and in the write-ahead log and its archive for as long as these
    /// are kept. Backups keep it in any case. What remains of an erased person in all these places is ciphertext and a data
    /// key encrypted with the master key of that time: once that key has been replaced and forgotten, nobody can open it.
    fn clear_traces(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Closes the connections once what runs on them has ended.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
