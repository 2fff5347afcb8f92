use crate::fake_source::{FakeSource, Reply, begin, evidence, job, job_in, person, says, with_police};
use crate::proofing::{attested, record};
use crate::world::{MINA, World, assert_refused, card, claim, fields, request_id};
use greenroom_proto::identity::source::v1::check_identity_request::Identity;
use greenroom_proto::identity::source::v1::{
    AgeStatement, CheckOutcome, CheckPending, CheckVerdict, SourceAuthentication,
};
use greenroom_proto::identity::v1::register_person_request::Identity as Registered;
use greenroom_proto::identity::v1::{
    AgeBand, ListProofingsRequest, NetworkIdentity, PersonState, Proofing, ProofingJobState, ProofingResult,
    RegisterPersonRequest, StartProofingRequest,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::tls::{ClientCertificates, ClientTls, ServerTls};
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::Authority;
use std::collections::BTreeSet;
use std::time::Duration;
use tonic::Code;

#[tokio::test]
async fn what_a_source_says_of_the_identity_it_was_sent_is_evidence() {
    let fake = FakeSource::start(Reply::Says(CheckOutcome {
        verdict: CheckVerdict::Match.into(),
        authentication: SourceAuthentication::SignedAnswer.into(),
        artefact_sha256: vec![7; 32],
        document_valid_until: "2027-01-31".to_owned(),
        ..Default::default()
    }))
    .await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    assert!(begun.name.starts_with(&format!("{name}/proofingJobs/")), "{begun:?}");
    assert_eq!((begun.state(), begun.attempt_count), (ProofingJobState::Pending, 0));
    let done = job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    assert_eq!((done.result(), done.attempt_count), (ProofingResult::Match, 1));
    assert_eq!(done.next_attempt_time, None);

    let asked = fake.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].identity, Some(Identity::Claim(claim(MINA.0, MINA.1))));
    let known = person(&shop, &name).await;
    assert_eq!(known.state(), PersonState::Verified);
    assert!(known.document_until_time.is_some_and(|until| Some(until) == known.evidence_until_time));
    assert_eq!(evidence(&world).await, ["SOURCE police MATCH SIGNED_ANSWER"]);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_source_may_ask_to_be_asked_over_mutual_tls() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("integrator"));
    let (certificate, private_key) = authority.server().write(folder.path(), "source");
    let ca = authority.write(folder.path(), "authority");
    let (client_ca, client_certificates) = (Some(ca.clone()), ClientCertificates::Required);
    let tls = ServerTls { certificate, private_key, client_ca, client_certificates };
    let fake = FakeSource::start_over_tls(says(CheckVerdict::Match), &tls).await;
    let (certificate, private_key) = authority.client("identity").write(folder.path(), "identity");
    let world = World::with(|config| {
        let (certificate, private_key) = (Some(certificate), Some(private_key));
        config.client_tls = Some(ClientTls { ca: Some(ca), certificate, private_key });
        config.proofing_sources.push(fake.configured("police"));
    })
    .await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    let done = job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    assert_eq!((done.result(), done.attempt_count), (ProofingResult::Match, 1));
}

#[tokio::test]
async fn a_match_by_a_source_that_saw_no_document_renews_no_expired_one() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let shown = Proofing { document_valid_until: "2026-11-10".to_owned(), ..attested(ProofingResult::Match) };
    let until = record(&shop, &name, shown).await.unwrap().document_until_time;
    let police = async || {
        let begun = begin(&shop, &name, "police").await.unwrap();
        assert_eq!(
            job_in(&shop, &begun.name, ProofingJobState::Concluded).await.result(),
            ProofingResult::Match
        );
        person(&shop, &name).await
    };
    let before = police().await;
    assert_eq!((before.state(), before.document_until_time), (PersonState::Verified, until));
    world.clock.advance(Duration::from_hours(9 * 24));
    assert_eq!(person(&shop, &name).await.state(), PersonState::DocumentExpired);
    let after = police().await;
    assert_eq!((after.state(), after.document_until_time), (PersonState::DocumentExpired, until));
    // Somebody saw a long-term document.
    let renewed = record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
    assert_eq!((renewed.state(), renewed.document_until_time), (PersonState::Verified, None));
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn what_follows_depends_on_the_verdict() {
    let fake = FakeSource::start(Reply::Nothing).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let verdicts = [
        (CheckVerdict::Mismatch, ProofingResult::Mismatch, PersonState::Mismatch),
        (CheckVerdict::NotFound, ProofingResult::NotFound, PersonState::Unverified),
        (CheckVerdict::Match, ProofingResult::Match, PersonState::Verified),
    ];
    for (place, (verdict, result, state)) in verdicts.into_iter().enumerate() {
        fake.next([says(verdict)]);
        let name = shop.register((MINA.0, &card("19900307", place))).await;
        let begun = begin(&shop, &name, "police").await.unwrap();
        let done = job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
        assert_eq!((done.result(), person(&shop, &name).await.state()), (result, state));
    }
}

#[tokio::test]
async fn a_network_number_is_sent_alone_and_the_source_may_tell_the_age() {
    let fake = FakeSource::start(Reply::Says(CheckOutcome {
        verdict: CheckVerdict::Match.into(),
        age_statement: AgeStatement::Adult.into(),
        ..Default::default()
    }))
    .await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let number = NetworkIdentity { network_number: "aB3456789012".to_owned() };
    let identity = Some(Registered::NetworkIdentity(number.clone()));
    let request = RegisterPersonRequest { identity, ..Default::default() };
    let name = shop.persons().register_person(request).await.unwrap().into_inner().person.unwrap().name;
    let begun = begin(&shop, &name, "police").await.unwrap();
    job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    assert_eq!(fake.asked()[0].identity, Some(Identity::NetworkIdentity(number)));
    assert_eq!(person(&shop, &name).await.age_band(), AgeBand::Adult);
}

#[tokio::test]
async fn a_source_that_needs_time_is_asked_with_its_ticket_when_it_said() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    fake.next([Reply::NeedsTime("ticket-1")]);
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    let waiting = job_in(&shop, &begun.name, ProofingJobState::Waiting).await;
    let next = world.clock.now().plus(Duration::from_mins(1));
    assert_eq!(waiting.next_attempt_time, Some(timestamp(next)));
    assert_eq!(begin(&shop, &name, "police").await.unwrap(), waiting, "the open job is the answer");
    world.clock.advance(Duration::from_mins(1));
    job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    let asked = fake.asked();
    assert_eq!(asked[1].ticket, "ticket-1");
    assert_eq!((asked.len(), asked[0].check_id == asked[1].check_id), (2, true));
    assert_eq!(evidence(&world).await, ["SOURCE police MATCH"]);
    assert_ne!(begin(&shop, &name, "police").await.unwrap().name, begun.name, "a closed job is none");
}

#[tokio::test]
async fn an_outage_is_recorded_once_and_the_source_is_asked_again_ever_more_rarely() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    fake.next([Reply::Fails(Code::Unavailable), Reply::Fails(Code::ResourceExhausted), Reply::Breaks]);
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    for (attempt, wait) in [(1, 30), (2, 60), (3, 120)] {
        fake.asked_times(attempt).await;
        let out = job_in(&shop, &begun.name, ProofingJobState::Outage).await;
        let wait = Duration::from_secs(wait);
        let until = Some(timestamp(world.clock.now().plus(wait)));
        let told = greenroom_testkit::eventually("the outage was stored", async || {
            Some(job(&shop, &begun.name).await.unwrap()).filter(|job| job.next_attempt_time == until)
        });
        assert!(told.await.attempt_count >= out.attempt_count);
        assert_eq!(person(&shop, &name).await.state(), PersonState::Unverified);
        world.clock.advance(wait);
    }
    let done = job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
    assert_eq!(done.attempt_count, 4);
    let ids: BTreeSet<String> = fake.asked().into_iter().map(|asked| asked.check_id).collect();
    assert_eq!(ids.len(), 1, "every repetition has the same id");
    assert_eq!(evidence(&world).await, ["SOURCE police SOURCE_UNAVAILABLE", "SOURCE police MATCH"]);
    world.settle().await;
}

#[tokio::test]
async fn a_source_that_lets_its_deadline_pass_is_out() {
    let fake = FakeSource::start(Reply::Hangs).await;
    let world = World::with(|config| {
        let mut police = fake.configured("police");
        police.deadline_seconds = 1;
        config.proofing_sources.push(police);
    })
    .await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    job_in(&shop, &begun.name, ProofingJobState::Outage).await;
    assert_eq!(evidence(&world).await, ["SOURCE police SOURCE_UNAVAILABLE"]);
}

#[tokio::test]
async fn a_source_that_stays_out_is_given_up() {
    let fake = FakeSource::start(Reply::Fails(Code::DeadlineExceeded)).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let begun = begin(&shop, &name, "police").await.unwrap();
    job_in(&shop, &begun.name, ProofingJobState::Outage).await;
    world.clock.advance(Duration::from_hours(72));
    let given_up = job_in(&shop, &begun.name, ProofingJobState::GivenUp).await;
    assert_eq!((given_up.result(), given_up.attempt_count), (ProofingResult::Unspecified, 2));
    assert_eq!(person(&shop, &name).await.state(), PersonState::Unverified);
}

#[tokio::test]
async fn refusals_and_answers_that_are_none_end_the_job_and_change_nothing() {
    let pending = |ticket: String| Reply::Pending(CheckPending { ticket, retry_after: None });
    let matched = CheckOutcome { verdict: CheckVerdict::Match.into(), ..Default::default() };
    let replies = [
        Reply::Fails(Code::NotFound),
        Reply::Fails(Code::PermissionDenied),
        Reply::Fails(Code::Internal),
        Reply::Nothing,
        says(CheckVerdict::Unspecified),
        pending(String::new()),
        pending("t".repeat(257)),
        Reply::Says(CheckOutcome { document_valid_until: "soon".to_owned(), ..matched.clone() }),
        Reply::Says(CheckOutcome { artefact_sha256: vec![0; 100_000], ..matched }),
    ];
    let fake = FakeSource::start(Reply::Nothing).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    for reply in replies {
        fake.next([reply]);
        let begun = begin(&shop, &name, "police").await.unwrap();
        let ended = job_in(&shop, &begun.name, ProofingJobState::GivenUp).await;
        assert_eq!((ended.result(), ended.attempt_count), (ProofingResult::Unspecified, 1));
    }
    assert_eq!(person(&shop, &name).await.state(), PersonState::Unverified);
    assert_eq!(evidence(&world).await, [""; 0]);
    world.settle().await;
}

#[tokio::test]
async fn a_source_that_tells_another_birth_than_is_known_is_recorded_as_a_mismatch() {
    let matched = CheckOutcome { verdict: CheckVerdict::Match.into(), ..Default::default() };
    let born = |date: &str| Reply::Says(CheckOutcome { birth_date: date.to_owned(), ..matched.clone() });
    let adult = Reply::Says(CheckOutcome { age_statement: AgeStatement::Adult.into(), ..matched.clone() });
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let minor = ("样例少年", card("20101103", 1));
    // The documents' numbers tell other days; one that was verified before counts no longer, either.
    for ((name, number), verified, reply) in [
        (MINA, false, born("1990-03-08")),
        (("样例二", &*card("19900307", 2)), true, born("1990-03-08")),
        ((minor.0, &*minor.1), false, adult),
    ] {
        let name = shop.register((name, number)).await;
        if verified {
            record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
        }
        let band = person(&shop, &name).await.age_band();
        fake.next([reply]);
        let begun = begin(&shop, &name, "police").await.unwrap();
        let ended = job_in(&shop, &begun.name, ProofingJobState::Concluded).await;
        assert_eq!((ended.result(), ended.attempt_count), (ProofingResult::Mismatch, 1));
        let known = person(&shop, &name).await;
        assert_eq!((known.state(), known.age_band()), (PersonState::Mismatch, band));
        let request = ListProofingsRequest { parent: name.clone(), ..Default::default() };
        let listed = shop.persons().list_proofings(request).await.unwrap().into_inner().proofings;
        let mismatches = listed.iter().filter(|proofing| proofing.result() == ProofingResult::Mismatch);
        assert_eq!(mismatches.map(|proofing| proofing.source.as_str()).collect::<Vec<_>>(), ["police"]);
        // Somebody who looks again may say otherwise.
        let again = record(&shop, &name, attested(ProofingResult::Match)).await.unwrap();
        assert_eq!(again.state(), PersonState::Verified);
    }
    // Older than what is known it is kept without effect, like every check.
    let name = shop.register(MINA).await;
    let yesterday = Some(timestamp(world.clock.now().minus(Duration::from_hours(24))));
    let birth_date = "1990-03-08".to_owned();
    fake.next([Reply::Says(CheckOutcome { check_time: yesterday, birth_date, ..matched })]);
    let begun = begin(&shop, &name, "police").await.unwrap();
    assert_eq!(
        job_in(&shop, &begun.name, ProofingJobState::Concluded).await.result(),
        ProofingResult::Mismatch
    );
    assert_eq!(person(&shop, &name).await.state(), PersonState::Verified);
    world.settle().await;
}

#[tokio::test]
async fn a_repeated_request_for_a_check_is_answered_as_it_was_also_when_the_source_is_gone() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let secret = world.client("till", "shop", &["persons.proof"]).await;
    let person = shop.register(MINA).await;
    let request = StartProofingRequest {
        person,
        source: "police".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    let start = async |world: &World, request: &StartProofingRequest| {
        let till = world.with_secret("till", &secret);
        till.persons().start_proofing(request.clone()).await.map(tonic::Response::into_inner)
    };
    let first = start(&world, &request).await.unwrap();
    let (folder, mut config, clock) = world.stop().await;
    config.proofing_sources.clear();
    let world = World::in_folder_of((folder, config, clock)).await;
    assert_eq!(start(&world, &request).await.unwrap(), first);
    let anew = StartProofingRequest { request_id: request_id(), ..request };
    let status = assert_refused(start(&world, &anew).await, Code::InvalidArgument, "PROOFING_SOURCE_UNKNOWN");
    assert!(
        status.message().contains("none is configured") && status.message().contains("`proofing_sources`")
    );
}

#[tokio::test]
async fn a_check_older_than_what_is_known_is_kept_without_effect() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    let yesterday = world.clock.now().minus(Duration::from_hours(24));
    fake.next([says(CheckVerdict::Match)]);
    fake.next([Reply::Says(CheckOutcome {
        verdict: CheckVerdict::Mismatch.into(),
        check_time: Some(timestamp(yesterday)),
        ..Default::default()
    })]);
    for result in [ProofingResult::Match, ProofingResult::Mismatch] {
        let begun = begin(&shop, &name, "police").await.unwrap();
        assert_eq!(job_in(&shop, &begun.name, ProofingJobState::Concluded).await.result(), result);
    }
    assert_eq!(person(&shop, &name).await.state(), PersonState::Verified);
    assert_eq!(evidence(&world).await.len(), 2);
}

#[tokio::test]
async fn the_sandbox_is_asked_like_any_source_and_does_what_the_number_says() {
    let world = World::with(|config| config.allow_sandbox_source = true).await;
    let shop = world.platform("shop").await;
    let outcomes = [
        (901, PersonState::Mismatch),
        (902, PersonState::Unverified),
        (903, PersonState::Verified),
        (904, PersonState::Verified),
        (1, PersonState::Verified),
    ];
    for (sequence, state) in outcomes {
        let name = shop.register((MINA.0, &card("19900307", sequence))).await;
        let begun = begin(&shop, &name, "sandbox").await.unwrap();
        // Time passes in small steps: the source may be asked at this very moment.
        greenroom_testkit::eventually("the job was concluded", async || {
            let job = job(&shop, &begun.name).await.unwrap();
            if matches!(job.state(), ProofingJobState::Waiting | ProofingJobState::Outage) {
                world.clock.advance(Duration::from_secs(1));
            }
            (job.state() == ProofingJobState::Concluded).then_some(())
        })
        .await;
        assert_eq!(person(&shop, &name).await.state(), state, "{sequence}");
    }
    assert!(evidence(&world).await.contains(&"SANDBOX sandbox MATCH LOCAL".to_owned()));
    world.settle().await;
}

#[tokio::test]
async fn only_sources_of_the_configuration_can_be_asked() {
    let fake = FakeSource::start(says(CheckVerdict::Match)).await;
    let world = with_police(&fake).await;
    let shop = world.platform("shop").await;
    let name = shop.register(MINA).await;
    for source in ["", "manual", "militia"] {
        let status = assert_refused(
            begin(&shop, &name, source).await,
            Code::InvalidArgument,
            "PROOFING_SOURCE_UNKNOWN",
        );
        assert!(status.message().contains("these are: police"), "{}", status.message());
    }
    let sandbox = begin(&shop, &name, "sandbox").await;
    let status = assert_refused(sandbox, Code::InvalidArgument, "SANDBOX_SOURCE_DISABLED");
    assert!(status.message().contains("`allow_sandbox_source`"), "{}", status.message());
    let nobody = begin(&shop, "persons/nobody", "police").await;
    assert_refused(nobody, Code::NotFound, "PERSON_NOT_FOUND");
    let missing = job(&shop, &format!("{name}/proofingJobs/{}", uuid::Uuid::new_v4())).await;
    assert_refused(missing, Code::NotFound, "PROOFING_JOB_NOT_FOUND");
    let odd = assert_refused(job(&shop, &name).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&odd), ["name"]);
    let request = StartProofingRequest {
        person: name.clone(),
        source: "police".to_owned(),
        validate_only: true,
        ..Default::default()
    };
    shop.persons().start_proofing(request).await.unwrap();
    assert_eq!(fake.asked(), []);
}
