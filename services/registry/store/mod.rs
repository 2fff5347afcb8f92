//! The registry's own statements, compiled against both engines.

mod mirrors;
mod records;
mod rows;

use crate::engine;
use crate::feed_store::{FeedStore, Unit, unique_or};
use greenroom_domain::kernel::{LiveSessionId, OrganizationId, PersonId, StreamerId, Timestamp};
use greenroom_domain::ledger::{Position, StoreError, Write};
use greenroom_domain::registry::port::{Change, PolicyRecord, SessionFilter, SessionRecord, Store as Port};
use greenroom_domain::registry::{
    CallerStanding, CertificateStanding, EnrolmentState, IssuerStandingFact, Permission, PersonStanding,
    QualificationStanding, Record, RecordFilter, RecordKind, RevokedToken, StandardStanding, Streamer,
    StreamerFilter,
};
use greenroom_feed::log::HasLog;
use rows::{
    CallerRow, CertificateRow, IssuerRow, PersonRow, PolicyRow, QualificationRow, SessionRow, StandardRow,
    StreamerRow, TokenRow,
};
use sqlx::{query_file, query_file_as};

/// The registry's database.
#[derive(Clone)]
pub struct Store {
    feed: FeedStore,
}

impl Store {
    /// Opens the database and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self { feed: FeedStore::open(url, &crate::MIGRATIONS).await? })
    }

    /// Closes the connections once what runs on them has ended.
    pub async fn close(&self) {
        self.feed.close().await;
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
    async fn commit(&self, change: Change, write: Write) -> Result<Position, StoreError> {
        let mut unit = self.feed.begin().await?;
        apply(&mut unit, &change, write.now).await?;
        self.feed.finish(unit, &write).await
    }

    async fn streamer(&self, id: &StreamerId) -> Result<Option<Streamer>, StoreError> {
        let row = query_file_as!(StreamerRow, "../queries/read_streamer.sql", id.as_str());
        row.fetch_optional(self.pool()).await.map_err(engine::failure)?.map(Streamer::try_from).transpose()
    }

    async fn streamer_by_account(
        &self,
        platform: &OrganizationId,
        account: &str,
    ) -> Result<Option<Streamer>, StoreError> {
        let row = query_file_as!(
            StreamerRow,
            "../queries/read_streamer_by_account.sql",
            platform.as_str(),
            account
        );
        row.fetch_optional(self.pool()).await.map_err(engine::failure)?.map(Streamer::try_from).transpose()
    }

    async fn streamers_of(
        &self,
        platform: &OrganizationId,
        filter: &StreamerFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Streamer>, StoreError> {
        let rows = query_file_as!(
            StreamerRow,
            "../queries/list_streamers.sql",
            platform.as_str(),
            after,
            limit,
            filter.state.map(EnrolmentState::code),
            filter.pairwise.as_ref().map(PersonId::as_str),
            filter.account_prefix
        );
        all(rows.fetch_all(self.pool()).await)
    }

    async fn policies_of(
        &self,
        platform: &OrganizationId,
        permission: Permission,
    ) -> Result<Vec<PolicyRecord>, StoreError> {
        let rows =
            query_file_as!(PolicyRow, "../queries/read_policies.sql", platform.as_str(), permission.code());
        all(rows.fetch_all(self.pool()).await)
    }

    async fn policies_before(
        &self,
        platform: &OrganizationId,
        permission: Permission,
        before: i64,
        limit: i64,
    ) -> Result<Vec<PolicyRecord>, StoreError> {
        let (platform, permission) = (platform.as_str(), permission.code());
        let rows =
            query_file_as!(PolicyRow, "../queries/list_policies.sql", platform, permission, before, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn session(&self, id: &LiveSessionId) -> Result<Option<SessionRecord>, StoreError> {
        let row = query_file_as!(SessionRow, "../queries/read_live_session.sql", id.as_str());
        row.fetch_optional(self.pool())
            .await
            .map_err(engine::failure)?
            .map(SessionRecord::try_from)
            .transpose()
    }

    async fn sessions_of(
        &self,
        platform: &OrganizationId,
        filter: SessionFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<SessionRecord>, StoreError> {
        let platform = platform.as_str();
        all(match filter {
            SessionFilter::All => {
                query_file_as!(SessionRow, "../queries/list_live_sessions.sql", platform, after, limit)
                    .fetch_all(self.pool())
                    .await
            }
            SessionFilter::InState(state) => {
                let file = query_file_as!(
                    SessionRow,
                    "../queries/list_live_sessions_in_state.sql",
                    platform,
                    state.code(),
                    after,
                    limit
                );
                file.fetch_all(self.pool()).await
            }
        })
    }

    async fn all_streamers(&self, after: &str, limit: i64) -> Result<Vec<Streamer>, StoreError> {
        let rows = query_file_as!(StreamerRow, "../queries/load_streamers.sql", after, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn all_policies(
        &self,
        after: (&str, &str, i64),
        limit: i64,
    ) -> Result<Vec<PolicyRecord>, StoreError> {
        let rows =
            query_file_as!(PolicyRow, "../queries/load_policies.sql", after.0, after.1, after.2, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn all_sessions(
        &self,
        filter: SessionFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<SessionRecord>, StoreError> {
        all(match filter {
            SessionFilter::All => {
                let rows = query_file_as!(SessionRow, "../queries/load_live_sessions.sql", after, limit);
                rows.fetch_all(self.pool()).await
            }
            SessionFilter::InState(state) => {
                let file = query_file_as!(
                    SessionRow,
                    "../queries/load_live_sessions_in_state.sql",
                    state.code(),
                    after,
                    limit
                );
                file.fetch_all(self.pool()).await
            }
        })
    }

    async fn all_persons(&self, after: &str, limit: i64) -> Result<Vec<PersonStanding>, StoreError> {
        let rows = query_file_as!(PersonRow, "../queries/load_persons.sql", after, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn all_certificates(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<CertificateStanding>, StoreError> {
        let rows = query_file_as!(CertificateRow, "../queries/load_certificates.sql", after, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn all_issuers(&self, after: &str, limit: i64) -> Result<Vec<IssuerStandingFact>, StoreError> {
        let rows = query_file_as!(IssuerRow, "../queries/load_issuers.sql", after, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn all_qualifications(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<QualificationStanding>, StoreError> {
        let rows = query_file_as!(QualificationRow, "../queries/load_qualifications.sql", after, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn all_standards(&self, after: &str, limit: i64) -> Result<Vec<StandardStanding>, StoreError> {
        let rows = query_file_as!(StandardRow, "../queries/load_standards.sql", after, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn callers(&self) -> Result<Vec<CallerStanding>, StoreError> {
        all(query_file_as!(CallerRow, "../queries/load_callers.sql").fetch_all(self.pool()).await)
    }

    async fn revoked_tokens(&self, after: &str, limit: i64) -> Result<Vec<RevokedToken>, StoreError> {
        let rows = query_file_as!(TokenRow, "../queries/load_revoked_tokens.sql", after, limit);
        all(rows.fetch_all(self.pool()).await)
    }

    async fn record(&self, name: &str) -> Result<Option<Record>, StoreError> {
        records::read(self.pool(), name).await
    }

    async fn records_of(
        &self,
        kind: RecordKind,
        owner: &OrganizationId,
        filter: &RecordFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Record>, StoreError> {
        records::list(self.pool(), (kind, owner), filter, after, limit).await
    }

    async fn all_records(&self, after: &str, limit: i64) -> Result<Vec<Record>, StoreError> {
        records::load(self.pool(), after, limit).await
    }
}

/// Makes one change, or the parts of one in their order.
async fn apply(unit: &mut Unit, change: &Change, now: Timestamp) -> Result<(), StoreError> {
    match change {
        Change::Enrol(streamer) => insert_streamer(unit, streamer).await?,
        Change::SaveStreamer(streamer) => save_streamer(unit, streamer).await?,
        Change::AddPolicy(revision) => insert_policy(unit, revision).await?,
        Change::OpenSession(session) => insert_session(unit, session).await?,
        Change::SaveSessions(sessions) => {
            for (session, fence) in sessions {
                save_session(unit, session, *fence).await?;
            }
        }
        Change::Mirror(mirrored) => {
            for standing in mirrored {
                mirrors::mirror(unit, standing).await?;
            }
            mirrors::drop_revoked_tokens(unit, now).await?;
        }
        Change::Keep(kept) => {
            for one in kept {
                records::keep(unit, one).await?;
            }
        }
        Change::All(changes) => {
            for one in changes {
                Box::pin(apply(unit, one, now)).await?;
            }
        }
    }
    Ok(())
}

/// Every row as the domain's value, or the first thing that is wrong.
fn all<R, T: TryFrom<R, Error = StoreError>>(
    rows: Result<Vec<R>, sqlx::Error>,
) -> Result<Vec<T>, StoreError> {
    rows.map_err(engine::failure)?.into_iter().map(T::try_from).collect()
}

async fn insert_streamer(unit: &mut Unit, streamer: &Streamer) -> Result<(), StoreError> {
    query_file!(
        "../queries/insert_streamer.sql",
        streamer.id.as_str(),
        streamer.platform.as_str(),
        streamer.account,
        streamer.person.as_str(),
        streamer.pairwise.as_str(),
        streamer.state.code(),
        streamer.state_since.as_micros(),
        streamer.created_at.as_micros(),
        streamer.updated_at.as_micros(),
        streamer.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(|error| unique_or(error, StoreError::Taken("account")))
}

async fn save_streamer(unit: &mut Unit, streamer: &Streamer) -> Result<(), StoreError> {
    let saved = query_file!(
        "../queries/save_streamer.sql",
        streamer.id.as_str(),
        streamer.account,
        streamer.person.as_str(),
        streamer.pairwise.as_str(),
        streamer.state.code(),
        streamer.state_since.as_micros(),
        streamer.updated_at.as_micros(),
        streamer.version.next().as_i64(),
        streamer.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map_err(|error| unique_or(error, StoreError::Taken("account")))?;
    if saved.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

async fn insert_policy(unit: &mut Unit, policy: &PolicyRecord) -> Result<(), StoreError> {
    query_file!(
        "../queries/insert_policy.sql",
        policy.platform.as_str(),
        policy.permission.code(),
        i64::from(policy.revision),
        policy.created_at.as_micros(),
        policy.fact
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(|error| unique_or(error, StoreError::Conflict))
}

async fn insert_session(unit: &mut Unit, session: &SessionRecord) -> Result<(), StoreError> {
    query_file!(
        "../queries/insert_live_session.sql",
        session.id.as_str(),
        session.platform.as_str(),
        session.state.code(),
        session.state_since.as_micros(),
        session.fence,
        i64::try_from(session.lease.as_micros()).unwrap_or(i64::MAX),
        session.lease_until.as_micros(),
        session.lease_cap.as_micros(),
        session.opened_at.as_micros(),
        session.updated_at.as_micros(),
        session.record
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(|error| unique_or(error, StoreError::Conflict))
}

async fn save_session(unit: &mut Unit, session: &SessionRecord, fence: i64) -> Result<(), StoreError> {
    let saved = query_file!(
        "../queries/save_live_session.sql",
        session.id.as_str(),
        session.state.code(),
        session.state_since.as_micros(),
        session.fence,
        session.lease_until.as_micros(),
        session.lease_cap.as_micros(),
        session.updated_at.as_micros(),
        session.record,
        fence
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if saved.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
