//! The jobs that ask sources, on both engines.

use super::rolls::import;
use super::{AT, add_batch, begun, certificate, id, write};
use crate::{Store, test_database};
use greenroom_domain::certification::port::{
    CertificateRecord, Change, ClaimRecord, EvidenceRecord, RenewalFilter, Retry, RetryFilter, SourceLookup,
    Store as _, VerificationStore as _,
};
use greenroom_domain::certification::{
    CertificateState, CheckedField, Evidence, EvidenceResult, EvidenceSource, SourceAuthentication,
    VerificationJob, Witness,
};
use greenroom_domain::kernel::{Timestamp, Version};
use greenroom_domain::ledger::{Actor, StoreError};
use greenroom_domain::source::Patience;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

async fn with_certificates(url: &str, records: Vec<CertificateRecord>) -> Store {
    let store = begun(url).await;
    add_batch(&store, import("i1"), records).await.unwrap();
    store
}

fn job(name: &str, about: &str, source: &str) -> VerificationJob {
    let actor = Actor { client: Some(id("desk")), organization: Some(id("north")), person: Some(id("mina")) };
    VerificationJob::begin(name.to_owned(), id(about), source.to_owned(), actor, AT)
}

async fn commit(store: &Store, changes: Vec<Change>) -> Result<(), StoreError> {
    store.commit(Change::All(changes), write("jobs")).await.map(drop)
}

/// A job of the source that came to `result` at `at`.
async fn concluded(store: &Store, name: &str, about: &str, result: EvidenceResult, at: Timestamp) {
    let new = job(name, about, "lookup");
    commit(store, vec![Change::AddVerificationJob(new.clone())]).await.unwrap();
    commit(store, vec![Change::SaveVerificationJob(new.conclude(result, at))]).await.unwrap();
}

#[tokio::test]
async fn a_job_is_kept_as_it_is_and_open_once_for_a_certificate_and_a_source() {
    let database = test_database().await;
    let store = with_certificates(&database.url, vec![certificate("c1", 1)]).await;
    let first = job("a", "c1", "lookup");
    commit(&store, vec![Change::AddVerificationJob(first.clone())]).await.unwrap();
    assert_eq!(store.verification_job("a").await.unwrap(), Some(first.clone()));
    let second = commit(&store, vec![Change::AddVerificationJob(job("b", "c1", "lookup"))]).await;
    assert!(matches!(second, Err(StoreError::Taken("verification_job"))), "{second:?}");
    commit(&store, vec![Change::AddVerificationJob(job("b", "c1", "other"))]).await.unwrap();
    assert_eq!(store.open_verification_jobs(&id("c1")).await.unwrap().len(), 2);

    let patience = Patience { first_wait: HOUR, longest_wait: HOUR, give_up_after: HOUR * 99 };
    let out = first.attempt(HOUR, AT).outage(&patience, AT);
    commit(&store, vec![Change::SaveVerificationJob(out.clone())]).await.unwrap();
    let late = commit(&store, vec![Change::SaveVerificationJob(out.clone())]).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let out = out.stored();
    assert_eq!(store.verification_job("a").await.unwrap(), Some(out.clone()));
    let done = out.conclude(EvidenceResult::Revoked, AT);
    commit(&store, vec![Change::SaveVerificationJob(done.clone())]).await.unwrap();
    assert_eq!(store.verification_job("a").await.unwrap(), Some(done.stored()));
    commit(&store, vec![Change::AddVerificationJob(job("c", "c1", "lookup"))]).await.unwrap();
    let ids = async |of, after: &'static str, limit| {
        let jobs = store.verification_jobs(of, after, limit).await.unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    let (c1, c2) = (id("c1"), id("c2"));
    assert_eq!(ids(Some(&c1), "", 9).await, ["a", "b", "c"]);
    assert_eq!(ids(None, "a", 1).await, ["b"]);
    assert!(ids(Some(&c2), "", 9).await.is_empty());
}

#[tokio::test]
async fn several_changes_stand_or_fall_together() {
    let database = test_database().await;
    let store = with_certificates(&database.url, vec![certificate("c1", 1)]).await;
    let mut lost = certificate("c1", 1);
    lost.certificate.version = Version::new(7);
    let both = vec![
        Change::AddVerificationJob(job("a", "c1", "lookup")),
        Change::SaveCertificate(Box::new(lost), None),
    ];
    let failed = commit(&store, both).await;
    assert!(matches!(failed, Err(StoreError::Conflict)), "{failed:?}");
    assert_eq!(store.verification_job("a").await.unwrap(), None);
}

#[tokio::test]
async fn what_is_due_is_told_by_source_and_the_earliest_first() {
    let database = test_database().await;
    let store = with_certificates(&database.url, vec![certificate("c1", 1), certificate("c2", 2)]).await;
    assert_eq!(store.next_verification().await.unwrap(), None);
    let later = job("a", "c1", "lookup").attempt(HOUR, AT);
    let new = [later, job("b", "c2", "lookup"), job("c", "c2", "other")];
    commit(&store, new.into_iter().map(Change::AddVerificationJob).collect()).await.unwrap();
    assert_eq!(store.next_verification().await.unwrap(), Some(AT));
    let due = async |source: &'static str, now, limit| {
        let jobs = store.due_verification_jobs(source, now, limit).await.unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(due("lookup", AT, 9).await, ["b"]);
    assert_eq!(due("lookup", AT.plus(HOUR), 9).await, ["b", "a"]);
    assert_eq!(due("lookup", AT.plus(HOUR), 1).await, ["b"]);
    assert_eq!(store.due_certificate_sources(AT).await.unwrap(), ["lookup", "other"]);
    assert!(store.due_certificate_sources(AT.minus(HOUR)).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_not_found_is_looked_for_again_and_in_the_end_left_to_humans() {
    let missing = |name: &str, serial, retry_at| {
        let mut record = certificate(name, serial);
        record.certificate.state = CertificateState::NotFound;
        record.certificate.retry_at = retry_at;
        record
    };
    let mut other = certificate("c4", 4);
    other.certificate.state = CertificateState::Mismatch;
    let database = test_database().await;
    let records = vec![
        missing("c1", 1, Some(AT)),
        missing("c2", 2, None),
        missing("c3", 3, Some(AT.plus(HOUR))),
        other,
        certificate("c5", 5),
    ];
    let store = with_certificates(&database.url, records).await;
    concluded(&store, "a", "c1", EvidenceResult::NotFound, AT.minus(HOUR * 30)).await;
    concluded(&store, "b", "c1", EvidenceResult::NotFound, AT.minus(HOUR * 26)).await;
    let retries_by = async |sources: &[&str], now, limit| {
        let filter = RetryFilter { now, not_asked_since: AT, sources };
        store.retries(filter, limit).await.unwrap()
    };
    let retries = async |now, not_asked_since| {
        store.retries(RetryFilter { now, not_asked_since, sources: &[] }, 9).await.unwrap()
    };
    let retry = |name: &str, source: &str| Retry { certificate: id(name), source: source.to_owned() };
    assert_eq!(retries(AT, AT.minus(HOUR * 24)).await, [retry("c1", "lookup")]);
    assert!(retries(AT, AT.minus(HOUR * 27)).await.is_empty(), "asked not long ago");
    let both = retries(AT.plus(HOUR), AT).await;
    assert_eq!(both, [retry("c1", "lookup"), retry("c3", "")]);
    let of_it = retries_by(&["other", "lookup"], AT.plus(HOUR), 1).await;
    assert_eq!(of_it, [retry("c1", "lookup")], "what nobody was asked about stands before nothing");
    assert!(retries_by(&["other", "look"], AT.plus(HOUR), 9).await.is_empty());
    commit(&store, vec![Change::AddVerificationJob(job("d", "c1", "lookup"))]).await.unwrap();
    assert!(retries(AT, AT).await.is_empty(), "it is being asked");

    let times = async |since| store.times_not_found(&id("c1"), since).await.unwrap();
    assert_eq!((times(Timestamp::MIN).await, times(AT.minus(HOUR * 26)).await, times(AT).await), (2, 1, 0));
    let review = async |owner: Option<&'static str>, after: &'static str| {
        let owner = owner.map(id);
        let records = store.certificates_for_review(owner.as_ref(), after, 9).await.unwrap();
        records.into_iter().map(|record| record.certificate.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(review(None, "").await, ["c2", "c4"]);
    assert_eq!(review(Some("college"), "c2").await, ["c4"]);
    assert!(review(Some("stranger"), "").await.is_empty());
    let claim = ClaimRecord { certificate: id("c4"), organization: id("platform"), claim_time: AT };
    commit(&store, vec![Change::AddClaim(claim)]).await.unwrap();
    assert_eq!(review(Some("platform"), "").await, ["c4"], "what it claimed itself");
}

#[tokio::test]
async fn a_claim_nobody_answered_about_is_asked_about_again() {
    let claimed = |name: &str, serial, state| {
        let mut record = certificate(name, serial);
        record.certificate.state = state;
        record
    };
    let database = test_database().await;
    let records = vec![
        claimed("c1", 1, CertificateState::FormatOk),
        claimed("c2", 2, CertificateState::Claimed),
        claimed("c3", 3, CertificateState::FormatOk),
        certificate("c4", 4),
    ];
    let store = with_certificates(&database.url, records).await;
    for (name, about) in [("a", "c1"), ("b", "c2"), ("c", "c3"), ("d", "c4")] {
        let job = job(name, about, "lookup");
        let given_up = Change::SaveVerificationJob(job.clone().give_up(AT));
        commit(&store, vec![Change::AddVerificationJob(job), given_up]).await.unwrap();
    }
    let unanswered = async |source: &'static str, since| store.unanswered(source, since, 9).await.unwrap();
    assert_eq!(unanswered("lookup", AT).await, [id("c1"), id("c2"), id("c3")]);
    assert!(unanswered("other", AT).await.is_empty());
    assert!(unanswered("lookup", AT.minus(HOUR)).await.is_empty(), "asked not long ago");
    commit(&store, vec![Change::AddVerificationJob(job("e", "c1", "lookup"))]).await.unwrap();
    concluded(&store, "f", "c2", EvidenceResult::Match, AT.minus(HOUR)).await;
    assert_eq!(unanswered("lookup", AT).await, [id("c3")], "asked, or answered about");
}

#[tokio::test]
async fn evidence_by_a_source_is_renewed_before_it_runs_out_and_only_by_that_source() {
    let database = test_database().await;
    let end = AT.plus(HOUR * 100);
    let mut verified = certificate("c1", 1);
    verified.certificate.evidence_until = Some(end);
    let store = with_certificates(&database.url, vec![verified.clone(), certificate("c2", 2)]).await;
    let kept = EvidenceRecord {
        id: "e1".to_owned(),
        certificate: id("c1"),
        evidence: Evidence {
            source: EvidenceSource::OfficialLookup,
            witness: Witness::Independent,
            result: EvidenceResult::Match,
            checked_at: AT,
            fresh_until: end,
            artefact_sha256: None,
        },
        organization: None,
        lookup: Some(SourceLookup {
            source: "lookup".to_owned(),
            job: "a".to_owned(),
            authentication: Some(SourceAuthentication::MutualTls),
            differences: CheckedField::ALL.into_iter().collect(),
        }),
    };
    commit(&store, vec![Change::AddEvidence(kept.clone(), AT)]).await.unwrap();
    let told = store.evidence(&id("c1"), "", 9).await.unwrap();
    assert_eq!(store.all_evidence("", 9).await.unwrap(), told);
    assert!(store.all_evidence("e1", 9).await.unwrap().is_empty());
    assert_eq!(told.into_iter().map(|told| told.record).collect::<Vec<_>>(), [kept]);
    let renewals = async |source: &'static str, until, not_asked_since| {
        let filter = RenewalFilter { source, from: AT, until, not_asked_since };
        store.renewals(filter, 9).await.unwrap()
    };
    assert_eq!(renewals("lookup", end, AT).await, [id("c1")]);
    assert!(renewals("lookup", end.minus(HOUR), AT).await.is_empty(), "it counts for long");
    assert!(renewals("other", end, AT).await.is_empty());
    concluded(&store, "a", "c1", EvidenceResult::NotFound, AT.plus(HOUR)).await;
    assert!(renewals("lookup", end, AT).await.is_empty(), "asked not long ago");
    assert_eq!(renewals("lookup", end, AT.plus(HOUR)).await, [id("c1")]);
    verified.certificate.verified_at = Some(AT.plus(HOUR));
    commit(&store, vec![Change::SaveCertificate(Box::new(verified), None)]).await.unwrap();
    assert!(renewals("lookup", end, AT.plus(HOUR)).await.is_empty(), "others have confirmed it since");
}
