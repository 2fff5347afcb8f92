//! What sources say of certificates, and what follows from it.

use crate::fake_lookup::{
    FakeLookup, Reply, begin, certificate, concluded, evidence, filled, for_review, job, job_in, outcome,
    says, settle, with_lookup,
};
use crate::rolls::roll;
use crate::world::{World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::source::v1::{
    CheckOutcome, CheckVerdict, FieldComparison, FieldVerdict, SourceAuthentication,
};
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{
    CertificateState, EvidenceResult, SourceHealth, VerificationJobState,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::eventually;
use std::time::Duration;
use tonic::Code;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_source_is_asked_about_the_certificate_and_told_the_holder_under_its_own_name_alone() {
    let fake = FakeLookup::start(Reply::Says(CheckOutcome {
        authentication: SourceAuthentication::SignedAnswer.into(),
        artefact_sha256: vec![7; 32],
        ..outcome(CheckVerdict::Match)
    }))
    .await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    let begun = begin(&world, &certificates[0], "lookup").await.unwrap();
    assert!(begun.name.starts_with(&format!("{}/verificationJobs/", certificates[0].name)), "{begun:?}");
    assert_eq!((begun.state(), begun.attempt_count), (VerificationJobState::Pending, 0));
    let done = job_in(&world, &begun.name, VerificationJobState::Concluded).await;
    assert_eq!((done.result(), done.attempt_count), (EvidenceResult::Match, 1));
    assert_eq!(done.next_attempt_time, None);

    let asked = fake.script.asked();
    assert_eq!((asked.len(), asked[0].holder.as_str()), (1, "persons/registrar-p000000"));
    let sent = asked[0].certificate.clone().unwrap();
    assert_eq!(sent.number, "S000033000000243000001");
    assert_eq!((sent.issuer_code.as_str(), sent.issue_date.as_str()), ("0000", "2024-05-06"));
    assert_eq!(sent.level(), wire::Level::Level3);
    assert!(!format!("{asked:?}").contains("测试") && !format!("{asked:?}").contains("X0000001"));
    assert_eq!(evidence(&world).await, ["lookup MATCH SIGNED_ANSWER"]);
    let request =
        wire::ListEvidenceRequest { certificate: certificates[0].name.clone(), ..Default::default() };
    let mut north = world.certificates("north", Role::Issuer);
    let told = north.list_evidence(request).await.unwrap().into_inner().evidence.remove(0);
    assert_eq!((told.authentication.as_str(), told.verification_job), ("SIGNED_ANSWER", begun.name));
    let known = certificate(&world, &certificates[0].name).await;
    let mut platform = world.certificates("regulator", Role::Regulator);
    let request = wire::ListCertificatesRequest::default();
    assert_eq!(platform.list_certificates(request).await.unwrap().into_inner().certificates, [known]);
    settle(world).await;
}

#[tokio::test]
async fn what_follows_depends_on_the_verdict() {
    let fake = FakeLookup::start(Reply::Nothing).await;
    let (world, certificates) = with_lookup(&fake, 4).await;
    let verdicts = [
        (CheckVerdict::Match, EvidenceResult::Match, CertificateState::Verified),
        (CheckVerdict::Mismatch, EvidenceResult::Mismatch, CertificateState::Mismatch),
        (CheckVerdict::NotFound, EvidenceResult::NotFound, CertificateState::NotFound),
        (CheckVerdict::Revoked, EvidenceResult::Revoked, CertificateState::Revoked),
    ];
    for (certificate_of, (verdict, result, state)) in certificates.iter().zip(verdicts) {
        fake.script.next([says(verdict)]);
        assert_eq!(concluded(&world, certificate_of).await.result(), result);
        assert_eq!(certificate(&world, &certificate_of.name).await.state(), state);
    }
    let missing = certificate(&world, &certificates[2].name).await;
    // Twenty working days after Monday noon, in a November without holidays.
    assert_eq!(missing.retry_time, Some(timestamp(world.clock.now().plus(DAY * 28))));
    assert_eq!(for_review(&world, "north", Role::Issuer).await, [certificates[1].name.clone()]);
    assert!(for_review(&world, "south", Role::Issuer).await.is_empty());
    let refused = begin(&world, &certificates[3], "lookup").await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "VERIFICATION_REFUSED")
    );
    settle(world).await;
}

#[tokio::test]
async fn an_answer_about_what_a_certificate_said_before_renews_nothing() {
    let fake = FakeLookup::start(crate::fake_lookup::hangs()).await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    let begun = begin(&world, &certificates[0], "lookup").await.unwrap();
    eventually("the source is asked", async || (fake.script.asked().len() == 1).then_some(())).await;
    world.clock.advance(Duration::from_secs(1));
    let corrected = roll(1).replace("直播销售员", "视频创推员");
    let import = world.plan("north", corrected.as_bytes(), "").await.unwrap();
    assert_eq!(import.totals.unwrap().update_count, 1);
    world.apply("north", &import).await.unwrap();
    let known = certificate(&world, &certificates[0].name).await;
    assert_eq!(known.job_type, "video-creator");
    world.clock.advance(Duration::from_secs(1));
    fake.script.let_go(1);
    let done = job_in(&world, &begun.name, VerificationJobState::Concluded).await;
    assert_eq!(done.result(), EvidenceResult::Match);
    assert_eq!(certificate(&world, &certificates[0].name).await, known, "it matched something else");
    assert_eq!(evidence(&world).await, ["lookup MATCH"]);
    settle(world).await;
}

#[tokio::test]
async fn in_what_a_certificate_differs_is_kept() {
    let fake = FakeLookup::start(Reply::Says(CheckOutcome {
        verdict: CheckVerdict::Mismatch.into(),
        comparison: Some(FieldComparison {
            holder: FieldVerdict::Mismatch.into(),
            level: FieldVerdict::Mismatch.into(),
            ..Default::default()
        }),
        ..Default::default()
    }))
    .await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    concluded(&world, &certificates[0]).await;
    assert_eq!(evidence(&world).await, ["lookup MISMATCH  HOLDER LEVEL"]);
    let claim = crate::claims::claim_of("persons/shop-p000000");
    let mut shop = world.certificates("shop", Role::Platform);
    shop.claim_certificate(claim).await.unwrap();
    for (organization, role, differing) in [
        ("north", Role::Issuer, "holder level"),
        ("regulator", Role::Regulator, "holder level"),
        ("shop", Role::Platform, ""),
    ] {
        let request =
            wire::ListEvidenceRequest { certificate: certificates[0].name.clone(), ..Default::default() };
        let mut client = world.certificates(organization, role);
        let told = client.list_evidence(request).await.unwrap().into_inner().evidence.remove(0);
        assert_eq!(
            (told.source_name.as_str(), told.differing_fields.join(" ").as_str()),
            ("lookup", differing)
        );
    }
    settle(world).await;
}

#[tokio::test]
async fn lapsed_evidence_is_under_verification_while_a_source_is_asked_and_fresh_evidence_is_not() {
    let fake = FakeLookup::start(crate::fake_lookup::hangs()).await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    let fresh = begin(&world, &certificates[0], "lookup").await.unwrap();
    assert_eq!(certificate(&world, &certificates[0].name).await, certificates[0], "asking ends no sale");
    fake.script.let_go(1);
    job_in(&world, &fresh.name, VerificationJobState::Concluded).await;
    world.clock.advance(DAY * 181);
    let lapsed = begin(&world, &certificates[0], "lookup").await.unwrap();
    let asked = certificate(&world, &certificates[0].name).await;
    assert_eq!(asked.state(), CertificateState::UnderVerification);
    fake.script.let_go(1);
    job_in(&world, &lapsed.name, VerificationJobState::Concluded).await;
    assert_eq!(certificate(&world, &certificates[0].name).await.state(), CertificateState::Verified);
    settle(world).await;
}

#[tokio::test]
async fn a_source_that_needs_time_is_asked_with_its_ticket_when_it_said() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    fake.script.next([Reply::NeedsTime("ticket-1".to_owned())]);
    let (world, certificates) = with_lookup(&fake, 1).await;
    let begun = begin(&world, &certificates[0], "lookup").await.unwrap();
    let waiting = job_in(&world, &begun.name, VerificationJobState::Waiting).await;
    assert_eq!(waiting.next_attempt_time, Some(timestamp(world.clock.now().plus(Duration::from_mins(1)))));
    assert_eq!(
        begin(&world, &certificates[0], "lookup").await.unwrap(),
        waiting,
        "the open job is the answer"
    );
    world.clock.advance(Duration::from_mins(1));
    job_in(&world, &begun.name, VerificationJobState::Concluded).await;
    let asked = fake.script.asked();
    assert_eq!(asked[1].ticket, "ticket-1");
    assert_eq!((asked.len(), asked[0].check_id == asked[1].check_id), (2, true));
    let again = begin(&world, &certificates[0], "lookup").await.unwrap();
    assert_ne!(again.name, begun.name, "a closed job is none");
    let request =
        wire::ListVerificationJobsRequest { parent: certificates[0].name.clone(), ..Default::default() };
    let mut north = world.verifications("north", Role::Issuer);
    let listed = north.list_verification_jobs(request).await.unwrap().into_inner().verification_jobs;
    assert_eq!(listed.iter().map(|job| &job.name).collect::<Vec<_>>(), [&begun.name, &again.name]);
    settle(world).await;
}

#[tokio::test]
async fn an_outage_is_recorded_once_never_as_not_found_and_the_source_is_asked_ever_more_rarely() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    fake.script.next([Reply::Fails(Code::Unavailable), Reply::Fails(Code::ResourceExhausted), Reply::Breaks]);
    let (world, certificates) = with_lookup(&fake, 1).await;
    let begun = begin(&world, &certificates[0], "lookup").await.unwrap();
    for (attempt, wait) in [(1, 30), (2, 60), (3, 120)] {
        fake.script.asked_times(attempt).await;
        let wait = Duration::from_secs(wait);
        let until = Some(timestamp(world.clock.now().plus(wait)));
        eventually("the outage was stored", async || {
            let out = job(&world, &begun.name).await.unwrap();
            (out.state() == VerificationJobState::Outage && out.next_attempt_time == until).then_some(())
        })
        .await;
        assert_eq!(certificate(&world, &certificates[0].name).await, certificates[0]);
        world.clock.advance(wait);
    }
    let done = job_in(&world, &begun.name, VerificationJobState::Concluded).await;
    assert_eq!(done.attempt_count, 4);
    assert!(fake.script.asked().iter().all(|asked| asked.check_id == fake.script.asked()[0].check_id));
    assert_eq!(evidence(&world).await, ["lookup SOURCE_UNAVAILABLE", "lookup MATCH"]);
    settle(world).await;
}

#[tokio::test]
async fn a_source_that_stays_out_is_given_up_and_the_certificate_is_what_it_was() {
    let fake = FakeLookup::start(Reply::Fails(Code::DeadlineExceeded)).await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    world.clock.advance(DAY * 181);
    let begun = begin(&world, &certificates[0], "lookup").await.unwrap();
    job_in(&world, &begun.name, VerificationJobState::Outage).await;
    let asked = certificate(&world, &certificates[0].name).await;
    assert_eq!(asked.state(), CertificateState::UnderVerification);
    world.clock.advance(Duration::from_hours(72));
    let given_up = job_in(&world, &begun.name, VerificationJobState::GivenUp).await;
    assert_eq!((given_up.result(), given_up.attempt_count), (EvidenceResult::Unspecified, 2));
    let after = certificate(&world, &certificates[0].name).await;
    assert_eq!(after.state(), CertificateState::Verified);
    assert_eq!(
        after.evidence_until_time, certificates[0].evidence_until_time,
        "its evidence has lapsed all the same"
    );
    settle(world).await;
}

#[tokio::test]
async fn refusals_and_answers_that_are_none_end_the_job_and_change_nothing() {
    let matched = || outcome(CheckVerdict::Match);
    let replies = [
        Reply::Fails(Code::NotFound),
        Reply::Fails(Code::PermissionDenied),
        Reply::Fails(Code::Internal),
        Reply::Nothing,
        says(CheckVerdict::Unspecified),
        Reply::NeedsTime(String::new()),
        Reply::NeedsTime("t".repeat(257)),
        // Whose it is was not compared.
        Reply::Says(CheckOutcome { comparison: None, ..matched() }),
        Reply::Says(CheckOutcome { artefact_sha256: vec![0; 31], ..matched() }),
        Reply::Says(CheckOutcome { artefact_sha256: vec![0; 100_000], ..matched() }),
    ];
    let fake = FakeLookup::start(Reply::Nothing).await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    for reply in replies {
        fake.script.next([reply]);
        let begun = begin(&world, &certificates[0], "lookup").await.unwrap();
        let ended = job_in(&world, &begun.name, VerificationJobState::GivenUp).await;
        assert_eq!((ended.result(), ended.attempt_count), (EvidenceResult::Unspecified, 1));
    }
    assert_eq!(certificate(&world, &certificates[0].name).await, certificates[0]);
    assert_eq!(evidence(&world).await, [""; 0]);
    settle(world).await;
}

#[tokio::test]
async fn a_check_older_than_what_is_known_is_kept_without_effect() {
    let fake = FakeLookup::start(Reply::Nothing).await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    let yesterday = timestamp(world.clock.now().minus(DAY));
    fake.script
        .next([Reply::Says(CheckOutcome { check_time: Some(yesterday), ..outcome(CheckVerdict::Mismatch) })]);
    assert_eq!(concluded(&world, &certificates[0]).await.result(), EvidenceResult::Mismatch);
    assert_eq!(certificate(&world, &certificates[0].name).await, certificates[0]);
    assert_eq!(evidence(&world).await, ["lookup MISMATCH"]);
    settle(world).await;
}

#[tokio::test]
async fn a_holder_nobody_can_name_ends_the_job_and_a_silent_identity_service_puts_it_off() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    let (world, certificates) = with_lookup(&fake, 2).await;
    let known = ["p000000".to_owned(), "p000001".to_owned()];
    world.identity.forgotten.lock().unwrap().extend(known);
    let gone = begin(&world, &certificates[0], "lookup").await.unwrap();
    job_in(&world, &gone.name, VerificationJobState::GivenUp).await;
    world.identity.forgotten.lock().unwrap().clear();
    world.identity.silent.store(true, std::sync::atomic::Ordering::Relaxed);
    let late = begin(&world, &certificates[1], "lookup").await.unwrap();
    job_in(&world, &late.name, VerificationJobState::Outage).await;
    assert_eq!(fake.script.asked(), [], "nobody was asked");
    world.identity.silent.store(false, std::sync::atomic::Ordering::Relaxed);
    world.clock.advance(Duration::from_secs(30));
    job_in(&world, &late.name, VerificationJobState::Concluded).await;
    assert_eq!(evidence(&world).await, ["lookup MATCH"], "no outage of the source's");
    settle(world).await;
}

#[tokio::test]
async fn the_sandbox_does_what_the_number_says() {
    let world = World::with(|config| config.allow_sandbox_source = true).await;
    world.accredit("north").await;
    let numbers = [9_011, 9_021, 9_031, 9_041, 9_061, 9_071, 1];
    let rows: String = numbers.map(crate::rolls::good_row).concat();
    let file = crate::rolls::HEADING.to_owned() + &rows;
    let import = world.plan("north", file.as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    let ends = [
        ("009011", VerificationJobState::Concluded, CertificateState::Mismatch),
        ("009021", VerificationJobState::Concluded, CertificateState::NotFound),
        ("009031", VerificationJobState::Concluded, CertificateState::Verified),
        ("009041", VerificationJobState::Concluded, CertificateState::Verified),
        ("009061", VerificationJobState::GivenUp, CertificateState::Verified),
        ("009071", VerificationJobState::Concluded, CertificateState::Revoked),
        ("000001", VerificationJobState::Concluded, CertificateState::Verified),
    ];
    for certificate_of in world.all_certificates("north").await {
        let end = ends.iter().find(|(number, ..)| certificate_of.number.ends_with(number)).unwrap();
        let begun = begin(&world, &certificate_of, "sandbox").await.unwrap();
        // Time passes in small steps: the source may be asked at this very moment.
        eventually("the job ended", async || {
            let job = job(&world, &begun.name).await.unwrap();
            if matches!(job.state(), VerificationJobState::Waiting | VerificationJobState::Outage) {
                world.clock.advance(Duration::from_secs(1));
            }
            (job.state() == end.1).then_some(())
        })
        .await;
        assert_eq!(certificate(&world, &certificate_of.name).await.state(), end.2, "{}", end.0);
    }
    settle(world).await;
}

#[tokio::test]
async fn only_what_a_caller_may_see_can_be_asked_about_and_only_sources_of_the_configuration() {
    let fake = FakeLookup::start(says(CheckVerdict::Match)).await;
    let (world, certificates) = with_lookup(&fake, 1).await;
    for source in ["", "manual", "militia"] {
        let refused = begin(&world, &certificates[0], source).await.unwrap_err();
        assert_eq!(reason(&refused), "CERTIFICATE_SOURCE_UNKNOWN");
        assert!(refused.message().contains("these are: lookup"), "{}", refused.message());
    }
    let sandbox = begin(&world, &certificates[0], "sandbox").await.unwrap_err();
    assert_eq!(reason(&sandbox), "SANDBOX_SOURCE_DISABLED");
    let mut south = world.verifications("south", Role::Issuer);
    let mut request = wire::StartVerificationRequest {
        certificate: certificates[0].name.clone(),
        source: "lookup".to_owned(),
        validate_only: true,
        ..Default::default()
    };
    let foreign = south.start_verification(request.clone()).await.unwrap_err();
    assert_eq!((foreign.code(), reason(&foreign).as_str()), (Code::NotFound, "CERTIFICATE_NOT_FOUND"));
    let mut north = world.verifications("north", Role::Issuer);
    north.start_verification(request.clone()).await.unwrap();
    assert_eq!(fake.script.asked(), [], "nothing was begun");
    request.validate_only = false;
    request.request_id = "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10".to_owned();
    let begun = north.start_verification(request.clone()).await.unwrap().into_inner();
    assert!(!begun.revision.is_empty());
    let name = begun.verification_job.clone().unwrap().name;
    job_in(&world, &name, VerificationJobState::Concluded).await;
    assert_eq!(north.start_verification(request).await.unwrap().into_inner(), begun, "answered once");
    let hidden = wire::GetVerificationJobRequest { name: name.clone() };
    assert_eq!(reason(&south.get_verification_job(hidden).await.unwrap_err()), "VERIFICATION_JOB_NOT_FOUND");
    let elsewhere = name.replace(&certificates[0].name, "certificates/other");
    assert_eq!(reason(&job(&world, &elsewhere).await.unwrap_err()), "VERIFICATION_JOB_NOT_FOUND");
    assert_eq!(reason(&job(&world, "jobs/1").await.unwrap_err()), "FIELDS_INVALID");
    settle(world).await;
}

#[tokio::test]
async fn operators_see_how_the_sources_answer_and_how_sure_the_calendar_is() {
    let fake = FakeLookup::start(Reply::Fails(Code::Unavailable)).await;
    let world = World::alone(|config| {
        config.certificate_sources.push(fake.configured("lookup"));
        config.allow_sandbox_source = true;
        config.automatic_sources = vec!["sandbox".to_owned()];
    })
    .await;
    let certificates = filled(&world, 5).await;
    let sources = async || {
        let mut operator = world.verifications("suite", Role::SuiteOperator);
        operator.list_sources(wire::ListSourcesRequest {}).await.unwrap().into_inner()
    };
    let first = sources().await;
    let told: Vec<_> = first
        .sources
        .iter()
        .map(|source| (source.name.as_str(), source.health(), source.automatic))
        .collect();
    let unasked = SourceHealth::Unspecified;
    assert_eq!(told, [("sandbox", unasked, true), ("lookup", unasked, false)]);
    assert_eq!(first.sources[1].kind(), wire::EvidenceSource::OfficialLookup);
    let years: Vec<_> = first.working_years.iter().map(|year| (year.year, year.confirmation())).collect();
    assert_eq!(years, [(2025, wire::Confirmation::Confirmed), (2026, wire::Confirmation::Confirmed)]);

    for certificate_of in &certificates {
        let begun = begin(&world, certificate_of, "lookup").await.unwrap();
        job_in(&world, &begun.name, VerificationJobState::Outage).await;
    }
    let down = sources().await.sources.remove(1);
    assert_eq!((down.health(), down.outage_count, down.last_answer_time), (SourceHealth::Down, 5, None));
    fake.script.always(says(CheckVerdict::Match));
    world.clock.advance(Duration::from_secs(30));
    let up = eventually("it answers again", async || {
        Some(sources().await.sources.remove(1)).filter(|source| source.health() == SourceHealth::Up)
    })
    .await;
    assert_eq!((up.outage_count, up.last_answer_time), (0, Some(timestamp(world.clock.now()))));
    let mut north = world.verifications("north", Role::Issuer);
    let refused = north.list_sources(wire::ListSourcesRequest {}).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");
}
