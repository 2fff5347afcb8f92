//! Holds the tables against the event log, and the log against its hash chain.
//!
//! For a database nobody writes to at the time, such as a restored backup.

use crate::follow::{CERTIFICATION, IDENTITY};
use crate::wire::fact;
use crate::wire::news::{News, of_event};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_domain::registry::port::{SessionFilter, SessionRecord, Store};
use greenroom_domain::registry::{Mirrored, RevokedToken};
use greenroom_feed::event::Event;
use greenroom_feed::log::{EventLog, HasLog};
use greenroom_feed::verify::{Fold, Report};
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{LiveSession, RegistryFact};
use prost::Message as _;
use std::collections::HashMap;

/// How many rows are read at a time.
const ROWS: i64 = 1_000;

/// Walks the log and compares every row with the last event about it.
pub async fn verify<S: Store + HasLog>(store: &S) -> Result<Report, StoreError> {
    let mut dropped = Dropped::default();
    let walked = Fold::of(store.log(), |event| {
        dropped.note(event);
        payload_of(event)
    });
    let mut fold = walked.await?;
    own(store, &mut fold).await?;
    mirrors(store, &mut fold).await?;
    sources(store, &mut fold).await?;
    for subject in dropped.subjects() {
        fold.excuse(subject);
    }
    Ok(fold.finish())
}

/// The revoked tokens whose rows may be gone: those that were over when something was last written.
#[derive(Default)]
struct Dropped {
    tokens: HashMap<String, RevokedToken>,
    last_written: i64,
}

impl Dropped {
    fn note(&mut self, event: &Event) {
        self.last_written = self.last_written.max(event.commit_time_us);
        if let Ok(Some(News::Mirrored(Mirrored::Token(token)))) = of_event(event) {
            self.tokens.insert(event.subject.clone(), token);
        }
    }

    fn subjects(&self) -> impl Iterator<Item = &str> {
        let now = Timestamp::from_micros(self.last_written);
        let over = self.tokens.iter().filter(move |(_, token)| token.is_over(now));
        over.map(|(subject, _)| subject.as_str())
    }
}

async fn own<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.all_streamers(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.id.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(fact::streamer(row));
        }
    }
    let (mut platform, mut permission, mut revision) = (String::new(), "", 0);
    loop {
        let rows = store.all_policies((&platform, permission, revision), ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.platform.as_str().clone_into(&mut platform);
        (permission, revision) = (last.permission.code(), last.revision.into());
        for row in &rows {
            fold.hold(fact::kept_policy(row));
        }
    }
    after.clear();
    loop {
        let rows = store.all_records(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.name.clone_into(&mut after);
        for row in &rows {
            fold.hold(fact::record(row));
        }
    }
    after.clear();
    loop {
        let rows = store.all_sessions(SessionFilter::All, &after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.id.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(EventDraft { kind: fact::LIVE_SESSION, subject: row.id.name(), payload: session(row) });
        }
    }
}

async fn mirrors<S: Store>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.all_persons(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.person.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(fact::person(row));
        }
    }
    after.clear();
    loop {
        let rows = store.all_certificates(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.certificate.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(fact::certificate(row));
        }
    }
    after.clear();
    loop {
        let rows = store.all_issuers(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.issuer.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(fact::issuer(row));
        }
    }
    after.clear();
    loop {
        let rows = store.all_qualifications(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.qualification.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(fact::qualification(row));
        }
    }
    after.clear();
    loop {
        let rows = store.all_standards(&after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.standard.id().as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(fact::standard(row));
        }
    }
    for row in &store.callers().await? {
        fold.hold(fact::caller(row));
    }
    after.clear();
    loop {
        let rows = store.revoked_tokens(&after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.token_id.as_str().clone_into(&mut after);
        for row in &rows {
            fold.hold(fact::revoked_token(row));
        }
    }
}

async fn sources<S: HasLog>(store: &S, fold: &mut Fold) -> Result<(), StoreError> {
    for source in [IDENTITY, CERTIFICATION] {
        if let Some(position) = store.log().cursor(source).await? {
            fold.hold(fact::source(source, &position));
        }
    }
    Ok(())
}

/// What an event says about its subject. What happened to a session is not kept in its row, only what it is since.
fn payload_of(event: &Event) -> Vec<u8> {
    if event.kind == fact::LIVE_SESSION {
        let fact = RegistryFact::decode(event.payload.as_slice()).ok().and_then(|fact| fact.fact);
        if let Some(Fact::LiveSession(change)) = fact {
            return change.live_session.unwrap_or_default().encode_to_vec();
        }
    }
    event.payload.clone()
}

/// The record of a session, unless the columns beside it say something else.
fn session(row: &SessionRecord) -> Vec<u8> {
    let Ok(told) = LiveSession::decode(row.record.as_slice()) else { return Vec::new() };
    let same = told.name == row.id.name()
        && told.platform == row.platform.name()
        && told.fence == row.fence
        && told.state == i32::from(crate::wire::session::state(row.state));
    if same { told.encode_to_vec() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::kernel::{Id, Version};
    use greenroom_domain::ledger::Write;
    use greenroom_domain::registry::port::{Change, Kept};
    use greenroom_domain::registry::{Record, RecordKind};
    use greenroom_registry_store_sqlite::Store as SqliteStore;
    use greenroom_testkit::database::sqlite;

    fn record(name: &str, fact: Vec<u8>) -> Record {
        Record {
            name: name.to_owned(),
            kind: RecordKind::Grant,
            owner: Id::try_new("shop").unwrap(),
            about: String::new(),
            key: None,
            state: "GIVEN".to_owned(),
            version: Version::FIRST,
            created_at: Timestamp::from_micros(1),
            updated_at: Timestamp::from_micros(1),
            fact,
        }
    }

    async fn commit(store: &SqliteStore, row: Option<&Record>, event: Option<&Record>) {
        let kept = row.map(|row| Kept { record: row.clone(), read_at: None });
        let events = event.map(fact::record).into_iter().collect();
        let write = Write::by_service("test", events, Timestamp::from_micros(1));
        store.commit(Change::Keep(kept.into_iter().collect()), write).await.unwrap();
    }

    #[tokio::test]
    async fn a_record_is_held_against_the_last_event_about_it() {
        let database = sqlite();
        let store = SqliteStore::open(&database.url).await.unwrap();
        let same = record("grants/same", vec![1]);
        commit(&store, Some(&same), Some(&same)).await;
        assert!(verify(&store).await.unwrap().is_clean());
        let told = |name| record(name, vec![2]);
        commit(&store, Some(&record("grants/other", vec![1])), Some(&told("grants/other"))).await;
        commit(&store, None, Some(&told("grants/gone"))).await;
        commit(&store, Some(&told("grants/slipped-in")), None).await;
        let report = verify(&store).await.unwrap();
        assert_eq!(report.differing, ["grants/other"]);
        assert_eq!(report.missing, ["grants/gone"]);
        assert_eq!(report.extra, ["grants/slipped-in"]);
        store.close().await;
    }
}
