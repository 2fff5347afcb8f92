//! What ends, what is due, and what is refused.

use super::{at, client, commit, named, organization, organization_id, person, person_id, proofing};
use crate::{Store, test_database};
use greenroom_domain::identity::port::{
    Change, Due, PassedOver, PersonFilter, PersonRecord, RevokedToken, Store as _,
};
use greenroom_domain::identity::{Client, Organization, PersonState, ProofingJob};
use greenroom_domain::kernel::{ClientId, Timestamp, Version};
use greenroom_domain::ledger::{Actor, StoreError};
use std::time::Duration;

fn job(id: &str, person: &str, source: &str) -> ProofingJob {
    ProofingJob::begin(id.to_owned(), person_id(person), source.to_owned(), Actor::default(), at(40))
}

#[tokio::test]
async fn an_organization_is_saved_as_it_was_read_and_its_refused_tokens_are_listed() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let shop = organization("shop");
    let changes = vec![Change::AddOrganization(shop.clone()), Change::AddOrganization(organization("rival"))];
    commit(&store, changes).await.unwrap();
    let suspended = shop.clone().suspend("unpaid", at(9));
    commit(&store, vec![Change::SaveOrganization(suspended.clone())]).await.unwrap();
    let refused = commit(&store, vec![Change::SaveOrganization(shop.reinstate(at(10)))]).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let stored = Organization { version: Version::new(2), ..suspended };
    assert_eq!(store.organization(&stored.id).await.unwrap(), Some(stored.clone()));
    assert_eq!(store.revoked_organizations(at(9)).await.unwrap(), std::slice::from_ref(&stored));
    let reinstated = stored.reinstate(at(10));
    commit(&store, vec![Change::SaveOrganization(reinstated)]).await.unwrap();
    assert_eq!(store.revoked_organizations(at(9)).await.unwrap().len(), 1);
    assert_eq!(store.revoked_organizations(at(2_000_000)).await.unwrap(), []);
}

#[tokio::test]
async fn clients_are_listed_by_the_end_of_their_credentials() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    // Each has one secret that ends at 99.
    let changes = vec![
        Change::AddOrganization(organization("shop")),
        Change::AddClient(client("active", "shop")),
        Change::AddClient(client("disabled", "shop").disable(at(9))),
    ];
    commit(&store, changes).await.unwrap();
    let ending = async |before| {
        let clients = store.clients(None, Some(at(before)), "", 9).await.unwrap();
        clients.into_iter().map(|client| client.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ending(99).await, Vec::<String>::new());
    assert_eq!(ending(100).await, ["active"]);
}

#[tokio::test]
async fn a_saved_client_has_the_credentials_it_was_saved_with() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let till = client("till", "shop");
    let changes = vec![Change::AddOrganization(organization("shop")), Change::AddClient(till.clone())];
    commit(&store, changes).await.unwrap();
    let fewer = till.without("b-secret", at(9));
    commit(&store, vec![Change::SaveClient(fewer.clone())]).await.unwrap();
    let stored = store.client(&fewer.id).await.unwrap().unwrap();
    assert_eq!(stored, Client { version: Version::new(2), ..fewer.clone() });
    let twice = stored.clone().with(stored.credentials[0].clone(), at(10));
    let taken = commit(&store, vec![Change::SaveClient(twice)]).await;
    assert!(matches!(taken, Err(StoreError::Taken("client_key"))), "{taken:?}");
    assert_eq!(store.client(&fewer.id).await.unwrap(), Some(stored));
}

#[tokio::test]
async fn what_is_due_is_found_with_what_was_due_first_in_front() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let nothing = PassedOver::default();
    assert_eq!(store.next_due(Timestamp::MAX, &nothing).await.unwrap(), None);
    let record = |id: &str, lookup, due| PersonRecord { due, ..person(id, lookup) };
    let thirty_days_before = at(99).minus(Duration::from_hours(30 * 24));
    let changes = vec![
        Change::AddOrganization(organization("shop")),
        Change::AddClient(client("till", "shop")),
        Change::AddPerson(record("late", 1, Some(at(60)))),
        Change::AddPerson(record("soon", 2, Some(at(50)))),
        Change::AddPerson(record("never", 3, None)),
        Change::AddProofingJob(job("j", "late", "police")),
    ];
    commit(&store, changes).await.unwrap();
    assert_eq!(store.next_due(Timestamp::MAX, &nothing).await.unwrap(), Some(thirty_days_before));
    let clients = vec![client("till", "shop")];
    let only_clients = Due { clients: clients.clone(), ..Due::default() };
    assert_eq!(store.due(thirty_days_before, 9, &nothing).await.unwrap(), only_clients);
    assert_eq!(
        store.due(thirty_days_before.minus(Duration::from_micros(1)), 9, &nothing).await.unwrap(),
        Due::default()
    );
    let persons = vec![record("soon", 2, Some(at(50))), record("late", 1, Some(at(60)))];
    let jobs = vec![job("j", "late", "police")];
    assert_eq!(store.due(at(60), 9, &nothing).await.unwrap(), Due { persons, clients, ..Due::default() });
    assert_eq!(store.due_sources(at(39)).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.due_sources(at(60)).await.unwrap(), ["police"]);
    assert_eq!(store.due_jobs("police", at(60), 9).await.unwrap(), jobs);
    assert_eq!(store.due_jobs("network", at(60), 9).await.unwrap(), []);
    assert_eq!(store.due(at(60), 1, &nothing).await.unwrap().persons, [record("soon", 2, Some(at(50)))]);

    // What is done is due no more.
    let later = record("soon", 2, Some(at(80)));
    let done = job("j", "late", "police").give_up(at(61));
    commit(&store, vec![Change::SavePerson(later), Change::SaveProofingJob(done)]).await.unwrap();
    assert_eq!(store.due(at(60), 9, &nothing).await.unwrap().persons, [record("late", 1, Some(at(60)))]);
    assert_eq!(store.due_jobs("police", at(60), 9).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_passed_over_is_not_due() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let record = |id: &str, lookup, key: &str| {
        let mut record = PersonRecord { due: Some(at(50)), ..person(id, lookup) };
        record.sealed.wrapped_by = key.to_owned();
        record
    };
    let (mina, ruth, jun) = (record("mina", 1, "m1"), record("ruth", 2, "m2"), record("jun", 3, "m1"));
    let till = client("till", "shop");
    let thirty_days_before = at(99).minus(Duration::from_hours(30 * 24));
    let changes = [mina.clone(), ruth.clone(), jun.clone()].map(Change::AddPerson).into_iter();
    let shop = [Change::AddOrganization(organization("shop")), Change::AddClient(till.clone())];
    commit(&store, changes.chain(shop).collect()).await.unwrap();
    let due = async |passed_over: &PassedOver| {
        let due = store.due(at(50), 9, passed_over).await.unwrap();
        let next = store.next_due(at(50), passed_over).await.unwrap();
        (due.persons, due.clients, next)
    };
    let mut passed_over = PassedOver::default();
    let all = vec![jun.clone(), mina, ruth.clone()];
    assert_eq!(due(&passed_over).await, (all, vec![till], Some(thirty_days_before)));
    passed_over.row("persons/mina");
    passed_over.row("clients/till");
    assert_eq!(due(&passed_over).await, (vec![jun, ruth.clone()], vec![], Some(at(50))));
    passed_over.master_key("m1");
    assert_eq!(due(&passed_over).await, (vec![ruth], vec![], Some(at(50))));
    passed_over.master_key("m2");
    assert_eq!(due(&passed_over).await, (vec![], vec![], None));
    assert_eq!(store.next_due(at(49), &PassedOver::default()).await.unwrap(), Some(thirty_days_before));
}

#[tokio::test]
async fn an_organization_lists_the_persons_it_knows_by_its_own_names() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let mut soon = person("soon", 1);
    (soon.person.evidence_until, soon.person.document_until) = (Some(at(50)), None);
    let mut late = person("late", 2);
    (late.person.evidence_until, late.person.document_until) = (Some(at(90)), Some(at(80)));
    let mut never = person("never", 3);
    (never.person.evidence_until, never.person.document_until) = (None, None);
    let names = [named("shop", "c", "soon"), named("shop", "a", "late"), named("shop", "b", "never")];
    let persons = [soon.clone(), late.clone(), never.clone()];
    let rival = named("rival", "z", "soon");
    let changes = persons.into_iter().map(Change::AddPerson);
    let changes = changes.chain(names.into_iter().chain([rival]).map(Change::AddPairwiseName)).collect();
    commit(&store, changes).await.unwrap();
    let shop = organization_id("shop");
    let listed = async |due_before: Option<Timestamp>, after, limit| {
        let filter = PersonFilter { organization: &shop, due_before };
        store.persons_of(filter, after, limit).await.unwrap()
    };
    let all = listed(None, "", 9).await;
    assert_eq!(
        all,
        [
            (named("shop", "a", "late"), late),
            (named("shop", "b", "never"), never),
            (named("shop", "c", "soon"), soon)
        ]
    );
    assert_eq!(listed(None, "a", 1).await, all[1..2]);
    assert_eq!(listed(Some(at(51)), "", 9).await, all[2..]);
    assert_eq!(listed(Some(at(81)), "", 9).await.len(), 2);
    let known = store.organizations_knowing(&person_id("soon")).await.unwrap();
    assert_eq!(known, [organization_id("rival"), shop.clone()]);
}

#[tokio::test]
async fn who_is_kept_for_storage_only_is_listed_and_due_for_nothing() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let mut frozen = person("frozen", 1);
    frozen.person.state = PersonState::Frozen;
    let changes = vec![Change::AddPerson(frozen), Change::AddPairwiseName(named("shop", "a", "frozen"))];
    commit(&store, changes).await.unwrap();
    let shop = organization_id("shop");
    for (due_before, count) in [(None, 1), (Some(at(999)), 0)] {
        let filter = PersonFilter { organization: &shop, due_before };
        assert_eq!(store.persons_of(filter, "", 9).await.unwrap().len(), count);
    }
}

#[tokio::test]
async fn a_token_is_revoked_once_and_refused_until_it_would_have_ended() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let token = |id: &str, end| RevokedToken {
        token_id: id.to_owned(),
        client: ClientId::try_new("till").unwrap(),
        expire_time: at(end),
    };
    for revoked in [token("b", 20), token("a", 10)] {
        commit(&store, vec![Change::AddRevokedToken(revoked)]).await.unwrap();
    }
    let again = commit(&store, vec![Change::AddRevokedToken(token("b", 20))]).await;
    assert!(matches!(again, Err(StoreError::Taken("revoked_token"))), "{again:?}");
    assert_eq!(store.revoked_tokens(Timestamp::MIN).await.unwrap(), [token("a", 10), token("b", 20)]);
    assert_eq!(store.revoked_tokens(at(11)).await.unwrap(), [token("b", 20)]);
    store.forget_revoked_tokens(at(11)).await.unwrap();
    assert_eq!(store.revoked_tokens(Timestamp::MIN).await.unwrap(), [token("b", 20)]);
}

#[tokio::test]
async fn the_checks_of_one_person_are_listed_apart() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let changes = vec![
        Change::AddPerson(person("mina", 1)),
        Change::AddPerson(person("ruth", 2)),
        Change::AddProofing(proofing("p1", "mina")),
        Change::AddProofing(proofing("p2", "ruth")),
        Change::AddProofing(proofing("p3", "mina")),
    ];
    commit(&store, changes).await.unwrap();
    let of = async |after| store.proofings_of(&person_id("mina"), after, 9).await.unwrap();
    assert_eq!(of("").await, [proofing("p1", "mina"), proofing("p3", "mina")]);
    assert_eq!(of("p1").await, [proofing("p3", "mina")]);
}
