//! The identity service's statements, compiled into both store crates against their engine.

mod reads;
mod rows;
mod writes;

use crate::engine;
use crate::feed_store::FeedStore;
use greenroom_domain::identity::port::{
    Change, Lookup, PairwiseName, PersonRecord, SigningKeyRecord, Store as Port,
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
        reads::organization(self.pool(), id).await
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
        let Some(client) = reads::client(self.pool(), id).await? else { return Ok(None) };
        let organization = reads::organization(self.pool(), &client.organization).await?;
        Ok(organization.map(|organization| (client, organization)))
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

    async fn person_named(&self, name: &PairwiseName) -> Result<Option<PersonRecord>, StoreError> {
        reads::person_named(self.pool(), name).await
    }

    async fn name_of(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
    ) -> Result<Option<PersonId>, StoreError> {
        reads::name_of(self.pool(), organization, person).await
    }

    async fn persons_by_lookup(&self, lookups: &[Lookup]) -> Result<Vec<Option<PersonRecord>>, StoreError> {
        reads::persons_by_lookup(self.pool(), lookups).await
    }

    async fn persons_by_name(&self, names: &[PairwiseName]) -> Result<Vec<Option<PersonId>>, StoreError> {
        reads::persons_by_name(self.pool(), names).await
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

    async fn forget_assertions(&self, now: Timestamp) -> Result<(), StoreError> {
        writes::forget_assertions(self.pool(), now).await
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
