//! A whole roll is rolled back.

use crate::certificates::lapsed;
use crate::measures::{reinstatement, suspension};
use crate::missing::with;
use crate::rolls::{HEADING, good_row, roll};
use crate::world::{World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{CertificateState, RollImportState};
use std::time::Duration;

/// A certificate without what every write changes.
fn content(certificate: wire::Certificate) -> wire::Certificate {
    wire::Certificate { etag: String::new(), update_time: None, ..certificate }
}

async fn contents(world: &World) -> Vec<wire::Certificate> {
    world.all_certificates("north").await.into_iter().map(content).collect()
}

/// Plans and applies the first 38 rows of forty, one of them at another level, and a new one.
async fn changed(world: &World) -> wire::RollImport {
    world.clock.advance(Duration::from_hours(24 * 100));
    let other = good_row(1).replace("直播销售员", "选品员");
    let rows: String = (2..=38).map(good_row).collect();
    let file = [HEADING.to_owned(), other, rows, good_row(41)].concat();
    let import = world.plan_complete("north", file.as_bytes()).await.unwrap();
    let totals = import.totals.unwrap();
    assert_eq!((totals.create_count, totals.update_count, totals.missing_count), (1, 38, 2));
    world.apply("north", &import).await.unwrap().roll_import.unwrap()
}

async fn revoke(world: &World, number: &str) {
    let all = world.all_certificates("north").await;
    let name = all.into_iter().find(|certificate| certificate.number.ends_with(number)).unwrap().name;
    let request = wire::RevokeCertificateRequest {
        name,
        revocation: Some(wire::Revocation {
            reason: wire::RevocationReason::Cheating.into(),
            explanation: "the theory exam was sat by another person".to_owned(),
            legal_basis: "rules of assessment, article 9".to_owned(),
            ..wire::Revocation::default()
        }),
        ..wire::RevokeCertificateRequest::default()
    };
    world.certificates("north", Role::Issuer).revoke_certificate(request).await.unwrap();
}

#[tokio::test]
async fn every_certificate_is_again_what_it_was_and_what_was_created_is_a_claim() {
    let world = with(40).await;
    let before = contents(&world).await;
    let import = changed(&world).await;
    assert_ne!(contents(&world).await, before);
    let back = world.roll_back("north", &import).await.unwrap();
    assert_eq!((back.state(), back.rolled_back_count, back.kept_count), (RollImportState::RolledBack, 41, 0));
    let (created, after): (Vec<_>, Vec<_>) =
        contents(&world).await.into_iter().partition(|it| it.number.ends_with("000041"));
    assert_eq!(after, before);
    assert_eq!((created[0].state(), created[0].evidence_until_time), (CertificateState::Claimed, None));
    assert_eq!(world.roll_back("north", &import).await.unwrap(), back, "twice changes nothing");
    assert_eq!(reason(&world.apply("north", &import).await.unwrap_err()), "ROLL_ROLLED_BACK");
    world.end_clean().await;
}

#[tokio::test]
async fn the_same_roll_can_be_imported_again_after_it_was_rolled_back() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(3).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    world.roll_back("north", &import).await.unwrap();
    let again = world.plan("north", roll(3).as_bytes(), "").await.unwrap();
    assert_eq!(again.totals.unwrap().update_count, 3);
    let rows = world.rows("north", &again).await;
    let finding = &rows[0].findings[0];
    assert_eq!((finding.code.as_str(), finding.before.as_str()), ("EVIDENCE_RENEWED", "CLAIMED"));
    world.apply("north", &again).await.unwrap();
    let all = world.all_certificates("north").await;
    assert!(all.iter().all(|it| it.state() == CertificateState::Verified));
    world.end_clean().await;
}

#[tokio::test]
async fn a_certificate_changed_since_keeps_what_it_has_and_is_listed() {
    let world = with(40).await;
    let import = changed(&world).await;
    revoke(&world, "000005").await;
    let request = wire::RollBackRollImportRequest {
        name: import.name.clone(),
        validate_only: true,
        ..wire::RollBackRollImportRequest::default()
    };
    let checked = world.rolls("north", Role::Issuer).roll_back_roll_import(request).await.unwrap();
    let checked = checked.into_inner().roll_import.unwrap();
    assert_eq!((checked.rolled_back_count, checked.kept_count), (40, 1));
    assert_eq!(world.get("north", &import.name).await, import, "a check stores nothing");
    let back = world.roll_back("north", &import).await.unwrap();
    assert_eq!((back.rolled_back_count, back.kept_count), (40, 1));
    let all = world.all_certificates("north").await;
    let kept = all.iter().find(|it| it.number.ends_with("000005")).unwrap();
    assert_eq!(kept.state(), CertificateState::Revoked);
    let request = wire::ListRollImportRowsRequest {
        roll_import: import.name.clone(),
        finding: "CHANGED_SINCE_IMPORT".to_owned(),
        ..wire::ListRollImportRowsRequest::default()
    };
    let listed = world.rolls("north", Role::Issuer).list_roll_import_rows(request).await.unwrap();
    let listed = listed.into_inner().rows;
    assert_eq!(listed.iter().map(|row| row.row).collect::<Vec<_>>(), [6]);
    world.end_clean().await;
}

#[tokio::test]
async fn what_was_never_applied_cannot_be_rolled_back() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(3).as_bytes(), "").await.unwrap();
    assert_eq!(reason(&world.roll_back("north", &import).await.unwrap_err()), "ROLL_NOT_APPLIED");
}

#[tokio::test]
async fn two_roll_backs_and_an_application_at_the_same_time_come_to_one_end() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(3000).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    let (left, right) = tokio::join!(world.roll_back("north", &import), world.roll_back("north", &import));
    for back in [left.unwrap(), right.unwrap()] {
        assert_eq!((back.state(), back.rolled_back_count), (RollImportState::RolledBack, 3000));
    }
    let all = world.all_certificates("north").await;
    assert!(all.len() == 3000 && all.iter().all(|it| it.state() == CertificateState::Claimed));
    world.end_clean().await;
}

#[tokio::test]
async fn an_update_tells_what_it_changes_from_what_to_what() {
    let world = with(2).await;
    let other = good_row(1).replace("直播销售员", "选品员").replace("2024-05-06", "2024-05-07");
    let import = world.plan("north", (HEADING.to_owned() + &other).as_bytes(), "").await.unwrap();
    let findings = &world.rows("north", &import).await[0].findings;
    let told: Vec<_> =
        findings.iter().map(|it| (it.code.as_str(), it.before.as_str(), it.after.as_str())).collect();
    assert_eq!(told[1], ("ISSUE_DATE_CHANGED", "2024-05-06", "2024-05-07"));
    assert_eq!((told[0].0, told.len()), ("JOB_TYPE_CHANGED", 2));
    assert_ne!(told[0].1, told[0].2);
}

#[tokio::test]
async fn evidence_that_runs_out_before_or_after_a_plan_is_applied_is_no_change() {
    const DAY: Duration = Duration::from_hours(24);
    let world = with(3).await;
    world.clock.advance(DAY * 178);
    let import = world.plan("north", roll(2).as_bytes(), "").await.unwrap();
    let complete = world.plan_complete("north", roll(2).as_bytes()).await.unwrap();
    assert_eq!((import.totals.unwrap().update_count, complete.totals.unwrap().missing_count), (2, 1));
    world.clock.advance(DAY * 3);
    for certificate in world.all_certificates("north").await {
        lapsed(&world, &certificate).await;
    }
    let before = contents(&world).await;
    let applied = world.apply("north", &import).await.unwrap().roll_import.unwrap();
    assert_eq!((applied.state(), applied.applied_count), (RollImportState::Applied, 2));
    let renewed = world.all_certificates("north").await;
    assert_eq!(renewed.iter().filter(|it| it.evidence_lapsed_time.is_none()).count(), 2);
    world.clock.advance(DAY * 180);
    for certificate in &renewed {
        lapsed(&world, certificate).await;
    }
    let back = world.roll_back("north", &import).await.unwrap();
    assert_eq!((back.rolled_back_count, back.kept_count), (2, 0));
    assert_eq!(contents(&world).await, before);
    world.end_clean().await;
}

#[tokio::test]
async fn what_people_decided_outlives_a_roll_and_what_lies_beneath_is_rolled_back_with_it() {
    let world = with(40).await;
    let of = |all: Vec<wire::Certificate>| all.into_iter().find(|it| it.number.ends_with("000040")).unwrap();
    let held = of(world.all_certificates("north").await);
    let north = || world.certificates("north", Role::Issuer);
    north().suspend_certificate(suspension(&held)).await.unwrap();
    let before = contents(&world).await;
    world.clock.advance(Duration::from_hours(24));
    let import = world.plan_complete("north", roll(39).as_bytes()).await.unwrap();
    assert_eq!((import.totals.unwrap().missing_count, import.withdrawal_count), (1, 0));
    world.apply("north", &import).await.unwrap();
    assert_eq!(of(contents(&world).await).state(), CertificateState::Suspended);
    let again = world.plan_complete("north", roll(39).as_bytes()).await.unwrap();
    assert_eq!(world.rows("north", &again).await.last().unwrap().findings[0].code, "MISSING_KNOWN");
    let back = world.roll_back("north", &import).await.unwrap();
    assert_eq!((back.rolled_back_count, back.kept_count), (1, 0));
    assert_eq!(contents(&world).await, before);
    let free = north().reinstate_certificate(reinstatement(&held)).await.unwrap().into_inner();
    assert_eq!(free.certificate.unwrap().state(), CertificateState::Verified);
    world.end_clean().await;
}
