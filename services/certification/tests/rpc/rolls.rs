use crate::world::{World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{RollImportState, RollRowVerdict};
use std::collections::BTreeMap;
use tonic::Code;

pub const HEADING: &str = "姓名,证件类型,证件号码,工种,职业技能等级,证书编号,发证日期\n";

/// One good row: a person per number, holding a live salesperson's level 3.
pub fn good_row(number: usize) -> String {
    format!(
        "测试·{number:06},护照,X{number:07},直播销售员,三级/高级工,S000033000000243{number:06},2024-05-06\n"
    )
}

pub fn roll(rows: usize) -> String {
    (1..=rows).map(good_row).fold(HEADING.to_owned(), |file, row| file + &row)
}

fn codes(row: &wire::RollImportRow) -> Vec<&str> {
    row.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[tokio::test]
async fn a_roll_is_planned_looked_at_and_applied() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(3).as_bytes(), "").await.unwrap();
    assert_eq!(import.state(), RollImportState::Planned);
    assert_eq!(import.totals.unwrap().create_count, 3);
    assert!(world.all_certificates("north").await.is_empty(), "a plan changes no certificate");
    let applied = world.apply("north", &import).await.unwrap();
    let applied_import = applied.roll_import.unwrap();
    assert_eq!((applied_import.state(), applied_import.applied_count), (RollImportState::Applied, 3));
    assert!(!applied.revision.is_empty());
    let certificates = world.all_certificates("north").await;
    assert_eq!(certificates.len(), 3);
    assert!(certificates.iter().all(|it| it.state() == wire::CertificateState::Verified));
    assert!(
        certificates.iter().all(|it| it.evidence_until_time.is_some() && it.level() == wire::Level::Level3)
    );
}

#[tokio::test]
async fn applying_twice_changes_nothing() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(1200).as_bytes(), "").await.unwrap();
    let first = world.apply("north", &import).await.unwrap();
    let certificates = world.all_certificates("north").await;
    let second = world.apply("north", &import).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(world.all_certificates("north").await, certificates);
}

#[tokio::test]
async fn the_same_roll_again_is_unchanged_and_after_half_a_year_renews_the_evidence() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(5).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    let again = world.plan("north", roll(5).as_bytes(), "").await.unwrap();
    assert_eq!(again.totals.unwrap().unchanged_count, 5);
    world.clock.advance(std::time::Duration::from_hours(24 * 181));
    let later = world.plan("north", roll(5).as_bytes(), "").await.unwrap();
    assert_eq!(later.totals.unwrap().update_count, 5);
    assert_eq!(codes(&world.rows("north", &later).await[0]), ["EVIDENCE_RENEWED"]);
    world.apply("north", &later).await.unwrap();
    let renewed = world.plan("north", roll(5).as_bytes(), "").await.unwrap();
    assert_eq!(renewed.totals.unwrap().unchanged_count, 5);
}

#[tokio::test]
async fn a_digest_of_another_plan_is_refused() {
    let world = World::start().await;
    world.accredit("north").await;
    let mut import = world.plan("north", roll(1).as_bytes(), "").await.unwrap();
    import.digest = "0".repeat(64);
    assert_eq!(reason(&world.apply("north", &import).await.unwrap_err()), "ROLL_DIGEST_MISMATCH");
}

#[tokio::test]
async fn the_same_request_gives_the_same_plan_and_another_file_is_refused() {
    let world = World::start().await;
    world.accredit("north").await;
    let id = "5b1f0d4e-6c1c-4b1f-8f0a-2f6a1f9f7c11";
    let first = world.plan("north", roll(3).as_bytes(), id).await.unwrap();
    assert_eq!(world.plan("north", roll(3).as_bytes(), id).await.unwrap(), first);
    assert_eq!(reason(&world.plan("north", roll(4).as_bytes(), id).await.unwrap_err()), "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn one_roll_planned_and_applied_by_many_at_the_same_time_comes_to_one_end() {
    let world = World::start().await;
    world.accredit("north").await;
    let (file, id) = (roll(2500), "5b1f0d4e-6c1c-4b1f-8f0a-2f6a1f9f7c12");
    let plans = (0..4).map(|_| world.plan("north", file.as_bytes(), id));
    let plans: Vec<_> = futures::future::join_all(plans).await.into_iter().map(Result::unwrap).collect();
    assert!(plans.iter().all(|plan| *plan == plans[0]), "one of them stands, and all are told it");
    let applied = futures::future::join_all((0..4).map(|_| world.apply("north", &plans[0]))).await;
    let imports: Vec<_> = applied.into_iter().map(|it| it.unwrap().roll_import.unwrap()).collect();
    assert!(imports.iter().all(|import| *import == imports[0]));
    assert_eq!((imports[0].state(), imports[0].applied_count), (RollImportState::Applied, 2500));
    assert_eq!((world.all_certificates("north").await.len(), world.identity.persons()), (2500, 2500));
    world.end_clean().await;
}

#[tokio::test]
async fn a_request_id_that_is_spent_carries_nothing_out_and_rolls_nothing_back() {
    let world = World::start().await;
    world.accredit("north").await;
    let first = world.plan("north", roll(1).as_bytes(), "").await.unwrap();
    let second = world.plan("north", (HEADING.to_owned() + &good_row(2)).as_bytes(), "").await.unwrap();
    let request_id = "5b1f0d4e-6c1c-4b1f-8f0a-2f6a1f9f7c13".to_owned();
    let application = |import: &wire::RollImport| wire::ApplyRollImportRequest {
        name: import.name.clone(),
        digest: import.digest.clone(),
        request_id: request_id.clone(),
        ..Default::default()
    };
    let rolls = || world.rolls("north", Role::Issuer);
    let applied = rolls().apply_roll_import(application(&first)).await.unwrap().into_inner();
    let refused = rolls().apply_roll_import(application(&second)).await.unwrap_err();
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
    assert_eq!(world.get("north", &second.name).await, second, "nothing was carried out");
    let back = |name: &str| wire::RollBackRollImportRequest {
        name: name.to_owned(),
        request_id: request_id.clone(),
        ..Default::default()
    };
    let refused = rolls().roll_back_roll_import(back(&first.name)).await.unwrap_err();
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
    assert_eq!(world.get("north", &first.name).await.state(), RollImportState::Applied);
    world.roll_back("north", &first).await.unwrap();
    let again = rolls().apply_roll_import(application(&first)).await.unwrap().into_inner();
    assert_eq!(again, applied, "what was answered stays answered, whatever came behind it");
}

#[tokio::test]
async fn an_import_of_another_issuer_is_not_there() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(1).as_bytes(), "").await.unwrap();
    let request = wire::GetRollImportRequest { name: import.name.clone() };
    let hidden = world.rolls("south", Role::Issuer).get_roll_import(request.clone()).await.unwrap_err();
    assert_eq!((hidden.code(), reason(&hidden).as_str()), (Code::NotFound, "ROLL_IMPORT_NOT_FOUND"));
    assert!(world.rolls("suite", Role::SuiteOperator).get_roll_import(request).await.is_ok());
    assert_eq!(reason(&world.plan("south", b"x", "").await.unwrap_err()), "ISSUER_NOT_FOUND");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_as_a_whole_is_refused_by_name() {
    let world = World::start().await;
    world.accredit("north").await;
    for file in ["", "姓名,工种\nx,y\n"] {
        let refused = world.plan("north", file.as_bytes(), "").await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "ROLL_UNREADABLE"));
    }
}

#[tokio::test]
async fn what_is_no_request_id_is_told_before_the_file_is_read() {
    let world = World::start().await;
    world.accredit("north").await;
    let refused = world.plan("north", b"no roll at all", "no uuid").await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID");
}

#[tokio::test]
async fn one_number_of_two_persons_is_carried_out_for_neither() {
    let world = World::start().await;
    world.accredit("north").await;
    let other = good_row(1).replace("X0000001", "X0000099").replace("000001,护照", "000099,护照");
    let file = [HEADING.to_owned(), good_row(1), good_row(2), other, good_row(2)].concat();
    let import = world.plan("north", file.as_bytes(), "").await.unwrap();
    let rows = world.rows("north", &import).await;
    let told: BTreeMap<i32, (RollRowVerdict, Vec<&str>)> =
        rows.iter().map(|row| (row.row, (row.verdict(), codes(row)))).collect();
    assert_eq!(told[&2], (RollRowVerdict::Ambiguous, vec!["NUMBER_TWO_PERSONS"]));
    assert_eq!(told[&3], (RollRowVerdict::Create, vec![]));
    assert_eq!(told[&4], (RollRowVerdict::Ambiguous, vec!["NUMBER_TWO_PERSONS"]));
    assert_eq!(told[&5], (RollRowVerdict::Invalid, vec!["NUMBER_DUPLICATE"]));
    let totals = import.totals.unwrap();
    assert_eq!((totals.create_count, totals.ambiguous_count, totals.invalid_count), (1, 2, 1));
    assert_eq!(import.row_count, 4);
}

#[tokio::test]
async fn a_number_in_thousands_of_rows_is_created_once() {
    let world = World::start().await;
    world.accredit("north").await;
    let file = HEADING.to_owned() + &good_row(1).repeat(2500) + &good_row(2);
    let import = world.plan("north", file.as_bytes(), "").await.unwrap();
    let totals = import.totals.unwrap();
    assert_eq!((totals.create_count, totals.invalid_count, import.row_count), (2, 2499, 2501));
}

#[tokio::test]
async fn a_quote_left_open_is_refused_with_its_row_and_plans_nothing() {
    let world = World::start().await;
    world.accredit("north").await;
    let stray = good_row(2).replacen("测试", "\"测试", 1);
    for rest in [good_row(3), good_row(3).replacen("000003,", "000003\",", 1), String::new()] {
        let file = [HEADING.to_owned(), good_row(1), stray.clone(), rest].concat();
        let refused = world.plan("north", file.as_bytes(), "").await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "ROLL_UNREADABLE"));
        let details = tonic_types::StatusExt::get_error_details(&refused);
        let metadata = &details.error_info().unwrap().metadata;
        assert_eq!((metadata["fault"].as_str(), metadata["row"].as_str()), ("quote_open", "3"));
        assert_eq!(world.identity.persons(), 0);
    }
}

#[tokio::test]
async fn nobody_is_registered_for_a_row_that_is_wrong_anyway() {
    let world = World::start().await;
    world.accredit("north").await;
    let file = HEADING.to_owned() + &good_row(1).replace("三级/高级工", "二级") + &good_row(2);
    let import = world.plan("north", file.as_bytes(), "").await.unwrap();
    assert_eq!(codes(&world.rows("north", &import).await[0]), ["LEVEL_CONFLICT"]);
    assert_eq!(world.identity.persons(), 1);
}

#[tokio::test]
async fn a_row_about_somebody_whose_record_is_closed_says_why_it_is_not_carried_out() {
    let world = World::start().await;
    world.accredit("north").await;
    world.identity.closed.lock().unwrap().insert("X0000001".to_owned());
    let import = world.plan("north", roll(2).as_bytes(), "").await.unwrap();
    let rows = world.rows("north", &import).await;
    assert_eq!((rows[0].verdict(), codes(&rows[0])), (RollRowVerdict::Invalid, vec!["PERSON_REFUSED"]));
    assert_eq!((rows[1].verdict(), codes(&rows[1])), (RollRowVerdict::Create, vec![]));
}

#[tokio::test]
async fn a_call_cut_off_between_batches_is_continued_and_comes_to_the_same_end() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(5000).as_bytes(), "").await.unwrap();
    for cut_at in [1, 1000, 2500] {
        let mut rolls = world.rolls("north", Role::Issuer);
        let request = wire::ApplyRollImportRequest {
            name: import.name.clone(),
            digest: import.digest.clone(),
            ..wire::ApplyRollImportRequest::default()
        };
        let call = tokio::spawn(async move { rolls.apply_roll_import(request).await });
        greenroom_testkit::eventually("rows are applied", async || {
            let request = wire::GetRollImportRequest { name: import.name.clone() };
            let answer =
                world.rolls("north", Role::Issuer).get_roll_import(request).await.unwrap().into_inner();
            (answer.roll_import.unwrap().applied_count >= cut_at).then_some(())
        })
        .await;
        call.abort();
    }
    let done = world.apply("north", &import).await.unwrap().roll_import.unwrap();
    assert_eq!((done.state(), done.applied_count), (RollImportState::Applied, 5000));
    assert_eq!(world.all_certificates("north").await.len(), 5000);
    let (config, _folder) = world.stop().await;
    let report = greenroom_certification::verify(&config).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn two_calls_at_the_same_time_do_the_work_once() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(2000).as_bytes(), "").await.unwrap();
    let (left, right) = tokio::join!(world.apply("north", &import), world.apply("north", &import));
    assert_eq!(left.unwrap().roll_import.unwrap().applied_count, 2000);
    assert_eq!(right.unwrap().roll_import.unwrap().applied_count, 2000);
    assert_eq!(world.all_certificates("north").await.len(), 2000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_names_for_one_document_the_first_in_the_file_stands_however_far_behind_the_other_is() {
    let world = World::start().await;
    world.accredit("north").await;
    let names_of_others = (1..=3000).map(|number| {
        let row = good_row(number).replace("测试·", "别名·");
        row.replace("S000033000000243", "S000033000000253").replace("2024-05-06", "2025-05-06")
    });
    let file = roll(3000) + &names_of_others.collect::<String>();
    let import = world.plan("north", file.as_bytes(), "").await.unwrap();
    let totals = import.totals.unwrap();
    assert_eq!((totals.create_count, totals.ambiguous_count), (3000, 3000));
    let rows = world.rows("north", &import).await;
    assert!(rows[..3000].iter().all(|row| row.verdict() == RollRowVerdict::Create));
}
