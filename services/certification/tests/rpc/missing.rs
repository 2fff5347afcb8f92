//! Certificates on record that a complete roll does not hold.

use crate::rolls::{HEADING, good_row, roll};
use crate::world::{World, header_of, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{CertificateState, RollImportState, RollRowVerdict};
use std::time::Duration;

/// A world in which the first `rows` certificates are known.
pub async fn with(rows: usize) -> World {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(rows).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    world
}

async fn allow(
    world: &World,
    import: &wire::RollImport,
    allow_withdrawals_up_to: i32,
) -> Result<wire::RollImport, tonic::Status> {
    let request = wire::ApplyRollImportRequest {
        name: import.name.clone(),
        digest: import.digest.clone(),
        allow_withdrawals_up_to,
        ..wire::ApplyRollImportRequest::default()
    };
    let answer = world.rolls("north", Role::Issuer).apply_roll_import(request).await?;
    Ok(answer.into_inner().roll_import.unwrap())
}

async fn states(world: &World) -> Vec<CertificateState> {
    let mut all = world.all_certificates("north").await;
    all.sort_by(|left, right| left.number.cmp(&right.number));
    all.iter().map(wire::Certificate::state).collect()
}

#[tokio::test]
async fn what_a_complete_roll_lacks_is_told_counted_apart_and_withdrawn() {
    let world = with(40).await;
    let import = world.plan_complete("north", roll(38).as_bytes()).await.unwrap();
    let totals = import.totals.unwrap();
    assert_eq!((totals.unchanged_count, totals.missing_count, import.row_count), (38, 2, 38));
    assert_eq!((import.in_force_count, import.withdrawal_count), (40, 2));
    let rows = world.rows("north", &import).await;
    let missing: Vec<_> = rows.iter().filter(|row| row.verdict() == RollRowVerdict::Missing).collect();
    assert_eq!(missing.len(), 2);
    assert!(missing.iter().all(|row| row.row == 0 && row.findings.is_empty()));
    let mut numbers: Vec<&str> = missing.iter().map(|row| row.certificate_number.as_str()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["S000033000000243000039", "S000033000000243000040"]);
    let applied = world.apply("north", &import).await.unwrap().roll_import.unwrap();
    assert_eq!((applied.state(), applied.applied_count), (RollImportState::Applied, 2));
    let known = states(&world).await;
    assert!(known[..38].iter().all(|state| *state == CertificateState::Verified));
    assert_eq!(known[38..], [CertificateState::NotFound; 2], "not found, never revoked");
    let all = world.all_certificates("north").await;
    assert_eq!(all.iter().filter(|it| it.retry_time.is_some()).count(), 2, "and asked about again");
    world.end_clean().await;
}

#[tokio::test]
async fn the_same_complete_roll_again_changes_nothing_and_one_that_has_them_brings_them_back() {
    let world = with(40).await;
    let import = world.plan_complete("north", roll(39).as_bytes()).await.unwrap();
    world.apply("north", &import).await.unwrap();
    let before = world.all_certificates("north").await;
    let again = world.plan_complete("north", roll(39).as_bytes()).await.unwrap();
    assert_eq!((again.totals.unwrap().missing_count, again.withdrawal_count), (1, 0));
    let rows = world.rows("north", &again).await;
    assert_eq!(rows.last().unwrap().findings[0].code, "MISSING_KNOWN");
    world.apply("north", &again).await.unwrap();
    assert_eq!(world.all_certificates("north").await, before);
    let whole = world.plan_complete("north", roll(40).as_bytes()).await.unwrap();
    assert_eq!((whole.totals.unwrap().update_count, whole.totals.unwrap().missing_count), (1, 0));
    world.apply("north", &whole).await.unwrap();
    assert!(states(&world).await.iter().all(|state| *state == CertificateState::Verified));
    world.end_clean().await;
}

#[tokio::test]
async fn a_partial_roll_says_nothing_of_what_it_lacks() {
    let world = with(3).await;
    let import = world.plan("north", roll(1).as_bytes(), "").await.unwrap();
    assert_eq!((import.coverage(), import.totals.unwrap().missing_count), (wire::RollCoverage::Partial, 0));
}

#[tokio::test]
async fn a_wrong_row_still_says_that_its_certificate_is_there() {
    let world = with(3).await;
    let file =
        [HEADING.to_owned(), good_row(1), good_row(2), good_row(3).replace("三级/高级工", "二级")].concat();
    let import = world.plan_complete("north", file.as_bytes()).await.unwrap();
    let totals = import.totals.unwrap();
    assert_eq!((totals.invalid_count, totals.missing_count), (1, 0));
}

#[tokio::test]
async fn where_a_number_cannot_be_read_nothing_is_known_to_be_missing() {
    let world = with(3).await;
    let file = [HEADING.to_owned(), good_row(1), good_row(2), good_row(3).replace("S0000", "S00?0")].concat();
    let import = world.plan_complete("north", file.as_bytes()).await.unwrap();
    assert_eq!((import.totals.unwrap().missing_count, import.withdrawal_count), (1, 0));
    assert_eq!(world.rows("north", &import).await.last().unwrap().findings[0].code, "MISSING_UNCERTAIN");
    world.apply("north", &import).await.unwrap();
    assert!(states(&world).await.iter().all(|state| *state == CertificateState::Verified));
}

#[tokio::test]
async fn a_roll_that_lacks_too_much_stops_until_somebody_says_how_much() {
    let world = with(40).await;
    let import = world.plan_complete("north", roll(37).as_bytes()).await.unwrap();
    assert_eq!(import.withdrawal_count, 3);
    for allowed in [0, 2] {
        let refused = allow(&world, &import, allowed).await.unwrap_err();
        assert_eq!(reason(&refused), "ROLL_WITHDRAWAL_TOO_LARGE");
    }
    assert_eq!(world.get("north", &import.name).await.state(), RollImportState::Planned);
    assert!(states(&world).await.iter().all(|state| *state == CertificateState::Verified));
    let applied = allow(&world, &import, 3).await.unwrap();
    assert_eq!((applied.state(), applied.applied_count), (RollImportState::Applied, 3));
    world.end_clean().await;
}

#[tokio::test]
async fn a_withdrawal_overtaken_by_a_change_is_an_outdated_plan() {
    let world = with(40).await;
    let import = world.plan_complete("north", roll(39).as_bytes()).await.unwrap();
    world.clock.advance(Duration::from_hours(24));
    let other = world.plan_complete("north", roll(39).as_bytes()).await.unwrap();
    world.apply("north", &other).await.unwrap();
    assert_eq!(reason(&world.apply("north", &import).await.unwrap_err()), "ROLL_PLAN_OUTDATED");
    world.end_clean().await;
}

#[tokio::test]
async fn where_a_second_person_is_asked_for_no_plan_is_applied_before() {
    let world = World::start_as(&[], |config| config.roll_second_approver = true).await;
    world.accredit("north").await;
    let planner = world.rolls_of("north", "north-client", "mina");
    let import = world.plan_as(planner, header_of("north"), roll(2).as_bytes()).await.unwrap();
    assert_eq!(import.planner, "clients/north-client");
    assert_eq!(reason(&world.apply("north", &import).await.unwrap_err()), "ROLL_APPROVAL_MISSING");
    let approve = async |client: &str, person: &str, digest: &str| {
        let request = wire::ApproveRollImportRequest {
            name: import.name.clone(),
            digest: digest.to_owned(),
            ..wire::ApproveRollImportRequest::default()
        };
        let answer = world.rolls_of("north", client, person).approve_roll_import(request).await?;
        Ok::<_, tonic::Status>(answer.into_inner().roll_import.unwrap())
    };
    for (client, person) in
        [("north-client", "mina"), ("second", "mina"), ("north-client", "tao"), ("machine", "")]
    {
        let refused = approve(client, person, &import.digest).await.unwrap_err();
        assert_eq!(reason(&refused), "ROLL_APPROVER_REFUSED", "{client} for {person}");
    }
    let other = approve("second", "tao", &"0".repeat(64)).await.unwrap_err();
    assert_eq!(reason(&other), "ROLL_DIGEST_MISMATCH");
    let approved = approve("second", "tao", &import.digest).await.unwrap();
    assert_eq!((approved.approver.as_str(), approved.state()), ("clients/second", RollImportState::Planned));
    assert_eq!(approve("third", "lin", &import.digest).await.unwrap(), approved, "once is enough");
    let applied = world.apply("north", &approved).await.unwrap().roll_import.unwrap();
    assert_eq!(applied.state(), RollImportState::Applied);
    assert_eq!(reason(&approve("third", "lin", &import.digest).await.unwrap_err()), "ROLL_NOT_PLANNED");
    world.end_clean().await;
}
