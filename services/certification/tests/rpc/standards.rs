use crate::rolls::HEADING;
use crate::world::{STANDARD, World, accreditation_of, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_certification::verify;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::certification_fact::Fact;
use greenroom_proto::certification::v1::{Confirmation, Level, RequirementVerdict};
use greenroom_testkit::occupation::INVENTED;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const TRIAL: &str = "standards/online-streamer-trial";

async fn standard(world: &World, name: &str) -> Result<wire::Standard, Status> {
    let request = wire::GetStandardRequest { name: name.to_owned() };
    Ok(world.standards().get_standard(request).await?.into_inner().standard.unwrap())
}

async fn evaluated(
    world: &World,
    request: wire::EvaluateApplicationRequest,
) -> Result<wire::ApplicationEvaluation, Status> {
    Ok(world.standards().evaluate_application(request).await?.into_inner().evaluation.unwrap())
}

fn fields(refused: &Status) -> Vec<(String, String)> {
    assert_eq!((refused.code(), reason(refused).as_str()), (Code::InvalidArgument, "FIELDS_INVALID"));
    let told = refused.get_details_bad_request().unwrap().field_violations;
    told.into_iter().map(|it| (it.field, it.description)).collect()
}

#[tokio::test]
async fn the_standard_is_served_with_the_mark_and_the_source_of_every_value() {
    let world = World::start().await;
    let listed = world.standards().list_standards(wire::ListStandardsRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().standards.len(), 1);
    let standard = standard(&world, STANDARD).await.unwrap();
    let cells: usize = standard.job_types.iter().map(|job_type| job_type.levels.len()).sum();
    assert_eq!((cells, standard.occupation_codes.len(), standard.ethics_code.len()), (18, 2, 4));
    assert!(standard.ethics_code.iter().all(|it| !it.source.is_empty() && !it.english.is_empty()));
    let hours = |it: &wire::StandardLevel| it.training_hours.as_ref().map(|hours| hours.value);
    let selector = &standard.job_types[0];
    assert_eq!((selector.job_type.as_str(), selector.chinese_name.as_str()), ("product-selector", "选品员"));
    let told: Vec<_> = selector.levels.iter().filter_map(hours).collect();
    assert_eq!(told, [120, 104, 88, 72, 72]);
    assert!(standard.definition.is_some() && standard.ability_traits.len() == 3);
    assert_eq!(standard.minimum_education.as_ref().unwrap().confirmation(), Confirmation::Confirmed);
    assert_eq!(standard.minimum_education_diplomas.len(), 13);
    let unconfirmed = standard.conditions.iter().filter(|it| it.confirmation() == Confirmation::Unconfirmed);
    assert_eq!((standard.conditions.len(), unconfirmed.count()), (17, 15));
    assert!(standard.conditions.iter().all(|it| !it.source.is_empty() && !it.requirements.is_empty()));
    let review = standard.assessment_parts.last().unwrap();
    assert_eq!((review.levels.len(), review.confirmation()), (2, Confirmation::Confirmed));
    let (mark, assessors) = (review.pass_mark.as_ref().unwrap(), review.minimum_assessors.as_ref().unwrap());
    assert_eq!((mark.value, mark.confirmation()), (60, Confirmation::Unconfirmed));
    assert!(review.odd_assessors && assessors.value == 3);
    assert_eq!(standard.retake_rule.as_ref().unwrap().confirmation(), Confirmation::Unconfirmed);
    let none = self::standard(&world, "standards/none").await.unwrap_err();
    assert_eq!(reason(&none), "STANDARD_NOT_FOUND");
}

/// A technician since 2024-06-15 who has worked since 2020.
fn technician() -> wire::EvaluateApplicationRequest {
    let certificate = wire::HeldCertificate {
        standard: String::new(),
        job_type: "live-salesperson".to_owned(),
        level: Level::Level2.into(),
        issue_date: "2024-06-15".to_owned(),
    };
    let work = wire::WorkPeriod {
        from_date: "2020-01-01".to_owned(),
        to_date: String::new(),
        occupation: wire::OccupationRelation::Same.into(),
    };
    wire::EvaluateApplicationRequest {
        standard: STANDARD.to_owned(),
        job_type: "live-salesperson".to_owned(),
        level: Level::Level1.into(),
        history: Some(wire::ApplicationHistory {
            certificates: vec![certificate],
            work_periods: vec![work],
            ..wire::ApplicationHistory::default()
        }),
        date: "2026-11-01".to_owned(),
    }
}

#[tokio::test]
async fn an_application_is_told_exactly_what_is_missing_and_from_when_on_it_is_not() {
    let world = World::start().await;
    let evaluation = evaluated(&world, technician()).await.unwrap();
    assert_eq!(
        (evaluation.verdict(), evaluation.confirmation()),
        (RequirementVerdict::NotMet, Confirmation::Confirmed)
    );
    assert_eq!(
        (evaluation.met_by_time_date.as_str(), evaluation.date.as_str()),
        ("2028-06-15", "2026-11-01")
    );
    let trained = &evaluation.conditions[0];
    assert_eq!(trained.condition.as_ref().unwrap().id, "1-trained");
    assert_eq!(trained.message, "2 y 4 m of 3 y after level 2; training certificate for level 1 missing");
    assert!(trained.message_zh.contains("2年4个月") && trained.met_by_time_date.is_empty());
    let need = trained.requirements[1].need.as_ref().unwrap().amount.unwrap();
    let three_years = wire::WorkTime { months: 36, days: 0 };
    assert_eq!(need, wire::requirement_amount::Amount::WorkTime(three_years));
    let education = evaluation.minimum_education.unwrap();
    assert_eq!(
        (education.verdict(), education.confirmation()),
        (RequirementVerdict::Unknown, Confirmation::Confirmed)
    );
    let mut graduate = technician();
    graduate.history.as_mut().unwrap().diplomas.push(wire::HeldDiploma {
        kind: wire::DiplomaKind::JuniorMiddleSchool.into(),
        in_field: false,
        graduation_date: "2012-07-01".to_owned(),
    });
    let proven = evaluated(&world, graduate).await.unwrap();
    assert_eq!(proven.minimum_education.unwrap().verdict(), RequirementVerdict::Met);
    assert_eq!(proven.conditions, evaluation.conditions, "it is no condition of application");
    // The standard's own day is today in Beijing, and lower levels rest on conditions that nobody has read yet.
    let today =
        wire::EvaluateApplicationRequest { date: String::new(), level: Level::Level5.into(), ..technician() };
    let evaluation = evaluated(&world, today).await.unwrap();
    assert_eq!(
        (evaluation.verdict(), evaluation.confirmation()),
        (RequirementVerdict::Met, Confirmation::Unconfirmed)
    );
    let beijing = greenroom_rpc::clock::Clock::now(&world.clock).beijing_date().to_string();
    assert_eq!(evaluation.date, beijing);
}

#[tokio::test]
async fn everything_wrong_with_an_application_is_told_at_once() {
    let world = World::start().await;
    let mut request = technician();
    request.job_type = "show-host".to_owned();
    let history = request.history.as_mut().unwrap();
    history.certificates[0].job_type = "video".to_owned();
    history.certificates[0].standard = "standards/none".to_owned();
    history.work_periods[0].to_date = "2019-12-31".to_owned();
    history.trainings = vec![wire::CompletedTraining::default()];
    history.diplomas = vec![wire::HeldDiploma::default()];
    history.titles = vec![wire::HeldTitle::default()];
    history.apprenticeship_end_date = "1820-01-01".to_owned();
    history.age_reached = Some(-1);
    request.date = "today".to_owned();
    let told = fields(&evaluated(&world, request).await.unwrap_err());
    let expected = [
        "job_type",
        "history.certificates[0].standard",
        "history.apprenticeship_end_date",
        "history.age_reached",
        "history.work_periods[0].to_date",
        "history.trainings[0].job_type",
        "history.trainings[0].level",
        "history.trainings[0].completion_date",
        "history.diplomas[0].kind",
        "history.diplomas[0].graduation_date",
        "history.titles[0].rank",
        "history.titles[0].award_date",
        "date",
    ];
    assert_eq!(told.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), expected);
    let list = "`live-salesperson`, `platform-administrator`, `product-selector`, `video-creator`";
    assert!(told[0].1.ends_with(list), "{told:?}");
    let far = wire::EvaluateApplicationRequest { date: "2037-01-01".to_owned(), ..technician() };
    let told = fields(&evaluated(&world, far).await.unwrap_err());
    assert_eq!(told, [("date".to_owned(), "must not lie more than ten years ahead".to_owned())]);
    let administrator = wire::EvaluateApplicationRequest {
        job_type: "platform-administrator".to_owned(),
        level: Level::Level2.into(),
        ..technician()
    };
    let told = fields(&evaluated(&world, administrator).await.unwrap_err());
    let said = ("level".to_owned(), "the standard has no level 2 for a platform administrator".to_owned());
    assert_eq!(told, [said]);
}

#[tokio::test]
async fn a_certificate_under_another_edition_counts_and_one_of_another_occupation_proves_nothing() {
    let next = include_str!("../../data/standards/internet-marketer-2021.toml");
    let next = next.replace("internet-marketer-2021", "internet-marketer-2030");
    let world = World::start_with(&[&next, INVENTED]).await;
    let verdict = async |standard: &str, job_type: &str| {
        let mut request = technician();
        request.date = "2028-06-15".to_owned();
        let held = &mut request.history.as_mut().unwrap().certificates[0];
        (held.standard, held.job_type) = (standard.to_owned(), job_type.to_owned());
        evaluated(&world, request).await.unwrap().verdict()
    };
    assert_eq!(verdict(STANDARD, "live-salesperson").await, RequirementVerdict::Met);
    assert_eq!(
        verdict("standards/internet-marketer-2030", "live-salesperson").await,
        RequirementVerdict::Met
    );
    assert_eq!(
        verdict("standards/internet-marketer-2030", "video-creator").await,
        RequirementVerdict::NotMet
    );
    assert_eq!(verdict(TRIAL, "talk-host").await, RequirementVerdict::NotMet);
}

/// An issuer accredited for the invented standard.
fn accreditation(id: &str, job_type: &str, levels: &[Level]) -> wire::AccreditIssuerRequest {
    let mut request = accreditation_of(id);
    let issuer = request.issuer.as_mut().unwrap();
    issuer.accreditations.truncate(1);
    let accreditation = &mut issuer.accreditations[0];
    accreditation.standard = TRIAL.to_owned();
    accreditation.job_type = job_type.to_owned();
    accreditation.levels = levels.iter().map(|level| i32::from(*level)).collect();
    request
}

fn row(number: usize, job_type: &str, level: u8) -> String {
    format!(
        "测试·{number:06},护照,X{number:07},{job_type},{level},S00003300000024{level}{number:06},2024-05-06\n"
    )
}

#[tokio::test]
async fn a_standard_that_nobody_has_heard_of_is_added_by_a_file_and_used_like_any_other() {
    let world = World::start_with(&[INVENTED]).await;
    let standard = standard(&world, TRIAL).await.unwrap();
    let names: Vec<&str> = standard.job_types.iter().map(|it| it.chinese_name.as_str()).collect();
    assert_eq!((names, standard.edition), (vec!["访谈主播", "场控"], 2099));
    // Accreditation: its cells and no others.
    let strange = accreditation("north", "live-salesperson", &[Level::Level5]);
    let told = fields(&world.issuers().accredit_issuer(strange).await.unwrap_err());
    assert!(told[0].1.ends_with("`room-moderator`, `talk-host`"), "{told:?}");
    let too_high = accreditation("north", "room-moderator", &[Level::Level3]);
    let told = fields(&world.issuers().accredit_issuer(too_high).await.unwrap_err());
    assert_eq!(told[0].1, "the standard has no level 3 for a room moderator");
    let good = accreditation("north", "talk-host", &[Level::Level5, Level::Level4]);
    world.issuers().accredit_issuer(good).await.unwrap();
    // A roll reads its words, and not those of the standard built in.
    let rows =
        [row(1, "访谈主播", 4), row(2, "Talk Host", 5), row(3, "talk-host", 4), row(4, "直播销售员", 4)];
    let roll = rows.iter().fold(HEADING.to_owned(), |file, row| file + row);
    let import = world.plan_under(TRIAL, "north", roll.as_bytes(), "").await.unwrap();
    let planned = world.rows("north", &import).await;
    let codes: Vec<&str> = planned.iter().flat_map(|row| &row.findings).map(|it| it.code.as_str()).collect();
    assert_eq!((import.totals.unwrap().create_count, codes), (3, vec!["JOB_TYPE_UNKNOWN"]));
    world.apply("north", &import).await.unwrap();
    let certificates = world.all_certificates("north").await;
    assert!(certificates.iter().all(|it| it.job_type == "talk-host" && it.standard == TRIAL));
    // Its certificates are verified like any others.
    let claim = |job_type: &str| wire::VerifyCertificateRequest {
        number: "S000033000000244000001".to_owned(),
        real_name: "测试•000001".to_owned(),
        document_type: "PASSPORT".to_owned(),
        document_number: "X0000001".to_owned(),
        level: Level::Level4.into(),
        job_type: job_type.to_owned(),
    };
    let mut platform = world.certificates("shop", Role::Platform);
    let verified = platform.verify_certificate(claim("talk-host")).await.unwrap().into_inner();
    assert_eq!(verified.verdict(), wire::VerificationVerdict::Verified);
    let other = platform.verify_certificate(claim("live-salesperson")).await.unwrap().into_inner();
    assert_eq!(other.verdict(), wire::VerificationVerdict::Mismatch);
    let told = fields(&platform.verify_certificate(claim("dancer")).await.unwrap_err());
    assert!(told[0].1.contains("`talk-host`") && told[0].1.contains("`video-creator`"), "{told:?}");
    applies_for_the_next_level(&world).await;
    told_and_clean(world).await;
}

async fn applies_for_the_next_level(world: &World) {
    let mut request = wire::EvaluateApplicationRequest {
        standard: TRIAL.to_owned(),
        job_type: "talk-host".to_owned(),
        level: Level::Level4.into(),
        ..technician()
    };
    request.history.as_mut().unwrap().certificates[0].job_type = "talk-host".to_owned();
    request.history.as_mut().unwrap().certificates[0].level = Level::Level5.into();
    let evaluation = evaluated(world, request.clone()).await.unwrap();
    assert_eq!(evaluation.conditions[0].message, "intermediate title missing");
    let title = wire::HeldTitle { rank: wire::TitleRank::Senior.into(), award_date: "2025-01-01".to_owned() };
    request.history.as_mut().unwrap().titles = vec![title];
    let evaluation = evaluated(world, request.clone()).await.unwrap();
    assert_eq!(
        (evaluation.verdict(), evaluation.confirmation()),
        (RequirementVerdict::Met, Confirmation::Confirmed)
    );
    request.level = Level::Level5.into();
    let evaluation = evaluated(world, request).await.unwrap();
    let message = &evaluation.conditions[0].message;
    assert_eq!(message, "age not known, 16 needed; training certificate for level 5 missing");
}

/// The feed tells the standard, and tables and events agree to the end.
async fn told_and_clean(world: World) {
    let request = wire::WatchCertificationEventsRequest::default();
    let mut stream = world.feed().watch_certification_events(request).await.unwrap().into_inner();
    let events = stream.message().await.unwrap().unwrap().events;
    let told: Vec<&str> = events
        .iter()
        .filter_map(|event| match event.fact.as_ref()?.fact.as_ref()? {
            Fact::Standard(fact) => Some(fact.standard.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(told, [STANDARD, TRIAL]);
    drop(stream);
    let (config, _folder) = world.stop().await;
    let report = verify(&config).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}
