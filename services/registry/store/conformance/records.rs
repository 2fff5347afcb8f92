//! What is promised of records.

use super::{at, id, opened, session, shop, streamer, write};
use greenroom_domain::kernel::{OrganizationId, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::port::{Change, Kept, Store as _};
use greenroom_domain::registry::{Record, RecordFilter, RecordKind, SessionState};
use greenroom_feed::log::{EventLog as _, HasLog as _};

fn record(name: &str) -> Record {
    Record {
        name: name.to_owned(),
        kind: RecordKind::Sanction,
        owner: shop(),
        about: "streamers/mina".to_owned(),
        key: None,
        state: "IN_FORCE".to_owned(),
        version: Version::FIRST,
        created_at: at(5),
        updated_at: at(6),
        fact: vec![9, 0, 255],
    }
}

fn keyed(name: &str, key: &str) -> Record {
    Record { key: Some(key.to_owned()), ..record(name) }
}

fn new(record: &Record) -> Kept {
    Kept { record: record.clone(), read_at: None }
}

fn lifted(read: &Record) -> Record {
    Record {
        about: "persons/suite-p".to_owned(),
        state: "LIFTED".to_owned(),
        version: read.version.next(),
        updated_at: at(7),
        fact: vec![1],
        ..read.clone()
    }
}

fn changed(read: &Record, record: &Record) -> Kept {
    Kept { record: record.clone(), read_at: Some(read.version) }
}

fn names(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.name.as_str()).collect()
}

#[tokio::test]
async fn a_record_of_any_kind_is_read_as_it_was_written() {
    let (_database, store) = opened().await;
    let records = RecordKind::ALL.map(|kind| Record { kind, ..record(&format!("things/{}", kind.code())) });
    store.commit(Change::Keep(records.iter().map(new).collect()), write()).await.unwrap();
    for record in &records {
        assert_eq!(store.record(&record.name).await.unwrap().as_ref(), Some(record));
    }
    assert_eq!(store.record("things/none").await.unwrap(), None);
}

#[tokio::test]
async fn a_changed_record_replaces_the_version_it_was_read_at() {
    let (_database, store) = opened().await;
    let first = keyed("sanctions/a", "ref-1");
    store.commit(Change::Keep(vec![new(&first)]), write()).await.unwrap();
    let second = Record { key: None, ..lifted(&first) };
    store.commit(Change::Keep(vec![changed(&first, &second)]), write()).await.unwrap();
    assert_eq!(store.record("sanctions/a").await.unwrap(), Some(second.clone()));
    let head = store.log().head().await.unwrap();
    let unknown = record("sanctions/b");
    for late in [changed(&first, &second), changed(&unknown, &lifted(&unknown))] {
        let late = store.commit(Change::Keep(vec![late]), write()).await;
        assert!(matches!(late, Err(StoreError::Conflict)));
    }
    assert_eq!(store.record("sanctions/a").await.unwrap(), Some(second));
    assert_eq!(store.record("sanctions/b").await.unwrap(), None);
    assert_eq!(store.log().head().await.unwrap(), head);
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let (_database, store) = opened().await;
    let first = keyed("sanctions/a", "ref-1");
    store.commit(Change::Keep(vec![new(&first)]), write()).await.unwrap();
    for again in [
        Record { state: "LIFTED".to_owned(), ..first.clone() },
        Record { kind: RecordKind::Appeal, owner: id("rival"), ..first.clone() },
    ] {
        let taken = store.commit(Change::Keep(vec![new(&again)]), write()).await;
        assert!(matches!(taken, Err(StoreError::Taken("name"))));
    }
    assert_eq!(store.record("sanctions/a").await.unwrap(), Some(first));
}

#[tokio::test]
async fn a_key_is_taken_once_for_each_kind_and_owner() {
    let (_database, store) = opened().await;
    let first = keyed("sanctions/a", "ref-1");
    let other = keyed("sanctions/b", "ref-2");
    store.commit(Change::Keep(vec![new(&first), new(&other)]), write()).await.unwrap();
    let rekeyed = Record { key: first.key.clone(), ..lifted(&other) };
    for again in [new(&keyed("sanctions/c", "ref-1")), changed(&other, &rekeyed)] {
        let taken = store.commit(Change::Keep(vec![again]), write()).await;
        assert!(matches!(taken, Err(StoreError::Taken("key"))));
    }
    let of_another_kind = Record { kind: RecordKind::Appeal, ..keyed("appeals/a", "ref-1") };
    let of_another_owner = Record { owner: id("rival"), ..keyed("sanctions/d", "ref-1") };
    let without = [record("sanctions/e"), record("sanctions/f")];
    let apart = [of_another_kind, of_another_owner].iter().chain(&without).map(new).collect();
    store.commit(Change::Keep(apart), write()).await.unwrap();
}

#[tokio::test]
async fn records_are_kept_together_or_not_at_all() {
    let (_database, store) = opened().await;
    let (one, two) = (record("sanctions/a"), record("sanctions/b"));
    store.commit(Change::Keep(vec![new(&one), new(&two)]), write()).await.unwrap();
    let head = store.log().head().await.unwrap();
    let stale = Record { version: Version::new(9), ..two.clone() };
    let fresh = new(&record("sanctions/c"));
    let mixed = vec![changed(&one, &lifted(&one)), fresh.clone(), changed(&stale, &lifted(&two))];
    assert!(matches!(store.commit(Change::Keep(mixed), write()).await, Err(StoreError::Conflict)));
    let twice = vec![changed(&one, &lifted(&one)), fresh, new(&two)];
    assert!(matches!(store.commit(Change::Keep(twice), write()).await, Err(StoreError::Taken("name"))));
    assert_eq!(store.all_records("", 9).await.unwrap(), [one, two]);
    assert_eq!(store.log().head().await.unwrap(), head);
}

#[tokio::test]
async fn one_commit_makes_changes_of_several_sorts_or_none() {
    let (_database, store) = opened().await;
    let (first, open) = (record("sanctions/a"), session("s", 1, SessionState::Open));
    let begin = Change::All(vec![
        Change::Enrol(streamer("mina")),
        Change::All(vec![Change::Keep(vec![new(&first)])]),
        Change::OpenSession(open.clone()),
        Change::SaveSessions(vec![(session("s", 2, SessionState::Open), 1)]),
    ]);
    store.commit(begin, write()).await.unwrap();
    assert_eq!(store.streamer(&id("mina")).await.unwrap(), Some(streamer("mina")));
    assert_eq!(store.record("sanctions/a").await.unwrap(), Some(first.clone()));
    let stored = store.session(&id("s")).await.unwrap();
    assert_eq!(stored.map(|session| session.fence), Some(2));
    let head = store.log().head().await.unwrap();
    let stale = Change::All(vec![
        Change::Keep(vec![changed(&first, &lifted(&first)), new(&record("sanctions/b"))]),
        Change::SaveSessions(vec![(session("s", 2, SessionState::Ended), 1)]),
    ]);
    assert!(matches!(store.commit(stale, write()).await, Err(StoreError::Conflict)));
    assert_eq!(store.all_records("", 9).await.unwrap(), [first]);
    assert_eq!(store.log().head().await.unwrap(), head);
}

#[tokio::test]
async fn a_list_shows_an_owners_records_of_one_kind_that_pass_its_filter() {
    let (_database, store) = opened().await;
    let about = |name, about: &str, state: &str| Record {
        about: about.to_owned(),
        state: state.to_owned(),
        ..record(name)
    };
    let records = [
        about("sanctions/c", "streamers/jun", "IN_FORCE"),
        about("sanctions/b", "streamers/mina", "LIFTED"),
        about("sanctions/a", "streamers/mina", "IN_FORCE"),
        about("sanctions/d", "", "LIFTED"),
        Record { kind: RecordKind::Appeal, ..record("appeals/a") },
        Record { owner: id("rival"), ..record("sanctions/e") },
    ];
    store.commit(Change::Keep(records.iter().map(new).collect()), write()).await.unwrap();
    let text = |text: &str| Some(text.to_owned());
    for (about, state, expected) in [
        (None, None, &["sanctions/a", "sanctions/b", "sanctions/c", "sanctions/d"][..]),
        (None, text("LIFTED"), &["sanctions/b", "sanctions/d"]),
        (text("streamers/mina"), None, &["sanctions/a", "sanctions/b"]),
        (text("streamers/mina"), text("IN_FORCE"), &["sanctions/a"]),
        (text("streamers/jun"), text("LIFTED"), &[]),
        (text(""), None, &["sanctions/d"]),
        (None, text(""), &[]),
    ] {
        let filter = RecordFilter { about, state };
        let listed = store.records_of(RecordKind::Sanction, &shop(), &filter, "", 9).await.unwrap();
        assert_eq!(names(&listed), expected, "{filter:?}");
        let mut paged = Vec::new();
        let mut after = String::new();
        loop {
            let page = store.records_of(RecordKind::Sanction, &shop(), &filter, &after, 1).await.unwrap();
            let Some(last) = page.last() else { break };
            last.name.clone_into(&mut after);
            paged.extend(page);
        }
        assert_eq!(paged, listed);
    }
    let rival: OrganizationId = id("rival");
    let all = RecordFilter::default();
    let theirs = store.records_of(RecordKind::Sanction, &rival, &all, "", 9).await.unwrap();
    assert_eq!(names(&theirs), ["sanctions/e"]);
}

#[tokio::test]
async fn all_records_come_in_the_order_of_their_names() {
    let (_database, store) = opened().await;
    let kept = ["sanctions/b", "appeals/z", "sanctions/a-b", "sanctions/a", "sanctions/aB"];
    let kept = kept.map(|name| Record { owner: id("rival"), ..record(name) });
    store.commit(Change::Keep(kept.iter().map(new).collect()), write()).await.unwrap();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = store.all_records(&after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        last.name.clone_into(&mut after);
        seen.extend(page.into_iter().map(|record| record.name));
    }
    assert_eq!(seen, ["appeals/z", "sanctions/a", "sanctions/a-b", "sanctions/aB", "sanctions/b"]);
}
