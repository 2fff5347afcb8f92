//! What both engines must do alike about rolls.

use super::{AT, begun, certificate, entry, id, row, write};
use crate::{Store, test_database};
use greenroom_domain::certification::port::{
    Approval, AsOf, Change, MISSING_FROM, PlanRow, Planner, RollBatch, RollCoverage, RollEncoding,
    RollFormat, RollImport, RollImportState, RollTotals, Store as _,
};
use greenroom_domain::certification::{
    Authority, CertificateState, EvidenceSource, Hold, RollCode, RollVerdict,
};
use greenroom_domain::kernel::{RollImportId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use std::time::Duration;

pub(super) fn import(name: &str) -> RollImport {
    RollImport {
        id: id(name),
        issuer: id("north"),
        standard: id("internet-marketer-2021"),
        file_name: "名册.csv".to_owned(),
        coverage: RollCoverage::Complete,
        format: Some(RollFormat::Csv),
        encoding: None,
        state: RollImportState::Planning,
        totals: RollTotals { create: 3, update: 1, unchanged: 4, ambiguous: 1, invalid: 5, missing: 6 },
        in_force: 100,
        withdrawals: 5,
        applied_count: 0,
        applied_through: 0,
        rolled_back_count: 0,
        kept_count: 0,
        rolled_back_through: 0,
        digest: "d".repeat(64),
        create_time: AT,
        apply_time: None,
        planner: Planner { client: id("c1"), person: Some(id("p1")) },
        approval: None,
        rollback_time: None,
        version: Version::FIRST,
    }
}

async fn stage(store: &Store, name: &str, rows: &[PlanRow]) -> Result<(), StoreError> {
    let import = store.import(&id(name)).await.unwrap().unwrap();
    let staged = store.commit(Change::StageRows(import, rows.to_vec()), write("rollImports/x")).await;
    staged.map(|_| ())
}

#[tokio::test]
async fn an_import_is_read_back_as_it_was_written_from_its_plan_to_its_end() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    assert_eq!(store.import(&id("i1")).await.unwrap(), Some(import("i1")));
    let taken = store.commit(Change::AddImport(import("i1")), write("rollImports/i1")).await;
    assert!(matches!(taken, Err(StoreError::Taken("roll_import"))), "{taken:?}");
    let later = AT.plus(Duration::from_secs(9));
    let ended = RollImport {
        format: Some(RollFormat::Xlsx),
        encoding: Some(RollEncoding::Gb18030),
        state: RollImportState::RolledBack,
        totals: RollTotals { create: 9, update: 8, unchanged: 7, ambiguous: 6, invalid: 5, missing: 4 },
        in_force: 31,
        withdrawals: 32,
        applied_count: 33,
        applied_through: MISSING_FROM,
        rolled_back_count: 34,
        kept_count: 35,
        rolled_back_through: 36,
        digest: "e".repeat(64),
        create_time: later,
        apply_time: Some(later),
        approval: Some(Approval { client: id("c2"), person: id("p2"), time: later }),
        rollback_time: Some(AT),
        ..import("i1")
    };
    store.commit(Change::SaveImport(ended.clone()), write("rollImports/i1")).await.unwrap();
    let ended = RollImport { version: Version::new(2), ..ended };
    assert_eq!(store.import(&id("i1")).await.unwrap(), Some(ended.clone()));
    assert_eq!(store.imports("", 9).await.unwrap(), [ended]);
}

#[tokio::test]
async fn staged_rows_are_read_in_the_order_of_the_file_and_settled() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let plan: RollImportId = id("i1");
    let rows = [
        row(2, 1, RollVerdict::Create),
        row(3, 2, RollVerdict::Update),
        row(4, 1, RollVerdict::Create),
        row(10, 1, RollVerdict::Invalid),
        row(11, 3, RollVerdict::Unchanged),
        row(MISSING_FROM, 4, RollVerdict::Missing),
        PlanRow { planned: None, ..row(MISSING_FROM + 1, 5, RollVerdict::Missing) },
    ];
    stage(&store, "i1", &rows[..1]).await.unwrap();
    stage(&store, "i1", &rows[1..]).await.unwrap();
    assert_eq!(store.rows(&plan, None, 0, 99).await.unwrap(), rows);
    assert_eq!(store.rows(&plan, None, 4, 1).await.unwrap(), rows[3..4]);
    assert_eq!(store.rows(&plan, Some(RollVerdict::Create), 2, 9).await.unwrap(), rows[2..3]);
    assert_eq!(store.rows_to_apply(&plan, 0, 2).await.unwrap(), rows[0..2]);
    assert_eq!(store.rows_to_apply(&plan, 4, 9).await.unwrap(), rows[5..6]);
    assert_eq!(store.rows_with_finding(&plan, RollCode::LevelChanged, 0, 9).await.unwrap(), rows[1..2]);
    assert_eq!(store.rows_with_finding(&plan, RollCode::NotAccredited, 0, 9).await.unwrap(), rows[3..4]);
    assert!(store.rows_with_finding(&plan, RollCode::DateInFuture, 0, 9).await.unwrap().is_empty());
    assert_eq!(store.rows_without_number(&plan).await.unwrap(), 0);
    assert_eq!(store.repeated_numbers(&plan, "", 9).await.unwrap(), [rows[0].number.clone()]);
    assert!(store.repeated_numbers(&plan, &rows[0].number, 9).await.unwrap().is_empty());
    let numbered =
        async |after, limit| store.rows_numbered(&plan, &rows[0].number, after, limit).await.unwrap();
    assert_eq!(numbered(0, 9).await, [rows[0].clone(), rows[2].clone(), rows[3].clone()]);
    assert_eq!(numbered(2, 1).await, rows[2..3]);
    let settled = PlanRow { verdict: RollVerdict::Ambiguous, ..rows[2].clone() };
    store.restage(&plan, std::slice::from_ref(&settled)).await.unwrap();
    assert_eq!(numbered(2, 1).await, [settled]);
    let mut lapsed = rows[1].clone();
    let before = lapsed.planned.as_mut().unwrap().before.as_mut().unwrap();
    before.version = before.version.next();
    before.lapsed_at = Some(AT);
    before.held = Some(Hold { by: Authority::Issuer, beneath: CertificateState::NotFound });
    store.restage(&plan, std::slice::from_ref(&lapsed)).await.unwrap();
    assert_eq!(store.rows(&plan, None, 2, 1).await.unwrap(), [lapsed]);
    let shapes = store.shapes(&plan, 0).await.unwrap();
    assert_eq!(shapes.len(), 1);
    assert_eq!((shapes[0].issue_date, shapes[0].first_row), (entry(1).issue_date, 2));
}

#[tokio::test]
async fn a_plan_given_up_keeps_its_import_and_loses_its_rows_and_takes_no_more() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    stage(&store, "i1", &[row(2, 1, RollVerdict::Create)]).await.unwrap();
    let found = async |at: Timestamp| store.unfinished(at, 9).await.unwrap().len();
    assert_eq!((found(AT).await, found(AT.plus(Duration::from_micros(1))).await), (0, 1));
    let lost = store.commit(Change::DropRows(import("i1")), write("rollImports/i1")).await;
    assert!(matches!(lost, Err(StoreError::Conflict)), "{lost:?}");
    let known = store.import(&id("i1")).await.unwrap().unwrap();
    let late = Change::StageRows(known.clone(), vec![row(3, 2, RollVerdict::Create)]);
    let ended = RollImport { state: RollImportState::Abandoned, ..known };
    store.commit(Change::DropRows(ended), write("rollImports/i1")).await.unwrap();
    let late = store.commit(late, write("rollImports/i1")).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert!(store.rows(&id("i1"), None, 0, 9).await.unwrap().is_empty());
    assert_eq!(found(AT.plus(Duration::from_micros(1))).await, 0);
}

#[tokio::test]
async fn many_certificates_are_written_in_one_batch_and_one_lost_version_undoes_it() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let records: Vec<_> = (1..=200).map(|serial| certificate(&format!("c{serial:03}"), serial)).collect();
    super::add_batch(&store, import("i1"), records.clone()).await.unwrap();
    let changed = |state, version: i64| {
        let mut changed = records.clone();
        for record in &mut changed {
            record.certificate.state = state;
            record.certificate.retry_at = Some(AT);
            record.certificate.lapsed_at = Some(AT);
            record.certificate.held =
                Some(Hold { by: Authority::Regulator, beneath: CertificateState::Claimed });
            record.certificate.issuer = id("south");
            record.certificate.version = Version::new(version);
            record.update_time = AT.plus(Duration::from_secs(1));
            record.source = Some(EvidenceSource::OfficialLookup);
        }
        changed
    };
    let batch = async |updates| {
        let import = store.import(&id("i1")).await.unwrap().unwrap();
        let batch = RollBatch { import, creates: Vec::new(), updates, rows: Vec::new() };
        store.commit(Change::ApplyBatch(Box::new(batch)), write("batch")).await.map(|_| ())
    };
    batch(changed(CertificateState::NotFound, 1)).await.unwrap();
    let stored = changed(CertificateState::NotFound, 2);
    assert_eq!(store.certificates(&super::CertificateFilter::default(), "", 999).await.unwrap(), stored);
    let before = AsOf { known: AT, effective: AT };
    for record in [&records[0], &records[199]] {
        let known = store.certificate_as_of(&record.certificate.id, before).await.unwrap();
        assert_eq!(known.as_ref(), Some(record), "what it was is kept");
    }
    let mut stale = changed(CertificateState::Mismatch, 2);
    stale[150].certificate.version = Version::new(1);
    let lost = batch(stale).await;
    assert!(matches!(lost, Err(StoreError::Taken("certificate"))), "{lost:?}");
    assert_eq!(store.certificates(&super::CertificateFilter::default(), "", 999).await.unwrap(), stored);
}

#[tokio::test]
async fn what_a_roll_lacks_and_what_has_changed_since_its_plan_are_found() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let mut records: Vec<_> = (1..=5).map(|serial| certificate(&format!("c{serial}"), serial)).collect();
    records[3].certificate.standard = id("another");
    records[4].certificate.state = CertificateState::Suspended;
    super::add_batch(&store, import("i1"), records.clone()).await.unwrap();
    let (just, after) = (Timestamp::from_micros(AT.as_micros() - 1), AT);
    let (north, standard) = (id("north"), id("internet-marketer-2021"));
    assert_eq!(store.in_force(&north, &standard, just).await.unwrap(), 3);
    assert_eq!(store.in_force(&north, &standard, after).await.unwrap(), 0);
    assert_eq!(store.in_force(&north, &id("another"), just).await.unwrap(), 1, "of this standard alone");
    let unread = PlanRow { number: String::new(), ..row(4, 9, RollVerdict::Invalid) };
    let rows = [row(2, 1, RollVerdict::Invalid), row(3, 2, RollVerdict::Update), unread];
    stage(&store, "i1", &rows).await.unwrap();
    assert_eq!(store.rows_without_number(&id("i1")).await.unwrap(), 1);
    let missing = async |after, limit| store.missing(&import("i1"), after, limit).await.unwrap();
    assert_eq!(missing("", 9).await, [records[2].clone(), records[4].clone()]);
    assert_eq!(missing("c3", 9).await, records[4..5]);
    let outdated = async |after, through| store.first_outdated(&import("i1"), after, through).await.unwrap();
    assert_eq!(outdated(0, 50_000).await, Some(3), "it is at version 1, and the plan was made on version 7");
    assert_eq!((outdated(3, 50_000).await, outdated(0, 2).await), (None, None));
    stage(&store, "i1", &[row(40_000, 3, RollVerdict::Create), row(9, 6, RollVerdict::Create)])
        .await
        .unwrap();
    assert_eq!(outdated(3, 50_000).await, Some(40_000), "the number is taken");
}

#[tokio::test]
async fn a_note_that_evidence_ran_out_leaves_a_plan_as_it_was_and_another_holder_does_not() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let others = |name, serial, confirmed: Option<Timestamp>| {
        let mut record = certificate(name, serial);
        record.certificate.holder = id("p2");
        record.certificate.verified_at = confirmed;
        record.certificate.state = CertificateState::NotFound;
        record
    };
    let mut lapsed = certificate("c1", 1);
    lapsed.certificate.version = Version::new(7);
    let mut changed = certificate("c2", 2);
    changed.certificate.version = Version::new(8);
    let others = [others("o3", 3, None), others("o4", 4, Some(AT)), others("o5", 5, Some(AT))];
    let records = [lapsed.clone(), changed].into_iter().chain(others).collect();
    super::add_batch(&store, import("i1"), records).await.unwrap();
    lapsed.certificate.lapsed_at = Some(AT);
    store.commit(Change::SaveCertificate(Box::new(lapsed), None), write("lapse")).await.unwrap();
    let rows = [
        row(2, 1, RollVerdict::Update),
        row(3, 2, RollVerdict::Update),
        row(4, 3, RollVerdict::Create),
        row(5, 4, RollVerdict::Create),
        row(MISSING_FROM, 1, RollVerdict::Missing),
        row(MISSING_FROM + 1, 5, RollVerdict::Missing),
    ];
    stage(&store, "i1", &rows).await.unwrap();
    let outdated = async |after, through| store.first_outdated(&import("i1"), after, through).await.unwrap();
    assert_eq!(outdated(0, 2).await, None, "it has lapsed, no more");
    assert_eq!(outdated(0, 3).await, Some(3));
    assert_eq!(outdated(3, 4).await, None, "what somebody else merely claims is nothing to a roll");
    assert_eq!(outdated(3, 5).await, Some(5), "a source has confirmed that the number is somebody else's");
    assert_eq!(outdated(MISSING_FROM - 1, MISSING_FROM).await, None);
    assert_eq!(
        outdated(MISSING_FROM, MISSING_FROM + 1).await,
        Some(MISSING_FROM + 1),
        "the certificate itself is gone"
    );
}

#[tokio::test]
async fn a_batch_does_not_verify_a_number_that_another_certificate_has_been_verified_under() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let mut claimed: Vec<_> = (1..=3).map(|serial| certificate(&format!("c{serial}"), serial)).collect();
    for record in &mut claimed {
        record.certificate.state = CertificateState::Claimed;
    }
    let mut other = certificate("o2", 2);
    other.certificate.holder = id("p2");
    let records = claimed.iter().cloned().chain([other]).collect();
    super::add_batch(&store, import("i1"), records).await.unwrap();
    let known = store.import(&id("i1")).await.unwrap().unwrap();
    for record in &mut claimed {
        record.certificate.state = CertificateState::Verified;
    }
    let batch = RollBatch { import: known, creates: Vec::new(), updates: claimed, rows: Vec::new() };
    let lost = store.commit(Change::ApplyBatch(Box::new(batch)), write("batch")).await;
    assert!(matches!(lost, Err(StoreError::Taken("certificate"))), "{lost:?}");
    let unchanged = store.certificate(&id("c1")).await.unwrap().unwrap();
    assert_eq!(unchanged.certificate.state, CertificateState::Claimed);
}
