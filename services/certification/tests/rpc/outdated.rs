//! Plans that wait, grow old, or are overtaken; and evidence that is renewed in time.

use crate::rolls::roll;
use crate::world::{World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_certification_store_postgres::Store as Postgres;
use greenroom_certification_store_sqlite::Store as Sqlite;
use greenroom_domain::certification::port::{Change, RollImport, RollImportState as State, Store};
use greenroom_domain::kernel::{RollImportId, Timestamp};
use greenroom_domain::ledger::Write;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::RollImportState;
use greenroom_rpc::clock::Clock as _;
use std::time::Duration;
use tonic::Code;

const DAY: Duration = Duration::from_hours(24);

/// A world in which the first `rows` certificates are known.
async fn with(rows: usize) -> World {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(rows).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    world
}

async fn read(world: &World, import: &wire::RollImport) -> wire::RollImport {
    let request = wire::GetRollImportRequest { name: import.name.clone() };
    let answer = world.rolls("north", Role::Issuer).get_roll_import(request).await.unwrap();
    answer.into_inner().roll_import.unwrap()
}

/// Applies without storing anything.
async fn check(world: &World, import: &wire::RollImport) -> Result<wire::RollImport, tonic::Status> {
    let request = wire::ApplyRollImportRequest {
        name: import.name.clone(),
        digest: import.digest.clone(),
        validate_only: true,
        ..wire::ApplyRollImportRequest::default()
    };
    let answer = world.rolls("north", Role::Issuer).apply_roll_import(request).await?;
    Ok(answer.into_inner().roll_import.unwrap())
}

/// Revokes the certificate in the last row of a roll.
async fn revoke_last(world: &World, rows: usize) {
    let number = format!("S000033000000243{rows:06}");
    let known = world.all_certificates("north").await;
    let last = known.into_iter().find(|certificate| certificate.number == number).unwrap();
    let request = wire::RevokeCertificateRequest {
        name: last.name,
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

fn seconds(time: Option<prost_types::Timestamp>) -> i64 {
    time.unwrap().seconds
}

fn outdated(refused: &tonic::Status) {
    assert_eq!((refused.code(), reason(refused).as_str()), (Code::FailedPrecondition, "ROLL_PLAN_OUTDATED"));
}

#[tokio::test]
async fn a_plan_applied_later_is_no_younger_evidence() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(2).as_bytes(), "").await.unwrap();
    world.clock.advance(DAY * 6);
    world.apply("north", &import).await.unwrap();
    let until = seconds(import.create_time) + 180 * 86_400;
    for certificate in world.all_certificates("north").await {
        assert_eq!(seconds(certificate.evidence_until_time), until);
    }
    world.clock.advance(DAY * 100);
    let renewal = world.plan("north", roll(2).as_bytes(), "").await.unwrap();
    world.clock.advance(DAY * 3);
    world.apply("north", &renewal).await.unwrap();
    let until = seconds(renewal.create_time) + 180 * 86_400;
    assert_eq!(seconds(world.all_certificates("north").await.remove(0).evidence_until_time), until);
}

#[tokio::test]
async fn a_plan_that_is_too_old_is_refused_for_good() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(2).as_bytes(), "").await.unwrap();
    world.clock.advance(DAY * 7);
    outdated(&check(&world, &import).await.unwrap_err());
    assert_eq!(read(&world, &import).await.state(), RollImportState::Planned, "a check stores nothing");
    outdated(&world.apply("north", &import).await.unwrap_err());
    assert_eq!(read(&world, &import).await.state(), RollImportState::Outdated);
    outdated(&world.apply("north", &import).await.unwrap_err());
    assert!(world.all_certificates("north").await.is_empty());
}

#[tokio::test]
async fn evidence_is_renewed_in_the_second_half_of_its_term() {
    for (day, updates) in [(80, 0), (100, 3), (170, 3), (181, 3)] {
        let world = with(3).await;
        world.clock.advance(DAY * day);
        let totals = world.plan("north", roll(3).as_bytes(), "").await.unwrap().totals.unwrap();
        assert_eq!((totals.update_count, totals.unchanged_count), (updates, 3 - updates), "day {day}");
    }
}

#[tokio::test]
async fn a_plan_that_was_overtaken_is_refused_with_the_row_also_by_a_check() {
    let world = World::start().await;
    world.accredit("north").await;
    let early = world.plan("north", roll(2).as_bytes(), "").await.unwrap();
    let late = world.plan("north", roll(2).as_bytes(), "").await.unwrap();
    assert_eq!(check(&world, &late).await.unwrap().state(), RollImportState::Planned);
    assert!(world.all_certificates("north").await.is_empty());
    world.apply("north", &late).await.unwrap();
    for refused in [check(&world, &early).await.unwrap_err(), world.apply("north", &early).await.unwrap_err()]
    {
        outdated(&refused);
        assert!(refused.message().contains("row 2"), "{}", refused.message());
    }
}

#[tokio::test]
async fn a_plan_with_one_row_overtaken_changes_nothing_at_all() {
    let world = with(1200).await;
    world.clock.advance(DAY * 100);
    let renewal = world.plan("north", roll(1200).as_bytes(), "").await.unwrap();
    assert_eq!(renewal.totals.unwrap().update_count, 1200);
    revoke_last(&world, 1200).await;
    let before = world.all_certificates("north").await;
    let refused = world.apply("north", &renewal).await.unwrap_err();
    outdated(&refused);
    assert!(refused.message().contains("row 1201"), "{}", refused.message());
    assert_eq!(world.all_certificates("north").await, before);
    let ended = read(&world, &renewal).await;
    assert_eq!((ended.state(), ended.applied_count), (RollImportState::Outdated, 0));
    let (config, _folder) = world.stop().await;
    assert!(greenroom_certification::verify(&config).await.unwrap().is_clean());
}

async fn leave(world: &World, renewal: &wire::RollImport, store: impl Store) {
    let kept = store.import(&RollImportId::parse_name(&renewal.name).unwrap()).await.unwrap().unwrap();
    let begun = RollImport { state: State::Applying, applied_count: 2, applied_through: 3, ..kept };
    let write = Write::by_service("test", Vec::new(), Timestamp::from_micros(world.clock.now().as_micros()));
    store.commit(Change::SaveImport(begun), write).await.unwrap();
}

#[tokio::test]
async fn a_plan_overtaken_while_it_is_applied_ends_outdated_and_not_in_between() {
    let world = with(3).await;
    world.clock.advance(DAY * 100);
    let renewal = world.plan("north", roll(3).as_bytes(), "").await.unwrap();
    // As a call leaves it that was cut off before the last row.
    match &world.config.database_url {
        file if file.starts_with("sqlite:") => {
            leave(&world, &renewal, Sqlite::open(file).await.unwrap()).await;
        }
        server => leave(&world, &renewal, Postgres::open(server).await.unwrap()).await,
    }
    revoke_last(&world, 3).await;
    outdated(&world.apply("north", &renewal).await.unwrap_err());
    let ended = read(&world, &renewal).await;
    assert_eq!((ended.state(), ended.applied_count), (RollImportState::Outdated, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_renewals_of_the_same_plan_at_the_same_time_do_the_work_once() {
    let world = with(3000).await;
    world.clock.advance(DAY * 100);
    let renewal = world.plan("north", roll(3000).as_bytes(), "").await.unwrap();
    assert_eq!(renewal.totals.unwrap().update_count, 3000);
    let request = wire::ApplyRollImportRequest {
        name: renewal.name.clone(),
        digest: renewal.digest.clone(),
        ..wire::ApplyRollImportRequest::default()
    };
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (mut rolls, request) = (world.rolls("north", Role::Issuer), request.clone());
        calls.spawn(async move { rolls.apply_roll_import(request).await });
    }
    for applied in calls.join_all().await {
        let import = applied.unwrap().into_inner().roll_import.unwrap();
        assert_eq!((import.state(), import.applied_count), (RollImportState::Applied, 3000));
    }
    let (config, _folder) = world.stop().await;
    assert!(greenroom_certification::verify(&config).await.unwrap().is_clean());
}
