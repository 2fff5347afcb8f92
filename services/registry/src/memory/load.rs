//! Fills the memory from the tables.

use super::Memory;
use super::world::{Effects, World};
use crate::wire::news::{Enrolled, News, of_policy, of_record, of_session};
use greenroom_auth::TokenGate;
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::port::{SessionFilter, SessionRecord, Store};
use greenroom_domain::registry::{Mirrored, RuleBook, SessionState};
use greenroom_feed::log::{EventLog, HasLog};
use greenroom_feed::tail::BATCH;
use greenroom_proto::registry::v1 as proto;
use prost::Message as _;
use std::sync::Arc;

/// How many rows are read at a time.
const ROWS: i64 = 1_000;

/// The sources whose feeds are followed.
const SOURCES: [&str; 2] = [crate::follow::IDENTITY, crate::follow::CERTIFICATION];

/// The memory as the tables have it, up to the head of the log at the end of loading.
///
/// Rows may be newer than the place in the log that was read before them; the facts since then are applied on top, and
/// change nothing where a row was newer.
pub async fn load<S: Store + HasLog>(
    store: &S,
    gate: Arc<TokenGate>,
    rules: Arc<RuleBook>,
) -> Result<Memory, StoreError> {
    let begin = store.log().head().await?;
    let mut world = World::under(rules);
    let mut effects = Effects::default();
    mirrors(store, &mut world, &mut effects).await?;
    own(store, &mut world, &mut effects).await?;
    for source in SOURCES {
        if let Some(position) = store.log().cursor(source).await? {
            world.apply(News::Source { source: source.to_owned(), position }, &mut effects);
        }
    }
    revocations(store, &mut world, &mut effects).await?;
    super::refuse(&gate, &effects);
    let memory = Memory::new(world, begin, gate);
    memory.set_going(effects);
    catch_up(store.log(), &memory).await?;
    Ok(memory)
}

async fn mirrors<S: Store>(store: &S, world: &mut World, effects: &mut Effects) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.all_persons(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.person.as_str().clone_into(&mut after);
        for row in rows {
            world.apply(News::Mirrored(Mirrored::Person(row)), effects);
        }
    }
    after.clear();
    loop {
        let rows = store.all_issuers(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.issuer.as_str().clone_into(&mut after);
        for row in rows {
            world.apply(News::Mirrored(Mirrored::Issuer(row)), effects);
        }
    }
    after.clear();
    loop {
        let rows = store.all_qualifications(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.qualification.as_str().clone_into(&mut after);
        for row in rows {
            world.apply(News::Mirrored(Mirrored::Qualification(row)), effects);
        }
    }
    after.clear();
    loop {
        let rows = store.all_standards(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.standard.id().as_str().clone_into(&mut after);
        for row in rows {
            world.apply(News::Mirrored(Mirrored::Standard(row)), effects);
        }
    }
    after.clear();
    loop {
        let rows = store.all_certificates(&after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.certificate.as_str().clone_into(&mut after);
        for row in rows {
            world.apply(News::Mirrored(Mirrored::Certificate(row)), effects);
        }
    }
}

async fn revocations<S: Store>(
    store: &S,
    world: &mut World,
    effects: &mut Effects,
) -> Result<(), StoreError> {
    for row in store.callers().await? {
        world.apply(News::Mirrored(Mirrored::Caller(row)), effects);
    }
    let mut after = String::new();
    loop {
        let rows = store.revoked_tokens(&after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.token_id.as_str().clone_into(&mut after);
        for row in rows {
            world.apply(News::Mirrored(Mirrored::Token(row)), effects);
        }
    }
}

async fn own<S: Store>(store: &S, world: &mut World, effects: &mut Effects) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.all_streamers(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.id.as_str().clone_into(&mut after);
        for row in &rows {
            world.apply(News::Streamer(Enrolled::from(row)), effects);
        }
    }
    let (mut platform, mut permission, mut revision) = (String::new(), "", 0);
    loop {
        let rows = store.all_policies((&platform, permission, revision), ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.platform.as_str().clone_into(&mut platform);
        (permission, revision) = (last.permission.code(), last.revision.into());
        for row in &rows {
            world.apply(News::Policy(of_policy(row)?.policy), effects);
        }
    }
    after.clear();
    loop {
        let rows = store.all_records(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.name.clone_into(&mut after);
        for row in &rows {
            if let Some(news) = of_record(row)? {
                world.apply(news, effects);
            }
        }
    }
    after.clear();
    loop {
        let rows = store.all_sessions(SessionFilter::InState(SessionState::Open), &after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.id.as_str().clone_into(&mut after);
        for row in &rows {
            match session(row) {
                Ok(news) => world.apply(News::Session(news), effects),
                // Its lease ends by itself; the other sessions still have to be watched.
                Err(error) => {
                    tracing::error!(error = %error, "a live session cannot be read; it is left alone");
                }
            }
        }
    }
}

fn session(row: &SessionRecord) -> Result<crate::wire::news::SessionNews, StoreError> {
    let told = proto::LiveSession::decode(row.record.as_slice()).ok();
    let news = told.as_ref().and_then(of_session);
    news.ok_or_else(|| StoreError::Damaged(format!("the record of `{}`", row.id.name())))
}

async fn catch_up<L: EventLog>(log: &L, memory: &Memory) -> Result<(), StoreError> {
    let head = log.head().await?;
    while memory.applied().position.sequence < head.sequence {
        let events = log.read_after(memory.applied().position.sequence, BATCH).await?;
        if events.is_empty() {
            return Err(StoreError::Damaged("the log ends before its head".to_owned()));
        }
        memory.apply(&events)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::fact;
    use greenroom_auth::Verifier;
    use greenroom_domain::kernel::{Id, OrganizationId, Timestamp, Version};
    use greenroom_domain::ledger::Write;
    use greenroom_domain::registry::port::{Change, Kept};
    use greenroom_domain::registry::{Freshness, Question, Record, RecordKind, Streamer};
    use greenroom_registry_store_sqlite::Store as SqliteStore;
    use greenroom_testkit::database::sqlite;

    async fn loaded_with(payload: Vec<u8>) -> Result<Memory, StoreError> {
        let (database, now) = (sqlite(), Timestamp::from_micros(1));
        let store = SqliteStore::open(&database.url).await.unwrap();
        let record = Record {
            name: "engagements/e".to_owned(),
            kind: RecordKind::Engagement,
            owner: shop(),
            about: String::new(),
            key: None,
            state: "CURRENT".to_owned(),
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
            fact: payload,
        };
        let write = Write::by_service("test", vec![fact::record(&record)], now);
        store.commit(Change::Keep(vec![Kept { record, read_at: None }]), write).await.unwrap();
        let gate = Arc::new(TokenGate::new(Verifier::new("https://issuer.example", "audience"), 16));
        let memory = load(&store, gate, Arc::default()).await;
        store.close().await;
        memory
    }

    fn shop() -> OrganizationId {
        Id::try_new("shop").unwrap()
    }

    #[tokio::test]
    async fn a_record_is_read_as_the_event_that_said_it() {
        let now = Timestamp::from_micros(1);
        let id = |text| Id::try_new(text).unwrap();
        let mina = Id::try_new("mina").unwrap();
        let mina = Streamer::enrol(mina, shop(), "room".to_owned(), id("suite-p"), id("p"), now);
        let memory = loaded_with(fact::streamer(&mina).payload).await.unwrap();
        let said =
            memory.world().decide(&shop(), &mina.id, &Question::default(), &Freshness::all_at(now), now);
        assert!(said.is_some());
    }

    #[tokio::test]
    async fn a_fact_of_a_newer_program_is_passed_over_and_a_damaged_one_is_not() {
        assert!(loaded_with(Vec::new()).await.is_ok());
        let damaged = loaded_with(vec![255]).await;
        assert!(matches!(damaged, Err(StoreError::Damaged(what)) if what.contains("engagements/e")));
    }
}
