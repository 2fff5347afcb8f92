//! What guardians said, the jobs that ask sources, and persons who stay as they were read.

use super::{at, commit, named, organization_id, person, person_id};
use crate::{Store, test_database};
use greenroom_domain::identity::port::{Change, GuardianStatement, Store as _};
use greenroom_domain::identity::{GuardianConsent, ProofingJob, ProofingResult};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Version};
use greenroom_domain::ledger::{Actor, StoreError};
use greenroom_domain::source::Patience;
use std::time::Duration;

fn administrator() -> Actor {
    Actor {
        client: ClientId::try_new("desk").ok(),
        organization: OrganizationId::try_new("shop").ok(),
        person: PersonId::try_new("pairwise").ok(),
    }
}

#[tokio::test]
async fn a_guardians_word_comes_back_as_it_was_recorded() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let given = GuardianStatement {
        id: "a".to_owned(),
        person: person_id("mina"),
        consent: GuardianConsent::Given,
        artefact_sha256: Some([4; 32]),
        guardian: Some(person_id("ruth")),
        actor: administrator(),
        create_time: at(5),
    };
    let withdrawn = GuardianStatement {
        id: "b".to_owned(),
        consent: GuardianConsent::Withdrawn,
        artefact_sha256: None,
        guardian: None,
        actor: Actor::default(),
        ..given.clone()
    };
    let statements = [given.clone(), withdrawn.clone()].map(Change::AddGuardianStatement);
    let changes = [Change::AddPerson(person("mina", 1))].into_iter().chain(statements).collect();
    commit(&store, changes).await.unwrap();
    assert_eq!(store.guardian_statements("", 9).await.unwrap(), [given, withdrawn.clone()]);
    assert_eq!(store.guardian_statements("a", 9).await.unwrap(), [withdrawn]);
}

#[tokio::test]
async fn a_job_is_taken_by_one_and_there_is_one_open_for_a_person_and_a_source() {
    let database = test_database().await;
    let (store, replica) =
        (Store::open(&database.url).await.unwrap(), Store::open(&database.url).await.unwrap());
    let begin = |id: &str, source: &str| {
        ProofingJob::begin(id.to_owned(), person_id("mina"), source.to_owned(), administrator(), at(5))
    };
    let first = begin("a", "police");
    let changes = vec![Change::AddPerson(person("mina", 1)), Change::AddProofingJob(first.clone())];
    commit(&store, changes).await.unwrap();
    assert_eq!(store.open_job(&person_id("mina"), "police").await.unwrap(), Some(first.clone()));
    let second = commit(&replica, vec![Change::AddProofingJob(begin("b", "police"))]).await;
    assert!(matches!(second, Err(StoreError::Taken("proofing_job"))), "{second:?}");
    commit(&replica, vec![Change::AddProofingJob(begin("b", "network"))]).await.unwrap();

    let taken = first.clone().attempt(Duration::from_secs(30), at(6));
    commit(&store, vec![Change::SaveProofingJob(taken.clone())]).await.unwrap();
    let late = commit(&replica, vec![Change::SaveProofingJob(taken.clone())]).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let patience = Patience {
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_secs(9),
        give_up_after: Duration::from_hours(1),
    };
    let taken = ProofingJob { version: Version::new(2), ..taken };
    let waiting = taken.wait("ticket".to_owned(), Duration::from_secs(2), &patience, at(7));
    commit(&store, vec![Change::SaveProofingJob(waiting.clone())]).await.unwrap();
    let waiting = ProofingJob { version: Version::new(3), ..waiting };
    assert_eq!(store.proofing_job("a").await.unwrap(), Some(waiting.clone()));

    // Once it is closed, the next one may be begun.
    let done = waiting.conclude(ProofingResult::NotFound, at(8));
    commit(&store, vec![Change::SaveProofingJob(done.clone())]).await.unwrap();
    assert_eq!(store.open_job(&person_id("mina"), "police").await.unwrap(), None);
    commit(&store, vec![Change::AddProofingJob(begin("c", "police"))]).await.unwrap();
    let done = ProofingJob { version: Version::new(4), ..done };
    let jobs = store.proofing_jobs("", 9).await.unwrap();
    assert_eq!(jobs, [done, begin("b", "network"), begin("c", "police")]);
}

#[tokio::test]
async fn a_person_is_kept_only_as_it_was_read() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let mina = person("mina", 1);
    commit(&store, vec![Change::AddPerson(mina.clone())]).await.unwrap();
    let name = |name: &str| Change::AddPairwiseName(named("shop", name, "mina"));
    let keep = |version| Change::KeepPerson(person_id("mina"), version);
    commit(&store, vec![keep(mina.version()), name("a")]).await.unwrap();
    assert_eq!(store.person(&person_id("mina")).await.unwrap(), Some(mina.clone()));

    commit(&store, vec![Change::SavePerson(mina.clone())]).await.unwrap();
    let rival = Change::AddPairwiseName(named("rival", "b", "mina"));
    let refused = commit(&store, vec![rival, keep(mina.version())]).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(store.organizations_knowing(&person_id("mina")).await.unwrap(), [organization_id("shop")]);
}
