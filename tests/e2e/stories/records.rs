//! Records that are frozen, erased, checked again, and documents that end.

use greenroom_domain::kernel::Timestamp;
use greenroom_proto::certification::v1::CertificateState;
use greenroom_proto::identity::v1::PersonState;
use greenroom_proto::registry::v1::{Decision, LiveSession, LiveSessionState, Outcome, ReasonCode};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::fault::reason_of;
use greenroom_rpc::wire::instant;
use greenroom_testkit::eventually;
use greenroom_tests::{Engine, Holder, Platform, Town, next_cut};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn codes(decision: &Decision) -> Vec<ReasonCode> {
    decision.reasons.iter().map(greenroom_proto::registry::v1::Reason::code).collect()
}

/// Why the session was cut.
fn why(cut: &LiveSession) -> Vec<ReasonCode> {
    assert_eq!(cut.state(), LiveSessionState::Ended);
    cut.roster[0].decision.as_ref().map(codes).unwrap_or_default()
}

async fn a_frozen_record_closes_the_sale_and_an_erased_one_is_nobody(engine: Engine) {
    let town = Town::start_on(engine).await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let streamer = platform.welcome("mina", &mina).await.unwrap();
    let person = platform.register(&mina).await.unwrap();
    let (_, mut watch) = platform.on_air(&streamer).await.unwrap();

    let until = town.clock.now().plus(DAY * 30);
    let frozen = operator.freeze("acme", &person, until).await.unwrap();

    assert_eq!(why(&next_cut(&mut watch).await.unwrap()), [ReasonCode::IdentityRecordClosed]);
    let decision = platform.check_at(&streamer, &frozen).await.unwrap();
    assert_eq!(
        (decision.outcome(), codes(&decision)),
        (Outcome::Deny, vec![ReasonCode::IdentityRecordClosed])
    );
    for refused in [platform.register(&mina).await.map(drop), platform.prove(&person).await.map(drop)] {
        assert_eq!(reason_of(&refused.unwrap_err()).unwrap(), "PERSON_FROZEN");
    }
    let held = operator.erase("acme", &person).await.unwrap_err();
    assert_eq!(reason_of(&held).unwrap(), "PERSON_HELD");

    town.clock.advance(DAY * 30);
    let erased = eventually("the operator's feed tokens are fresh", || async {
        operator.erase("acme", &person).await.ok()
    })
    .await;
    let decision = platform.check_at(&streamer, &erased).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Deny);
    assert!(codes(&decision).contains(&ReasonCode::IdentityRecordClosed), "{:?}", codes(&decision));
    assert_eq!(platform.person(&person).await.unwrap().state(), PersonState::Erased);
    // The certificate is the issuer's own: it stands, and its holder is nobody any more.
    let certificate = issuer.certificate(&mina.certificate_number).await.unwrap();
    assert_eq!(certificate.state(), CertificateState::Verified);
    a_new_person_starts_from_nothing(&platform, &mina, (&person, &streamer)).await;
    town.end().await;
}

/// The same document again, after the first record was erased.
async fn a_new_person_starts_from_nothing(platform: &Platform<'_>, mina: &Holder, old: (&str, &str)) {
    let again = platform.register(mina).await.unwrap();
    assert_ne!(again, old.0);
    assert_eq!(platform.person(&again).await.unwrap().state(), PersonState::Unverified);
    let streamer = platform.welcome("mina-again", mina).await.unwrap();
    assert_ne!(streamer, old.1);
    let decision = platform.check(&streamer).await.unwrap();
    // Proven once more; but no certificate of the first record is theirs.
    assert_eq!((decision.outcome(), codes(&decision)), (Outcome::Deny, vec![ReasonCode::LevelNotHeld]));
}

#[tokio::test]
async fn a_frozen_record_closes_the_sale_and_an_erased_one_is_nobody_on_sqlite() {
    Box::pin(a_frozen_record_closes_the_sale_and_an_erased_one_is_nobody(Engine::Sqlite)).await;
}

#[tokio::test]
async fn a_frozen_record_closes_the_sale_and_an_erased_one_is_nobody_on_postgres() {
    Box::pin(a_frozen_record_closes_the_sale_and_an_erased_one_is_nobody(Engine::Postgres)).await;
}

/// Opens a session a minute before `end`; gives why it is cut at that instant.
async fn cut_at(town: &Town, platform: &Platform<'_>, streamer: &str, end: Timestamp) -> Vec<ReasonCode> {
    let now = town.clock.now();
    let minute = Duration::from_mins(1);
    town.clock.advance(end.minus(minute).since(now));
    eventually("the answer is yes", || async {
        platform.check(streamer).await.ok().filter(|it| it.outcome() == Outcome::Allow)
    })
    .await;
    let (session, mut watch) = platform.on_air(streamer).await.unwrap();
    town.clock.advance(Duration::from_micros(59_999_999));
    assert_eq!(platform.check(streamer).await.unwrap().outcome(), Outcome::Allow);
    town.clock.advance(Duration::from_micros(1));
    let cut = next_cut(&mut watch).await.unwrap();
    assert_eq!(cut.name, session.name);
    why(&cut)
}

#[tokio::test]
async fn the_instant_a_recheck_is_due_cuts_the_sale() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    let streamer = platform.welcome("mina", &mina).await.unwrap();
    let person = platform.register(&mina).await.unwrap();
    let end = town.clock.now().plus(DAY * 180);
    // The evidence for the certificate is younger, and outlives the identity check.
    town.clock.advance(DAY * 10);
    eventually("the roll is imported", || async { issuer.import(std::slice::from_ref(&mina)).await.ok() })
        .await;

    assert_eq!(cut_at(&town, &platform, &streamer, end).await, [ReasonCode::DynamicCheckOverdue]);
    let due = platform.person(&person).await.unwrap();
    assert_eq!(due.state(), PersonState::RecheckDue);
    town.end().await;
}

#[tokio::test]
async fn the_end_of_a_document_cuts_the_sale() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let streamer = platform.welcome("mina", &mina).await.unwrap();
    let person = platform.register(&mina).await.unwrap();
    let proven = platform.prove_until(&person, "2026-11-05").await.unwrap();
    assert_eq!(platform.check_at(&streamer, &proven).await.unwrap().outcome(), Outcome::Allow);
    // The last day counts to its end, in Beijing.
    let end = instant(&prost_types::Timestamp { seconds: 1_793_894_400, nanos: 0 }).unwrap();
    assert_eq!(end.to_string(), "2026-11-05T16:00:00Z");

    // A check counts no longer than the document that was shown, so it may be told as overdue as well.
    let reasons = cut_at(&town, &platform, &streamer, end).await;
    assert_eq!(reasons.first(), Some(&ReasonCode::IdentityDocExpired), "{reasons:?}");
    assert_eq!(platform.person(&person).await.unwrap().state(), PersonState::DocumentExpired);
    town.end().await;
}
