//! What both engines must do alike. What they promise of the feed is tested beside the feed.

#[path = "conformance_jobs.rs"]
mod conformance_jobs;
#[path = "conformance_rolls.rs"]
mod rolls;

use crate::{Store, test_database};
use greenroom_domain::certification::port::{
    CertificateFilter, CertificateRecord, Change, EvidenceRecord, IssuerRecord, KeptFinding, PlanRow,
    PlannedCertificate, RollBatch, RollImport, StandardRecord, Store as _,
};
use greenroom_domain::certification::{
    Accreditation, Authority, Certificate, CertificateNumber, CertificateState, Evidence, EvidenceResult,
    EvidenceSource, Hold, Issuer, IssuerClass, IssuerStanding, Measure, Revocation, RevocationReason,
    RollCode, RollEntry, RollVerdict, Witness,
};
use greenroom_domain::kernel::{Collection, Date, Id, OrganizationId, Timestamp, Version};
use greenroom_domain::ledger::{EventDraft, StoreError, Write};
use greenroom_domain::occupation::Level;
use greenroom_feed::log::{EventLog as _, HasLog as _};
use greenroom_testkit::occupation::{LIVE_SALESPERSON, VIDEO_CREATOR, job_type, standard};
use std::collections::BTreeSet;

#[path = "conformance/issuers.rs"]
mod issuers;
#[path = "conformance/qualifications.rs"]
mod qualifications;

pub(crate) const AT: Timestamp = Timestamp::from_micros(1_700_000_000_123_456);

pub(crate) fn id<K: Collection>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

pub(crate) fn write(subject: &str) -> Write {
    let event = EventDraft { kind: "test", subject: subject.to_owned(), payload: b"x".to_vec() };
    Write::by_service("test", vec![event], AT)
}

pub(crate) fn issuer(name: &str) -> IssuerRecord {
    let accreditation = |job_type, to: Option<&str>| Accreditation {
        standard: id("internet-marketer-2021"),
        job_type,
        levels: BTreeSet::from([Level::Five, Level::Three, Level::One]),
        from: Date::parse("2022-01-01").unwrap(),
        to: to.map(|day| Date::parse(day).unwrap()),
    };
    let issuer = Issuer {
        id: id(name),
        organization: id("college"),
        class: IssuerClass::SocialOrganization,
        code: "0000".to_owned(),
        province: "33".to_owned(),
        standing: IssuerStanding::Listed,
        measure: None,
        sites: Vec::new(),
        accreditations: vec![
            accreditation(job_type(VIDEO_CREATOR), None),
            accreditation(job_type(LIVE_SALESPERSON), Some("2026-12-31")),
        ],
        version: Version::FIRST,
    };
    IssuerRecord { issuer, display_name: "学院 · College".to_owned(), create_time: AT, update_time: AT }
}

pub(crate) fn entry(serial: usize) -> RollEntry {
    RollEntry {
        number: CertificateNumber::parse(&format!("S000033DEMO00243{serial:06}")).unwrap(),
        job_type: job_type(LIVE_SALESPERSON),
        level: Level::Three,
        issue_date: Date::parse("2024-05-06").unwrap(),
    }
}

pub(crate) fn certificate(name: &str, serial: usize) -> CertificateRecord {
    let RollEntry { number, job_type, level, issue_date } = entry(serial);
    let certificate = Certificate {
        id: id(name),
        number,
        holder: id("p1"),
        standard: id("internet-marketer-2021"),
        job_type,
        level,
        issuer: id("north"),
        issue_date,
        state: CertificateState::Verified,
        state_since: AT,
        verified_at: Some(AT),
        evidence_until: Some(AT),
        retry_at: None,
        checked_at: Some(AT),
        lapsed_at: None,
        held: None,
        version: Version::FIRST,
    };
    CertificateRecord::new(certificate, Some(EvidenceSource::IssuerRoll), AT)
}

fn row(number: i64, serial: usize, verdict: RollVerdict) -> PlanRow {
    let finding = KeptFinding::plain("证书编号".to_owned(), RollCode::NumberTwoPersons);
    let whole = KeptFinding::plain(String::new(), RollCode::NotAccredited);
    let change = KeptFinding {
        before: "LEVEL_3".to_owned(),
        after: "LEVEL_2".to_owned(),
        ..KeptFinding::plain("等级".to_owned(), RollCode::LevelChanged)
    };
    let changes = matches!(verdict, RollVerdict::Update | RollVerdict::Missing);
    let mut before = certificate("c", serial).certificate.before(Some(EvidenceSource::IssuerRoll));
    before.version = Version::new(7);
    PlanRow {
        row: number,
        verdict,
        number: entry(serial).number.as_str().to_owned(),
        planned: (verdict != RollVerdict::Invalid).then(|| PlannedCertificate {
            id: id(&format!("c{serial}")),
            holder: id("p1"),
            entry: entry(serial),
            before: changes.then_some(before),
        }),
        findings: match verdict {
            RollVerdict::Invalid => vec![finding, whole],
            RollVerdict::Update => vec![change],
            _ => Vec::new(),
        },
    }
}

async fn add_batch(
    store: &Store,
    import: RollImport,
    creates: Vec<CertificateRecord>,
) -> Result<(), StoreError> {
    let batch = RollBatch { import, creates, updates: Vec::new(), rows: Vec::new() };
    store.commit(Change::ApplyBatch(Box::new(batch)), write("batch")).await.map(|_| ())
}

/// A store with the issuer `north` and the import `i1`.
pub(crate) async fn begun(url: &str) -> Store {
    let store = Store::open(url).await.unwrap();
    store.commit(Change::AddIssuer(issuer("north")), write("issuers/north")).await.unwrap();
    store.commit(Change::AddImport(rolls::import("i1")), write("rollImports/i1")).await.unwrap();
    store
}

#[tokio::test]
async fn what_was_written_is_read_back_also_after_reopening() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let mut record = certificate("c1", 1);
    add_batch(&store, rolls::import("i1"), vec![record.clone()]).await.unwrap();
    assert_eq!(store.certificate(&id("c1")).await.unwrap(), Some(record.clone()));
    record.certificate.state = CertificateState::Revoked;
    record.certificate.evidence_until = None;
    record.certificate.retry_at = Some(Timestamp::from_micros(i64::MAX));
    record.source = None;
    record.revocation = Some(Revocation {
        reason: RevocationReason::AuthorityOrder,
        explanation: "查实 · found".to_owned(),
        legal_basis: "规则第九条".to_owned(),
        effective_time: Timestamp::from_micros(-5),
        by: Authority::Regulator,
    });
    record.measure = Some(Measure {
        by: Authority::Issuer,
        explanation: "停用 · stopped".to_owned(),
        legal_basis: "规则第五条".to_owned(),
        effective_time: Timestamp::from_micros(7),
    });
    record.superseded_by = Some(id("c9"));
    record.certificate.lapsed_at = Some(Timestamp::from_micros(-1));
    record.certificate.held = Some(Hold { by: Authority::Regulator, beneath: CertificateState::NotFound });
    let evidence = EvidenceRecord {
        id: "e1".to_owned(),
        certificate: id("c1"),
        evidence: Evidence {
            source: EvidenceSource::OfficialLookup,
            witness: Witness::Independent,
            result: EvidenceResult::Revoked,
            checked_at: AT,
            fresh_until: AT,
            artefact_sha256: Some([7; 32]),
        },
        organization: Some(id("regulator")),
        lookup: None,
    };
    let change = Change::SaveCertificate(Box::new(record.clone()), Some(Box::new(evidence)));
    store.commit(change, write("certificates/c1")).await.unwrap();
    record.certificate.version = Version::new(2);
    let kept = store.evidence(&id("c1"), "", 9).await.unwrap();
    assert_eq!((kept.len(), kept[0].record.evidence.artefact_sha256), (1, Some([7; 32])));
    assert_eq!(kept[0].record_time, AT);
    assert!(store.evidence(&id("c1"), "e1", 9).await.unwrap().is_empty());
    let (position, chain) = store.log().head_chain().await.unwrap();
    store.close().await;
    let store = Store::open(&database.url).await.unwrap();
    assert_eq!(store.certificate(&id("c1")).await.unwrap(), Some(record));
    assert_eq!(store.issuer(&id("north")).await.unwrap(), Some(issuer("north")));
    assert_eq!(store.log().head_chain().await.unwrap(), (position, chain));
}

#[tokio::test]
async fn a_taken_issuer_and_a_lost_version_are_told_and_leave_nothing_behind() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    add_batch(&store, rolls::import("i1"), vec![certificate("c1", 1)]).await.unwrap();
    let head = store.log().head().await.unwrap();
    let taken = store.commit(Change::AddIssuer(issuer("north")), write("issuers/north")).await;
    assert!(matches!(taken, Err(StoreError::Taken("issuer"))), "{taken:?}");
    let mut lost = certificate("c1", 1);
    lost.certificate.version = Version::new(3);
    let conflict =
        store.commit(Change::SaveCertificate(Box::new(lost), None), write("certificates/c1")).await;
    assert!(matches!(conflict, Err(StoreError::Conflict)), "{conflict:?}");
    let conflict = store.commit(Change::SaveImport(rolls::import("i1")), write("rollImports/i1")).await;
    assert!(matches!(conflict, Err(StoreError::Conflict)), "{conflict:?}");
    assert_eq!(store.log().head().await.unwrap(), head);
}

#[tokio::test]
async fn a_batch_and_its_progress_stand_or_fall_together() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    add_batch(&store, rolls::import("i1"), vec![certificate("c1", 1)]).await.unwrap();
    let current = store.import(&id("i1")).await.unwrap().unwrap();
    let progressed = RollImport { applied_count: 9, applied_through: 9, ..current.clone() };
    let batch = vec![certificate("c2", 2), certificate("c3", 1)];
    let taken = add_batch(&store, progressed.clone(), batch).await;
    assert!(matches!(taken, Err(StoreError::Taken("certificate"))), "{taken:?}");
    assert_eq!(store.import(&id("i1")).await.unwrap(), Some(current));
    assert_eq!(store.certificate(&id("c2")).await.unwrap(), None);
    let mut stale = certificate("c1", 1);
    stale.certificate.version = Version::new(4);
    let batch = RollBatch {
        import: progressed.clone(),
        creates: vec![certificate("c2", 2)],
        updates: vec![stale],
        rows: vec![],
    };
    let outdated = store.commit(Change::ApplyBatch(Box::new(batch)), write("batch")).await;
    assert!(matches!(outdated, Err(StoreError::Taken("certificate"))), "{outdated:?}");
    assert_eq!(store.certificate(&id("c2")).await.unwrap(), None);
    add_batch(&store, progressed, vec![certificate("c2", 2)]).await.unwrap();
    assert_eq!(store.import(&id("i1")).await.unwrap().unwrap().applied_count, 9);
}

#[tokio::test]
async fn certificates_are_listed_by_the_bytes_of_their_ids() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let ids = ["a", "a-b", "a0", "ab", "b", "b-0", "ba"];
    let records = ids.iter().zip(1..).map(|(name, serial)| certificate(name, serial)).collect();
    add_batch(&store, rolls::import("i1"), records).await.unwrap();
    for filter in [
        CertificateFilter::default(),
        CertificateFilter { issuer: Some(id("north")), ..CertificateFilter::default() },
        CertificateFilter { organization: Some(id("college")), ..CertificateFilter::default() },
    ] {
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let page = store.certificates(&filter, &after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.certificate.id.as_str().to_owned();
            seen.extend(page.into_iter().map(|record| record.certificate.id.as_str().to_owned()));
        }
        assert_eq!(seen, ids, "{filter:?}");
    }
    let other: Option<OrganizationId> = Some(id("other"));
    let none = CertificateFilter { organization: other, ..CertificateFilter::default() };
    assert!(store.certificates(&none, "", 9).await.unwrap().is_empty());
    let numbers: Vec<String> = [2, 99].map(|serial| entry(serial).number.as_str().to_owned()).to_vec();
    let found = store.certificates_numbered(&numbers).await.unwrap();
    assert_eq!(found, [certificate("a-b", 2)]);
}

#[tokio::test]
async fn a_standard_is_told_once_and_each_change_of_it_behind_the_last() {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    let first =
        StandardRecord { standard: standard(), digest: [7; 32], version: Version::FIRST, tell_time: AT };
    let tell = async |record: &StandardRecord| {
        store.commit(Change::TellStandards(vec![record.clone()]), write("standards/x")).await
    };
    tell(&first).await.unwrap();
    // Another replica that found none told either comes too late.
    assert!(matches!(tell(&first).await, Err(StoreError::Conflict)));
    let next = StandardRecord { digest: [8; 32], version: first.version.next(), ..first.clone() };
    assert_eq!(store.standards_told("", 9).await.unwrap(), [first]);
    tell(&next).await.unwrap();
    assert!(matches!(tell(&next).await, Err(StoreError::Conflict)));
    assert_eq!(store.standards_told("", 9).await.unwrap(), [next]);
    assert_eq!(store.standards_told("internet-marketer-2021", 9).await.unwrap(), []);
    assert_eq!(store.log().head().await.unwrap().sequence, 2);
    store.close().await;
}

#[path = "conformance_applications.rs"]
mod applications;
