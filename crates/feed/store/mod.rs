//! The feed's own statements, compiled into every store crate against that crate's engine.
//!
//! A service's store opens a [`Unit`], writes its rows, and hands the unit back to [`FeedStore::finish`], which appends
//! the events, stores the answer, moves the cursor and commits.

#[path = "many.rs"]
pub mod many;

use crate::engine;
use greenroom_domain::ledger::{Advance, Position, Receipt, StoreError, Write};
use greenroom_feed::event::{Event, GENESIS};
use greenroom_feed::log::EventLog;
use greenroom_feed::wake::{Wake, Waker};
use many::Many;
use sqlx::migrate::Migrator;
use sqlx::{query_file, query_file_as};
use std::sync::{Arc, LazyLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One open transaction of this service's database.
pub struct Unit {
    tx: sqlx::Transaction<'static, engine::Db>,
    _permit: OwnedSemaphorePermit,
}

impl Unit {
    /// The connection inside the transaction, to run statements on.
    pub fn connection(&mut self) -> &mut <engine::Db as sqlx::Database>::Connection {
        &mut self.tx
    }
}

/// This service's database as far as the feed is concerned.
#[derive(Clone)]
pub struct FeedStore {
    pool: sqlx::Pool<engine::Db>,
    waker: Waker,
    writers: Arc<Semaphore>,
    database: Arc<str>,
}

struct Head {
    database_id: String,
    seq: i64,
    chain: Vec<u8>,
}

struct EventRow {
    seq: i64,
    kind: String,
    subject: String,
    client: String,
    organization: String,
    person: String,
    method: String,
    request_id: String,
    commit_time_us: i64,
    payload: Vec<u8>,
    chain: Vec<u8>,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        Self {
            sequence: row.seq,
            kind: row.kind,
            subject: row.subject,
            client: row.client,
            organization: row.organization,
            person: row.person,
            method: row.method,
            request_id: row.request_id,
            commit_time_us: row.commit_time_us,
            payload: row.payload,
            chain: row.chain,
        }
    }
}

impl FeedStore {
    /// Opens the database, brings its schema up to date, and gives it an id if it is new.
    ///
    /// `service` holds the service's own migrations; the feed's come first.
    pub async fn open(url: &str, service: &Migrator) -> Result<Self, StoreError> {
        let pool = engine::open(url).await.map_err(engine::failure)?;
        let all = crate::FEED_MIGRATIONS.iter().chain(service.iter()).cloned().collect();
        let mut migrator = Migrator::with_migrations(all);
        // A binary of the release before finds migrations it does not know: they only add what it ignores.
        migrator.set_ignore_missing(true);
        engine::migrate(&pool, &migrator).await.map_err(|error| StoreError::Failed(Box::new(error)))?;
        let fresh = uuid::Uuid::new_v4().to_string();
        query_file!("../../../crates/feed/queries/create_head.sql", fresh, GENESIS.as_slice())
            .execute(&pool)
            .await
            .map_err(engine::failure)?;
        let head = read_head(&pool).await?;
        let waker = Waker::new();
        engine::listen(&pool, &waker);
        let writers = Arc::new(Semaphore::new(engine::WRITERS));
        Ok(Self { pool, waker, writers, database: head.database_id.into() })
    }

    /// The connections, for reads.
    pub fn pool(&self) -> &sqlx::Pool<engine::Db> {
        &self.pool
    }

    /// Opens a writing transaction.
    pub async fn begin(&self) -> Result<Unit, StoreError> {
        let permit = Arc::clone(&self.writers).acquire_owned().await;
        let permit = permit.map_err(|closed| StoreError::Unavailable(Box::new(closed)))?;
        let tx = self.pool.begin_with(engine::BEGIN).await.map_err(engine::failure)?;
        Ok(Unit { tx, _permit: permit })
    }

    /// Appends the events, stores the answer, moves the cursor, commits, and wakes the readers.
    pub async fn finish(&self, mut unit: Unit, write: &Write) -> Result<Position, StoreError> {
        if let Some(advance) = &write.advance {
            move_cursor(&mut unit, advance).await?;
        }
        let sequence = append(&mut unit, write).await?;
        save_answer(&mut unit, write, sequence).await?;
        unit.tx.commit().await.map_err(engine::failure)?;
        self.waker.wake();
        engine::announce(&self.pool);
        Ok(self.at(sequence))
    }

    /// Commits rows that tell nobody anything, such as the id of a proof that was used: no event, no answer.
    pub async fn keep(&self, unit: Unit) -> Result<(), StoreError> {
        unit.tx.commit().await.map_err(engine::failure)
    }

    /// Closes the connections once what runs on them has ended. A database of one file is whole then by itself: what was
    /// committed stands in the file and no longer in the log beside it.
    pub async fn close(&self) {
        if let Err(error) = engine::clear_traces(&self.pool).await {
            tracing::debug!(error = %error, "the log beside the database stays; the next to open it reads it");
        }
        self.pool.close().await;
    }

    fn at(&self, sequence: i64) -> Position {
        Position { database: self.database.to_string(), sequence }
    }
}

impl EventLog for FeedStore {
    async fn head(&self) -> Result<Position, StoreError> {
        Ok(self.at(read_head(&self.pool).await?.seq))
    }

    async fn read_after(&self, after: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
        let rows = query_file_as!(EventRow, "../../../crates/feed/queries/read_events.sql", after, limit)
            .fetch_all(&self.pool)
            .await
            .map_err(engine::failure)?;
        Ok(rows.into_iter().map(Event::from).collect())
    }

    async fn head_chain(&self) -> Result<(Position, Vec<u8>), StoreError> {
        let head = read_head(&self.pool).await?;
        Ok((self.at(head.seq), head.chain))
    }

    async fn recall(&self, client: &str, request_id: &str) -> Result<Option<Receipt>, StoreError> {
        let row = query_file!("../../../crates/feed/queries/read_request.sql", client, request_id)
            .fetch_optional(&self.pool)
            .await
            .map_err(engine::failure)?;
        Ok(row.map(|row| Receipt {
            fingerprint: row.fingerprint,
            answer: row.answer,
            position: self.at(row.seq),
        }))
    }

    async fn cursor(&self, source: &str) -> Result<Option<Position>, StoreError> {
        let row = query_file!("../../../crates/feed/queries/read_cursor.sql", source)
            .fetch_optional(&self.pool)
            .await
            .map_err(engine::failure)?;
        Ok(row.map(|row| Position { database: row.database_id, sequence: row.seq }))
    }

    fn wake(&self) -> Wake {
        self.waker.listen()
    }
}

async fn read_head(pool: &sqlx::Pool<engine::Db>) -> Result<Head, StoreError> {
    query_file_as!(Head, "../../../crates/feed/queries/read_head.sql")
        .fetch_one(pool)
        .await
        .map_err(engine::failure)
}

/// Takes the numbers from the locked head row and appends the events behind it.
async fn append(unit: &mut Unit, write: &Write) -> Result<i64, StoreError> {
    let count = i64::try_from(write.events.len()).map_err(|error| StoreError::Failed(Box::new(error)))?;
    // INVARIANT: this update locks the head row until commit, so number order is commit order. It runs also for zero
    // events, so that a stored answer names a position nothing later can slip under.
    let head = query_file!("../../../crates/feed/queries/take_numbers.sql", count)
        .fetch_one(unit.connection())
        .await
        .map_err(engine::failure)?;
    let mut chain = head.chain;
    let mut events = Vec::with_capacity(write.events.len());
    for (sequence, draft) in (head.seq - count + 1..).zip(&write.events) {
        let event = Event::record(draft, write, sequence, &chain);
        chain.clone_from(&event.chain);
        events.push(event);
    }
    match events.as_slice() {
        [event] => append_one(unit, event).await?,
        events => append_many(unit, events).await?,
    }
    if count > 0 {
        query_file!("../../../crates/feed/queries/save_chain.sql", chain)
            .execute(unit.connection())
            .await
            .map_err(engine::failure)?;
    }
    Ok(head.seq)
}

async fn append_one(unit: &mut Unit, event: &Event) -> Result<(), StoreError> {
    query_file!(
        "../../../crates/feed/queries/append_event.sql",
        event.sequence,
        event.kind,
        event.subject,
        event.client,
        event.organization,
        event.person,
        event.method,
        event.request_id,
        event.commit_time_us,
        event.payload,
        event.chain
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(engine::failure)
}

async fn append_many(unit: &mut Unit, events: &[Event]) -> Result<(), StoreError> {
    static STATEMENT: LazyLock<Many> =
        LazyLock::new(|| Many::of(include_str!("../queries/append_event.sql")));
    let put = |event: &Event, row: &mut many::Row<'_>| {
        row.put(event.sequence);
        for text in [
            &event.kind,
            &event.subject,
            &event.client,
            &event.organization,
            &event.person,
            &event.method,
            &event.request_id,
        ] {
            row.put(text.as_str());
        }
        row.put(event.commit_time_us).put(event.payload.as_slice()).put(event.chain.as_slice());
    };
    STATEMENT.write(unit, events, put).await.map(|_| ()).map_err(engine::failure)
}

async fn save_answer(unit: &mut Unit, write: &Write, sequence: i64) -> Result<(), StoreError> {
    let Some(key) = &write.request else { return Ok(()) };
    query_file!(
        "../../../crates/feed/queries/save_request.sql",
        key.client,
        key.id,
        key.fingerprint,
        write.answer,
        sequence,
        write.now.as_micros()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(|error| unique_or(error, StoreError::Answered))
}

async fn move_cursor(unit: &mut Unit, advance: &Advance) -> Result<(), StoreError> {
    let (source, to) = (advance.source, &advance.to);
    let done = match &advance.from {
        None => {
            query_file!("../../../crates/feed/queries/create_cursor.sql", source, to.database, to.sequence)
                .execute(unit.connection())
                .await
        }
        Some(from) => {
            query_file!(
                "../../../crates/feed/queries/move_cursor.sql",
                source,
                to.database,
                to.sequence,
                from.database,
                from.sequence
            )
            .execute(unit.connection())
            .await
        }
    };
    if done.map_err(engine::failure)?.rows_affected() == 1 { Ok(()) } else { Err(StoreError::CursorMoved) }
}

/// Lets a unique constraint speak: `taken` if `error` is its violation, the engine's failure otherwise.
pub fn unique_or(error: sqlx::Error, taken: StoreError) -> StoreError {
    let unique = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if unique { taken } else { engine::failure(error) }
}
