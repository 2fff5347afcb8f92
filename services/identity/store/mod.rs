//! The identity service's statements, compiled into both store crates against their engine.

mod evidence;
mod keys;
mod lookups;
mod participants;
mod persons;
mod rows;

use crate::engine;
use crate::feed_store::FeedStore;
use greenroom_domain::identity::port::{
    AssertionUse, Change, DocumentStanding, Due, GuardianStatement, Lookup, PairwiseName, PairwiseRecord,
    PassedOver, PersonFilter, PersonRecord, ProofingRecord, RecheckFilter, RevokedToken, SigningKeyRecord,
    Store as Port, Wrapped, WrappedKind,
};
use greenroom_domain::identity::{Client, Organization, PersonState, ProofingJob};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use greenroom_domain::ledger::{Position, StoreError, Write};
use greenroom_feed::log::HasLog;
use sqlx::query_file;

/// The identity service's database.
#[derive(Clone)]
pub struct Store {
    feed: FeedStore,
}

impl Store {
    /// Opens the database at `url` and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self { feed: FeedStore::open(url, &crate::MIGRATIONS).await? })
    }

    fn pool(&self) -> &sqlx::Pool<engine::Db> {
        self.feed.pool()
    }
}

impl HasLog for Store {
    type Log = FeedStore;

    fn log(&self) -> &FeedStore {
        &self.feed
    }
}

async fn make(connection: &mut rows::Connection, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::AddOrganization(new) => participants::add_organization(connection, new).await,
        Change::SaveOrganization(next) => participants::save_organization(connection, next).await,
        Change::AddClient(new) => participants::add_client(connection, new).await,
        Change::SaveClient(next) => participants::save_client(connection, next).await,
        Change::KeepClient(id, version) => participants::keep_client(connection, id, *version).await,
        Change::KeepOrganization(id, version) => {
            participants::keep_organization(connection, id, *version).await
        }
        Change::AddPerson(new) => persons::add_person(connection, new).await,
        Change::SavePerson(next) => persons::save_person(connection, next).await,
        Change::ResealPerson(next) => persons::reseal_person(connection, next).await,
        Change::KeepPerson(id, version) => persons::keep_person(connection, id, *version).await,
        Change::AddPairwiseName(new) => persons::add_pairwise_name(connection, new).await,
        Change::AddProofing(new) => evidence::add_proofing(connection, new).await,
        Change::AddGuardianStatement(new) => evidence::add_guardian_statement(connection, new).await,
        Change::AddProofingJob(new) => evidence::add_job(connection, new).await,
        Change::SaveProofingJob(next) => evidence::save_job(connection, next).await,
        Change::AddSigningKey(new) => keys::add_signing_key(connection, new).await,
        Change::RetireSigningKey { key_id, read, retired_from } => {
            keys::retire_signing_key(connection, key_id, *read, *retired_from).await
        }
        Change::AddRevokedToken(new) => participants::add_revoked_token(connection, new).await,
    }
}

impl Port for Store {
    async fn organization(&self, id: &OrganizationId) -> Result<Option<Organization>, StoreError> {
        participants::organization(self.pool(), id.as_str()).await
    }

    async fn organizations(
        &self,
        within: Option<&OrganizationId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Organization>, StoreError> {
        participants::organizations(self.pool(), within, after, limit).await
    }

    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        participants::client(self.pool(), id).await
    }

    async fn clients(
        &self,
        within: Option<&OrganizationId>,
        ends_before: Option<Timestamp>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Client>, StoreError> {
        participants::clients(self.pool(), within, ends_before, after, limit).await
    }

    async fn member(&self, id: &ClientId) -> Result<Option<(Client, Organization)>, StoreError> {
        let client = participants::client(self.pool(), id).await?;
        // Asked also about nobody: the time that takes must not tell which clients there are.
        let organization = client.as_ref().map(|client| client.organization.as_str()).unwrap_or_default();
        let organization = participants::organization(self.pool(), organization).await?;
        Ok(client.zip(organization))
    }

    async fn revoked_clients(&self, since: Timestamp) -> Result<Vec<(ClientId, Timestamp)>, StoreError> {
        participants::revoked_clients(self.pool(), since).await
    }

    async fn revoked_organizations(&self, since: Timestamp) -> Result<Vec<Organization>, StoreError> {
        participants::revoked_organizations(self.pool(), since).await
    }

    async fn revoked_tokens(&self, since: Timestamp) -> Result<Vec<RevokedToken>, StoreError> {
        participants::revoked_tokens(self.pool(), since).await
    }

    async fn revoked_token(&self, token_id: &str) -> Result<Option<RevokedToken>, StoreError> {
        participants::revoked_token(self.pool(), token_id).await
    }

    async fn person(&self, id: &PersonId) -> Result<Option<PersonRecord>, StoreError> {
        persons::person(self.pool(), id).await
    }

    async fn persons(&self, after: &str, limit: i64) -> Result<Vec<PersonRecord>, StoreError> {
        persons::persons(self.pool(), after, limit).await
    }

    async fn person_named(
        &self,
        name: &PairwiseName,
    ) -> Result<Option<(PairwiseRecord, PersonRecord)>, StoreError> {
        let named = persons::named(self.pool(), std::slice::from_ref(name)).await?;
        let Some((named, _)) = named.into_iter().flatten().next() else { return Ok(None) };
        let person = persons::person(self.pool(), &named.person).await?;
        Ok(person.map(|person| (named, person)))
    }

    async fn name_of(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
    ) -> Result<Option<PairwiseRecord>, StoreError> {
        persons::name_of(self.pool(), organization, person).await
    }

    async fn names_of(
        &self,
        organization: &OrganizationId,
        persons: &[PersonId],
    ) -> Result<Vec<Option<PairwiseRecord>>, StoreError> {
        lookups::names_of(self.pool(), organization, persons).await
    }

    async fn organizations_knowing(&self, person: &PersonId) -> Result<Vec<OrganizationId>, StoreError> {
        persons::organizations_knowing(self.pool(), person).await
    }

    async fn persons_of(
        &self,
        filter: PersonFilter<'_>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(PairwiseRecord, PersonRecord)>, StoreError> {
        persons::persons_of(self.pool(), filter, after, limit).await
    }

    async fn pairwise_names(
        &self,
        after: Option<&PairwiseName>,
        limit: i64,
    ) -> Result<Vec<PairwiseRecord>, StoreError> {
        persons::pairwise_names(self.pool(), after, limit).await
    }

    async fn proofings(&self, after: &str, limit: i64) -> Result<Vec<ProofingRecord>, StoreError> {
        evidence::proofings(self.pool(), after, limit).await
    }

    async fn proofings_of(
        &self,
        person: &PersonId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ProofingRecord>, StoreError> {
        evidence::proofings_of(self.pool(), person, after, limit).await
    }

    async fn guardian_statements(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<GuardianStatement>, StoreError> {
        evidence::guardian_statements(self.pool(), after, limit).await
    }

    async fn proofing_job(&self, id: &str) -> Result<Option<ProofingJob>, StoreError> {
        evidence::job(self.pool(), id).await
    }

    async fn open_job(&self, person: &PersonId, source: &str) -> Result<Option<ProofingJob>, StoreError> {
        evidence::open_job(self.pool(), person, source).await
    }

    async fn open_jobs(&self, person: &PersonId) -> Result<Vec<ProofingJob>, StoreError> {
        evidence::open_jobs(self.pool(), person).await
    }

    async fn proofing_jobs(&self, after: &str, limit: i64) -> Result<Vec<ProofingJob>, StoreError> {
        evidence::jobs(self.pool(), after, limit).await
    }

    async fn due_jobs(
        &self,
        source: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<ProofingJob>, StoreError> {
        evidence::due_jobs(self.pool(), source, now, limit).await
    }

    async fn due_sources(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        evidence::due_sources(self.pool(), now).await
    }

    async fn rechecks(&self, filter: RecheckFilter<'_>, limit: i64) -> Result<Vec<PersonId>, StoreError> {
        evidence::rechecks(self.pool(), filter, limit).await
    }

    async fn due(&self, now: Timestamp, limit: i64, passed_over: &PassedOver) -> Result<Due, StoreError> {
        let mut due = Due::default();
        persons::due_persons(self.pool(), now, limit, passed_over, &mut due).await?;
        participants::due_clients(self.pool(), now, limit, passed_over, &mut due).await?;
        Ok(due)
    }

    async fn next_due(
        &self,
        until: Timestamp,
        passed_over: &PassedOver,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = query_file!("../queries/next_due.sql", until.as_micros(), passed_over.words())
            .fetch_one(self.pool())
            .await
            .map_err(engine::failure)?;
        Ok(row.due_us.map(Timestamp::from_micros))
    }

    async fn persons_by_claim(&self, claims: &[Lookup]) -> Result<Vec<Option<PersonRecord>>, StoreError> {
        lookups::persons_by_claim(self.pool(), claims).await
    }

    async fn documents(&self, lookups: &[Lookup]) -> Result<Vec<Option<DocumentStanding>>, StoreError> {
        lookups::documents(self.pool(), lookups).await
    }

    async fn persons_by_name(
        &self,
        names: &[PairwiseName],
    ) -> Result<Vec<Option<(PersonId, PersonState)>>, StoreError> {
        let named = persons::named(self.pool(), names).await?;
        Ok(named.into_iter().map(|found| found.map(|(record, state)| (record.person, state))).collect())
    }

    async fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>, StoreError> {
        keys::signing_keys(self.pool()).await
    }

    async fn use_assertions(&self, assertions: &[AssertionUse]) -> Result<Vec<bool>, StoreError> {
        let mut unit = self.feed.begin().await?;
        let mut unused = Vec::with_capacity(assertions.len());
        for assertion in assertions {
            unused.push(participants::use_assertion(unit.connection(), assertion).await?);
        }
        self.feed.keep(unit).await?;
        Ok(unused)
    }

    async fn forget_assertions(&self, until: Timestamp) -> Result<(), StoreError> {
        let mut unit = self.feed.begin().await?;
        participants::forget_assertions(unit.connection(), until).await?;
        self.feed.keep(unit).await
    }

    async fn forget_revoked_tokens(&self, until: Timestamp) -> Result<(), StoreError> {
        let mut unit = self.feed.begin().await?;
        participants::forget_revoked_tokens(unit.connection(), until).await?;
        self.feed.keep(unit).await
    }

    async fn wrapped_elsewhere(
        &self,
        kind: WrappedKind,
        present: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Wrapped>, StoreError> {
        keys::wrapped_elsewhere(self.pool(), kind, present, after, limit).await
    }

    async fn wrapped_counts(&self, kind: WrappedKind) -> Result<Vec<(String, i64)>, StoreError> {
        keys::wrapped_counts(self.pool(), kind).await
    }

    async fn rewrap(&self, kind: WrappedKind, changes: &[(Wrapped, Wrapped)]) -> Result<(), StoreError> {
        let mut unit = self.feed.begin().await?;
        for (read, new) in changes {
            keys::rewrap(unit.connection(), kind, read, new).await?;
        }
        self.feed.keep(unit).await
    }

    async fn clear_traces(&self) -> Result<(), StoreError> {
        engine::clear_traces(self.pool()).await.map_err(engine::failure)
    }

    async fn close(&self) {
        self.feed.close().await;
    }

    async fn commit(&self, changes: Vec<Change>, write: Write) -> Result<Position, StoreError> {
        let mut unit = self.feed.begin().await?;
        for change in &changes {
            make(unit.connection(), change).await?;
        }
        self.feed.finish(unit, &write).await
    }
}
