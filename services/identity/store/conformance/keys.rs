//! Signing keys that retire, records that are sealed anew, and master keys that change.

use super::{at, commit, person, person_id, signing_key};
use crate::{Store, test_database};
use greenroom_domain::identity::port::{
    Change, PersonRecord, Sealed, SigningKeyRecord, Store as _, Wrapped, WrappedKind,
};
use greenroom_domain::ledger::StoreError;
use greenroom_feed::log::{EventLog as _, HasLog as _};

#[tokio::test]
async fn a_signing_key_retires_as_it_was_read() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    commit(&store, vec![Change::AddSigningKey(signing_key("A"))]).await.unwrap();
    let retire = async |read: Option<i64>, from| {
        let key_id = "A".to_owned();
        let change = Change::RetireSigningKey { key_id, read: read.map(at), retired_from: at(from) };
        commit(&store, vec![change]).await
    };
    retire(None, 20).await.unwrap();
    for read in [None, Some(21)] {
        let refused = retire(read, 30).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    retire(Some(20), 10).await.unwrap();
    let retired = SigningKeyRecord { retired_from: Some(at(10)), ..signing_key("A") };
    assert_eq!(store.signing_keys().await.unwrap(), [retired]);
}

#[tokio::test]
async fn a_record_is_sealed_anew_as_it_was_read() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let mina = person("mina", 1);
    commit(&store, vec![Change::AddPerson(mina.clone()), Change::AddPerson(person("ruth", 2))])
        .await
        .unwrap();
    let next = PersonRecord {
        lookup: [7; 32],
        claim_lookup: [8; 32],
        sealed: Sealed { wrapped_by: String::new(), wrapped_key: Vec::new(), record: Vec::new() },
        due: None,
        ..mina.clone()
    };
    commit(&store, vec![Change::ResealPerson(next.clone())]).await.unwrap();
    let refused = commit(&store, vec![Change::ResealPerson(next.clone())]).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let mut stored = next;
    stored.person.version = stored.person.version.next();
    assert_eq!(store.person(&person_id("mina")).await.unwrap(), Some(stored));
    let same_claim = PersonRecord { claim_lookup: [8; 32], ..person("ruth", 2) };
    let taken = commit(&store, vec![Change::ResealPerson(same_claim)]).await;
    assert!(matches!(taken, Err(StoreError::Taken("claim"))), "{taken:?}");
}

#[tokio::test]
async fn what_another_master_key_wraps_is_wrapped_anew_and_nothing_else_of_it_changes() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let erased = PersonRecord {
        sealed: Sealed { wrapped_by: String::new(), wrapped_key: Vec::new(), record: Vec::new() },
        ..person("erased", 3)
    };
    let changes = vec![
        Change::AddPerson(person("mina", 1)),
        Change::AddPerson(person("ruth", 2)),
        Change::AddPerson(erased),
        Change::AddSigningKey(signing_key("A")),
    ];
    let head = commit(&store, changes).await.unwrap();
    for (kind, count) in [(WrappedKind::DataKeys, 2), (WrappedKind::SigningKeys, 1)] {
        assert_eq!(store.wrapped_elsewhere(kind, "m1", "", 9).await.unwrap(), []);
        let elsewhere = async || store.wrapped_elsewhere(kind, "m2", "", 9).await.unwrap();
        let all = elsewhere().await;
        assert_eq!(all.len(), count);
        let found = store.wrapped_elsewhere(kind, "m2", "", 1).await.unwrap();
        assert_eq!(found, all[..1]);
        assert_eq!(store.wrapped_elsewhere(kind, "m2", &found[0].id, 9).await.unwrap(), all[1..]);
        let new = Wrapped { ciphertext: vec![5, 6], wrapped_by: "m2".to_owned(), ..found[0].clone() };
        // One that was changed since it was read stays as it is.
        let stale = Wrapped { ciphertext: vec![77], ..found[0].clone() };
        store.rewrap(kind, &[(stale, new.clone())]).await.unwrap();
        assert_eq!(elsewhere().await, all);
        store.rewrap(kind, &[(found[0].clone(), new)]).await.unwrap();
        assert_eq!(elsewhere().await, all[1..]);
    }
    let mut mina = person("mina", 1);
    (mina.sealed.wrapped_by, mina.sealed.wrapped_key) = ("m2".to_owned(), vec![5, 6]);
    assert_eq!(store.person(&person_id("mina")).await.unwrap(), Some(mina));
    assert_eq!(store.log().head().await.unwrap(), head);
}
