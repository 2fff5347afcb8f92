//! The identity service's statements, compiled into both store crates against their engine.

mod lookups;
mod reads;
mod rows;
mod writes;

use crate::engine;
use crate::feed_store::FeedStore;
use greenroom_domain::identity::port::{
    Change, DocumentStanding, Lookup, PairwiseName, PairwiseRecord, PersonRecord, ProofingRecord,
    SigningKeyRecord, Store as Port,
};
use greenroom_domain::identity::{Client, Organization};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use greenroom_domain::ledger::{Position, StoreError, Write};
use greenroom_feed::log::HasLog;

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

impl Port for Store {
    async fn organization(&self, id: &OrganizationId) -> Result<Option<Organization>, StoreError> {
        reads::organization(self.pool(), id.as_str()).await
    }

    async fn organizations(
        &self,
        within: Option<&OrganizationId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Organization>, StoreError> {
        reads::organizations(self.pool(), within, after, limit).await
    }

    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        reads::client(self.pool(), id).await
    }

    async fn clients(
        &self,
        within: Option<&OrganizationId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Client>, StoreError> {
        reads::clients(self.pool(), within, after, limit).await
    }

    async fn member(&self, id: &ClientId) -> Result<Option<(Client, Organization)>, StoreError> {
        let client = reads::client(self.pool(), id).await?;
        // Asked also about nobody: the time that takes must not tell which clients there are.
        let organization = client.as_ref().map(|client| client.organization.as_str()).unwrap_or_default();
        let organization = reads::organization(self.pool(), organization).await?;
        Ok(client.zip(organization))
    }

    async fn revoked_clients(&self, since: Timestamp) -> Result<Vec<(ClientId, Timestamp)>, StoreError> {
        reads::revoked_clients(self.pool(), since).await
    }

    async fn person(&self, id: &PersonId) -> Result<Option<PersonRecord>, StoreError> {
        reads::person(self.pool(), id).await
    }

    async fn persons(&self, after: &str, limit: i64) -> Result<Vec<PersonRecord>, StoreError> {
        reads::persons(self.pool(), after, limit).await
    }

    async fn person_named(
        &self,
        name: &PairwiseName,
    ) -> Result<Option<(PairwiseRecord, PersonRecord)>, StoreError> {
        let named = reads::named(self.pool(), std::slice::from_ref(name)).await?.into_iter().flatten().next();
        let Some(named) = named else { return Ok(None) };
        let person = reads::person(self.pool(), &named.person).await?;
        Ok(person.map(|person| (named, person)))
    }

    async fn name_of(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
    ) -> Result<Option<PairwiseRecord>, StoreError> {
        reads::name_of(self.pool(), organization, person).await
    }

    async fn pairwise_names(
        &self,
        after: Option<&PairwiseName>,
        limit: i64,
    ) -> Result<Vec<PairwiseRecord>, StoreError> {
        reads::pairwise_names(self.pool(), after, limit).await
    }

    async fn proofings(&self, after: &str, limit: i64) -> Result<Vec<ProofingRecord>, StoreError> {
        reads::proofings(self.pool(), after, limit).await
    }

    async fn persons_by_claim(&self, claims: &[Lookup]) -> Result<Vec<Option<PersonRecord>>, StoreError> {
        lookups::persons_by_claim(self.pool(), claims).await
    }

    async fn documents(&self, lookups: &[Lookup]) -> Result<Vec<Option<DocumentStanding>>, StoreError> {
        lookups::documents(self.pool(), lookups).await
    }

    async fn persons_by_name(&self, names: &[PairwiseName]) -> Result<Vec<Option<PersonId>>, StoreError> {
        let named = reads::named(self.pool(), names).await?;
        Ok(named.into_iter().map(|found| found.map(|record| record.person)).collect())
    }

    async fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>, StoreError> {
        reads::signing_keys(self.pool()).await
    }

    async fn use_assertion(
        &self,
        client: &ClientId,
        assertion_id: &str,
        expire_time: Timestamp,
    ) -> Result<(), StoreError> {
        writes::use_assertion(self.pool(), client, assertion_id, expire_time).await
    }

    async fn forget_assertions(&self, until: Timestamp) -> Result<(), StoreError> {
        writes::forget_assertions(self.pool(), until).await
    }

    async fn close(&self) {
        self.feed.close().await;
    }

    async fn commit(&self, changes: Vec<Change>, write: Write) -> Result<Position, StoreError> {
        let mut unit = self.feed.begin().await?;
        for change in &changes {
            writes::make(unit.connection(), change).await?;
        }
        self.feed.finish(unit, &write).await
    }
}
