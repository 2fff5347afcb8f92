//! What the identity service's store promises, on every engine: compiled and run in both store crates.

mod due;
mod evidence;
mod keys;

use crate::{Store, test_database};
use greenroom_domain::identity::port::{
    AssertionUse, Change, DocumentStanding, PairwiseName, PairwiseRecord, PersonRecord, ProofingRecord,
    RevokedToken, Sealed, SigningKeyRecord, Store as Port,
};
use greenroom_domain::identity::{
    Age, CertificateMatch, CertificateName, Client, ClientCredential, ClientState, CredentialCheck,
    DocumentType, ExpiryNotice, GuardianConsent, NO_TOKEN, Organization, OrganizationRole, OrganizationState,
    Person, PersonState, Proofing, ProofingAuthentication, ProofingJob, ProofingMethod, ProofingResult,
    TokenBinding,
};
use greenroom_domain::kernel::{ClientId, Date, OrganizationId, PersonId, Timestamp, Version};
use greenroom_domain::ledger::{Actor, EventDraft, Position, StoreError, Write};
use greenroom_feed::log::{EventLog as _, HasLog as _};

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn organization_id(id: &str) -> OrganizationId {
    OrganizationId::try_new(id).unwrap()
}

fn person_id(id: &str) -> PersonId {
    PersonId::try_new(id).unwrap()
}

fn organization(id: &str) -> Organization {
    Organization {
        id: organization_id(id),
        display_name: "样例平台".to_owned(),
        roles: vec![OrganizationRole::Platform, OrganizationRole::Issuer],
        state: OrganizationState::Active,
        suspension_reason: String::new(),
        tokens_valid_from: None,
        create_time: at(1),
        update_time: at(2),
        version: Version::FIRST,
    }
}

fn certificate(accepted: CertificateMatch) -> CredentialCheck {
    CredentialCheck::Certificate(accepted)
}

fn client(id: &str, organization: &str) -> Client {
    let credential = |key_id: &str, check, not_after| ClientCredential {
        key_id: key_id.to_owned(),
        check,
        create_time: at(3),
        not_after,
        notice: ExpiryNotice::None,
    };
    Client {
        id: ClientId::try_new(id).unwrap(),
        organization: organization_id(organization),
        display_name: "Till".to_owned(),
        scopes: vec!["persons.read".to_owned(), "persons.write".to_owned()],
        person: Some(person_id("pairwise")),
        token_binding: TokenBinding::ClientCertificate,
        state: ClientState::Active,
        tokens_valid_from: None,
        credentials: vec![
            credential("a-key", CredentialCheck::PublicKey(r#"{"kty":"OKP"}"#.to_owned()), None),
            credential("b-secret", CredentialCheck::SecretHash([7; 32]), Some(at(99))),
            credential("c-one", certificate(CertificateMatch::Thumbprint([8; 32])), None),
            credential(
                "d-many",
                certificate(CertificateMatch::Name(CertificateName::SanDns, "till.example".to_owned())),
                None,
            ),
        ],
        create_time: at(1),
        update_time: at(2),
        version: Version::FIRST,
    }
}

fn person(id: &str, lookup: u8) -> PersonRecord {
    PersonRecord {
        person: Person {
            id: person_id(id),
            state: PersonState::Verified,
            state_since: at(1),
            age: Age::Unknown,
            evidence_until: Some(at(2)),
            document_until: Some(at(3)),
            checked_at: Some(at(4)),
            guardian_consent: GuardianConsent::Given,
            guardian_consent_since: Some(at(5)),
            hold_until: Some(at(6)),
            version: Version::FIRST,
        },
        document_type: Some(DocumentType::TravelPermit),
        lookup: [lookup; 32],
        claim_lookup: [lookup + 100; 32],
        proven_lookup: None,
        sealed: Sealed { wrapped_by: "m1".to_owned(), wrapped_key: vec![1, 2], record: vec![0, 255] },
        due: Some(at(77)),
        create_time: at(7),
        update_time: at(8),
    }
}

fn pairwise(organization: &str, name: &str) -> PairwiseName {
    PairwiseName { organization: organization_id(organization), name: person_id(name) }
}

fn named(organization: &str, name: &str, person: &str) -> PairwiseRecord {
    PairwiseRecord { name: pairwise(organization, name), person: person_id(person), create_time: at(9) }
}

fn signing_key(id: &str) -> SigningKeyRecord {
    SigningKeyRecord {
        key_id: id.to_owned(),
        public_jwk: "{}".to_owned(),
        sealed: vec![9],
        wrapped_by: "m1".to_owned(),
        active_from: at(1),
        retired_from: None,
    }
}

fn proofing(id: &str, person: &str) -> ProofingRecord {
    ProofingRecord {
        id: id.to_owned(),
        person: person_id(person),
        proofing: Proofing {
            method: ProofingMethod::Source,
            source: "police".to_owned(),
            authentication: Some(ProofingAuthentication::SignedAnswer),
            result: ProofingResult::Match,
            checked_at: at(1),
            fresh_until: at(2),
            artefact_sha256: Some([3; 32]),
            document_valid_until: Some(Date::parse("2030-01-31").unwrap()),
        },
        actor: Actor {
            client: ClientId::try_new("till").ok(),
            organization: OrganizationId::try_new("shop").ok(),
            person: PersonId::try_new("pairwise").ok(),
        },
        create_time: at(3),
    }
}

async fn commit(store: &Store, changes: Vec<Change>) -> Result<Position, StoreError> {
    let event = EventDraft { kind: "test", subject: "tests/a".to_owned(), payload: vec![1] };
    store.commit(changes, Write::by_service("test", vec![event], at(1))).await
}

#[tokio::test]
async fn everything_comes_back_as_it_was_stored_also_after_the_database_is_opened_again() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let retired = SigningKeyRecord { retired_from: Some(at(9)), ..signing_key("B") };
    let changes = vec![
        Change::AddOrganization(organization("shop")),
        Change::AddClient(client("till", "shop")),
        Change::AddPerson(person("mina", 1)),
        Change::AddPairwiseName(named("shop", "m", "mina")),
        Change::AddProofing(proofing("p", "mina")),
        Change::AddSigningKey(signing_key("A")),
        Change::AddSigningKey(retired.clone()),
    ];
    commit(&store, changes).await.unwrap();
    store.close().await;

    let store = Store::open(&database.url).await.unwrap();
    let till = client("till", "shop");
    assert_eq!(store.organization(&organization_id("shop")).await.unwrap(), Some(organization("shop")));
    assert_eq!(store.client(&till.id).await.unwrap(), Some(till.clone()));
    assert_eq!(store.member(&till.id).await.unwrap(), Some((till, organization("shop"))));
    assert_eq!(store.person(&person_id("mina")).await.unwrap(), Some(person("mina", 1)));
    let known = store.person_named(&pairwise("shop", "m")).await.unwrap();
    assert_eq!(known, Some((named("shop", "m", "mina"), person("mina", 1))));
    assert_eq!(store.persons("", 9).await.unwrap(), [person("mina", 1)]);
    let name = store.name_of(&organization_id("shop"), &person_id("mina")).await.unwrap();
    assert_eq!(name, Some(named("shop", "m", "mina")));
    assert_eq!(store.pairwise_names(None, 9).await.unwrap(), [named("shop", "m", "mina")]);
    assert_eq!(store.proofings("", 9).await.unwrap(), [proofing("p", "mina")]);
    assert_eq!(store.signing_keys().await.unwrap(), [signing_key("A"), retired]);
}

#[tokio::test]
async fn what_is_not_there_is_none_and_no_error() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    assert_eq!(store.organization(&organization_id("shop")).await.unwrap(), None);
    assert_eq!(store.member(&ClientId::try_new("till").unwrap()).await.unwrap(), None);
    assert_eq!(store.person_named(&pairwise("shop", "m")).await.unwrap(), None);
    assert_eq!(store.clients(None, None, "", 5).await.unwrap(), []);
}

#[tokio::test]
async fn a_change_decided_on_an_older_version_is_refused() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let till = client("till", "shop");
    let changes = vec![
        Change::AddOrganization(organization("shop")),
        Change::AddClient(till.clone()),
        Change::AddPerson(person("mina", 1)),
    ];
    commit(&store, changes).await.unwrap();

    let disabled = till.disable(at(9));
    commit(&store, vec![Change::SaveClient(disabled.clone())]).await.unwrap();
    let refused = commit(&store, vec![Change::SaveClient(disabled.clone())]).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let stored = store.client(&disabled.id).await.unwrap().unwrap();
    assert_eq!(stored, Client { version: Version::new(2), ..disabled });

    let mut mina = person("mina", 1);
    mina.person.state = PersonState::Mismatch;
    mina.person.evidence_until = None;
    mina.update_time = at(20);
    commit(&store, vec![Change::SavePerson(mina.clone())]).await.unwrap();
    let refused = commit(&store, vec![Change::SavePerson(mina.clone())]).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    mina.person.version = Version::new(2);
    assert_eq!(store.person(&person_id("mina")).await.unwrap(), Some(mina));
}

#[tokio::test]
async fn a_taken_value_is_named_and_nothing_of_the_commit_stays() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let all = || {
        [
            (Change::AddOrganization(organization("shop")), "organization"),
            (Change::AddClient(client("till", "shop")), "client"),
            (Change::AddPerson(person("mina", 1)), "claim"),
            (Change::AddPairwiseName(named("shop", "m", "mina")), "pairwise_name"),
            (Change::AddSigningKey(signing_key("A")), "signing_key"),
        ]
    };
    let first = commit(&store, all().map(|(change, _)| change).to_vec()).await.unwrap();
    let same_claim = (Change::AddPerson(person("other", 1)), "claim");
    let second_name = (Change::AddPairwiseName(named("shop", "n", "mina")), "pairwise_name");
    for (change, what) in all().into_iter().chain([same_claim, second_name]) {
        let changes = vec![Change::AddOrganization(organization("new")), change];
        match commit(&store, changes).await {
            Err(StoreError::Taken(taken)) => assert_eq!(taken, what),
            other => panic!("{what}: {other:?}"),
        }
    }
    assert_eq!(store.organization(&organization_id("new")).await.unwrap(), None);
    assert_eq!(store.log().head().await.unwrap(), first);
}

#[tokio::test]
async fn lists_are_in_the_order_of_bytes_and_of_one_organization_if_asked() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let mut changes: Vec<_> = ["shop", "rival"].map(|id| Change::AddOrganization(organization(id))).to_vec();
    // A collation of people would ignore the hyphens.
    for id in ["a-b", "aa", "a-1", "b"] {
        changes.push(Change::AddClient(client(id, if id == "aa" { "rival" } else { "shop" })));
    }
    commit(&store, changes).await.unwrap();
    let listed = async |within: Option<&str>, after: &str, limit| {
        let within = within.map(organization_id);
        let clients = store.clients(within.as_ref(), None, after, limit).await.unwrap();
        assert!(clients.iter().all(|client| client.credentials.len() == 4));
        clients.into_iter().map(|client| client.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(listed(None, "", 9).await, ["a-1", "a-b", "aa", "b"]);
    assert_eq!(listed(None, "a-1", 2).await, ["a-b", "aa"]);
    assert_eq!(listed(Some("shop"), "a-1", 9).await, ["a-b", "b"]);
    let own = organization_id("shop");
    assert_eq!(store.organizations(Some(&own), "", 9).await.unwrap(), [organization("shop")]);
    assert_eq!(store.organizations(None, "", 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn many_persons_are_found_in_the_order_they_were_asked_for() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let changes = vec![
        Change::AddPerson(person("one", 1)),
        Change::AddPerson(person("two", 2)),
        Change::AddPairwiseName(named("shop", "x", "one")),
        Change::AddPairwiseName(named("rival", "x", "two")),
    ];
    commit(&store, changes).await.unwrap();
    let found = store.persons_by_claim(&[[102; 32], [3; 32], [101; 32], [102; 32]]).await.unwrap();
    let ids: Vec<_> =
        found.iter().map(|found| found.as_ref().map(|record| record.person.id.as_str())).collect();
    assert_eq!(ids, [Some("two"), None, Some("one"), Some("two")]);
    let names = [pairwise("rival", "x"), pairwise("shop", "y"), pairwise("shop", "x")];
    let asked = ["two", "nobody", "one", "two"].map(person_id);
    let found = store.names_of(&organization_id("rival"), &asked).await.unwrap();
    let two = Some(named("rival", "x", "two"));
    assert_eq!(found, [two.clone(), None, None, two]);
    let found = store.persons_by_name(&names).await.unwrap();
    let known = |id| Some((person_id(id), PersonState::Verified));
    assert_eq!(found, [known("two"), None, known("one")]);
}

#[tokio::test]
async fn a_record_sealed_anew_is_found_by_what_it_has_now() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    commit(&store, vec![Change::AddPerson(person("one", 1))]).await.unwrap();
    let sealed = Sealed { wrapped_by: String::new(), wrapped_key: Vec::new(), record: Vec::new() };
    let next = PersonRecord { sealed, document_type: None, ..person("one", 9) };
    commit(&store, vec![Change::ResealPerson(next.clone())]).await.unwrap();
    let found = store.persons_by_claim(&[[101; 32], [109; 32]]).await.unwrap();
    let version = Version::FIRST.next();
    let stored = PersonRecord { person: Person { version, ..next.person.clone() }, ..next.clone() };
    assert_eq!(found, [None, Some(stored)]);
    let stale = commit(&store, vec![Change::ResealPerson(next)]).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    store.clear_traces().await.unwrap();
}

#[tokio::test]
async fn the_open_jobs_of_a_person_are_those_that_are_due_some_time() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let job = |id: &str, person: &str| {
        let (id, source) = (id.to_owned(), format!("source-{id}"));
        ProofingJob::begin(id, person_id(person), source, Actor::default(), at(1))
    };
    let changes = vec![
        Change::AddPerson(person("one", 1)),
        Change::AddPerson(person("two", 2)),
        Change::AddProofingJob(job("b", "one")),
        Change::AddProofingJob(job("a", "one")),
        Change::AddProofingJob(job("c", "two")),
    ];
    commit(&store, changes).await.unwrap();
    assert_eq!(store.open_jobs(&person_id("one")).await.unwrap(), [job("a", "one"), job("b", "one")]);
    commit(&store, vec![Change::SaveProofingJob(job("a", "one").give_up(at(2)))]).await.unwrap();
    assert_eq!(store.open_jobs(&person_id("one")).await.unwrap(), [job("b", "one")]);
}

#[tokio::test]
async fn an_assertion_is_used_once_until_it_is_forgotten() {
    let database = test_database().await;
    let (store, replica) =
        (Store::open(&database.url).await.unwrap(), Store::open(&database.url).await.unwrap());
    let one = |client: &str, until: i64| AssertionUse {
        client: ClientId::try_new(client).unwrap(),
        assertion_id: "one".to_owned(),
        expire_time: at(until),
    };
    assert_eq!(store.use_assertions(&[one("till", 10)]).await.unwrap(), [true]);
    let batch = [one("other", 10), one("other", 11), one("till", 10)];
    assert_eq!(replica.use_assertions(&batch).await.unwrap(), [true, false, false]);
    store.forget_assertions(at(10)).await.unwrap();
    assert_eq!(store.use_assertions(&[one("till", 10)]).await.unwrap(), [false]);
    store.forget_assertions(at(11)).await.unwrap();
    assert_eq!(store.use_assertions(&[one("till", 20)]).await.unwrap(), [true]);
}

#[tokio::test]
async fn a_signing_key_is_retired_as_it_was_read_and_a_token_revoked_once() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let retire = |read: Option<i64>, from: i64| Change::RetireSigningKey {
        key_id: "A".to_owned(),
        read: read.map(at),
        retired_from: at(from),
    };
    commit(&store, vec![Change::AddSigningKey(signing_key("A"))]).await.unwrap();
    assert!(matches!(commit(&store, vec![retire(Some(9), 5)]).await, Err(StoreError::Conflict)));
    commit(&store, vec![retire(None, 9)]).await.unwrap();
    // Also an earlier end conflicts, if it was decided on what is no longer so.
    assert!(matches!(commit(&store, vec![retire(None, 5)]).await, Err(StoreError::Conflict)));
    commit(&store, vec![retire(Some(9), 5)]).await.unwrap();
    assert_eq!(store.signing_keys().await.unwrap()[0].retired_from, Some(at(5)));

    let revoked = RevokedToken {
        token_id: "one".to_owned(),
        client: ClientId::try_new("till").unwrap(),
        expire_time: at(7),
    };
    assert_eq!(store.revoked_token("one").await.unwrap(), None);
    commit(&store, vec![Change::AddRevokedToken(revoked.clone())]).await.unwrap();
    assert_eq!(store.revoked_token("one").await.unwrap(), Some(revoked.clone()));
    let again = commit(&store, vec![Change::AddRevokedToken(revoked)]).await;
    assert!(matches!(again, Err(StoreError::Taken("revoked_token"))), "{again:?}");
}

#[tokio::test]
async fn revocations_after_an_instant_are_listed_and_disabled_clients_always() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let changes = vec![
        Change::AddOrganization(organization("shop")),
        Change::AddClient(client("active", "shop")),
        Change::AddClient(client("disabled", "shop").disable(at(1))),
        Change::AddClient(Client { tokens_valid_from: Some(at(5)), ..client("long-ago", "shop") }),
        Change::AddClient(Client { tokens_valid_from: Some(at(6)), ..client("lately", "shop") }),
    ];
    commit(&store, changes).await.unwrap();
    let id = |id| ClientId::try_new(id).unwrap();
    let mut listed = store.revoked_clients(at(5)).await.unwrap();
    listed.sort();
    assert_eq!(listed, [(id("disabled"), NO_TOKEN), (id("lately"), at(6))]);
}

#[tokio::test]
async fn a_document_is_claimed_under_many_names_and_proven_under_one() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let first = person("first", 1);
    let second = PersonRecord { claim_lookup: [200; 32], ..person("second", 1) };
    commit(&store, vec![Change::AddPerson(first.clone()), Change::AddPerson(second.clone())]).await.unwrap();
    let standing = async || store.documents(&[[9; 32], [1; 32]]).await.unwrap();
    assert_eq!(standing().await, [None, Some(DocumentStanding::Claimed)]);

    let proven = |record: PersonRecord| PersonRecord { proven_lookup: Some([1; 32]), ..record };
    commit(&store, vec![Change::SavePerson(proven(second))]).await.unwrap();
    assert_eq!(standing().await, [None, Some(DocumentStanding::Proven(person_id("second")))]);
    let taken = commit(&store, vec![Change::SavePerson(proven(first))]).await;
    assert!(matches!(taken, Err(StoreError::Taken("document"))), "{taken:?}");
}

#[tokio::test]
async fn names_are_listed_in_the_order_of_organization_and_name() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let persons =
        ["one", "two"].into_iter().zip(1..).map(|(id, lookup)| Change::AddPerson(person(id, lookup)));
    let names = [named("b", "a-b", "one"), named("b", "aa", "two"), named("a", "z", "one")];
    let changes = persons.chain(names.clone().map(Change::AddPairwiseName)).collect();
    commit(&store, changes).await.unwrap();
    let [first, second, last] = names;
    assert_eq!(store.pairwise_names(None, 2).await.unwrap(), [last.clone(), first.clone()]);
    assert_eq!(store.pairwise_names(Some(&last.name), 9).await.unwrap(), [first, second]);
}

#[tokio::test]
async fn a_client_is_kept_only_as_it_was_read_and_active() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let till = client("till", "shop");
    let changes = vec![Change::AddOrganization(organization("shop")), Change::AddClient(till.clone())];
    commit(&store, changes).await.unwrap();
    commit(&store, vec![Change::KeepClient(till.id.clone(), till.version)]).await.unwrap();
    assert_eq!(store.client(&till.id).await.unwrap(), Some(till.clone()));
    commit(&store, vec![Change::SaveClient(till.clone().disable(at(9)))]).await.unwrap();
    for version in [till.version, till.version.next()] {
        let refused = commit(&store, vec![Change::KeepClient(till.id.clone(), version)]).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
}

#[tokio::test]
async fn an_organization_is_kept_only_as_it_was_read_and_active() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let shop = organization("shop");
    commit(&store, vec![Change::AddOrganization(shop.clone())]).await.unwrap();
    commit(&store, vec![Change::KeepOrganization(shop.id.clone(), shop.version)]).await.unwrap();
    assert_eq!(store.organization(&shop.id).await.unwrap(), Some(shop.clone()));
    commit(&store, vec![Change::SaveOrganization(shop.clone().suspend("unpaid", at(9)))]).await.unwrap();
    for version in [shop.version, shop.version.next()] {
        let refused = commit(&store, vec![Change::KeepOrganization(shop.id.clone(), version)]).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
}

#[tokio::test]
async fn of_two_replicas_one_registers_a_document() {
    let database = test_database().await;
    let (left, right) =
        (Store::open(&database.url).await.unwrap(), Store::open(&database.url).await.unwrap());
    let (first, second) = tokio::join!(
        commit(&left, vec![Change::AddPerson(person("left", 1))]),
        commit(&right, vec![Change::AddPerson(person("right", 1))])
    );
    let taken = |outcome: &Result<Position, StoreError>| matches!(outcome, Err(StoreError::Taken("claim")));
    assert!(first.is_ok() != second.is_ok() && taken(&first) != taken(&second), "{first:?} {second:?}");
    assert_eq!(left.persons("", 9).await.unwrap().len(), 1);
}
