//! The four answers, and what each tells.

use greenroom_proto::certification::v1::EvidenceResult;
use greenroom_proto::registry::v1::{Decision, Level, Outcome, ReasonCode, ReasonKind};
use greenroom_rpc::clock::Clock as _;
use greenroom_tests::{Holder, Town};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn codes(decision: &Decision) -> Vec<ReasonCode> {
    decision.reasons.iter().map(greenroom_proto::registry::v1::Reason::code).collect()
}

#[tokio::test]
async fn everything_that_is_missing_is_told_at_once_law_first() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    // Seventeen on the day of the story, with a level below the policy, and nobody has checked who this is.
    let young = Holder::new(7, "20091015", 5);
    issuer.import(std::slice::from_ref(&young)).await.unwrap();
    let person = platform.register(&young).await.unwrap();
    let (streamer, revision) = platform.enrol("young", &person).await.unwrap();

    let decision = platform.check_at(&streamer, &revision).await.unwrap();

    assert_eq!(decision.outcome(), Outcome::Deny);
    let expected =
        [ReasonCode::IdentityUnverified, ReasonCode::GuardianConsentMissing, ReasonCode::LevelTooLow];
    assert_eq!(codes(&decision), expected);
    let kinds: Vec<_> = decision.reasons.iter().map(greenroom_proto::registry::v1::Reason::kind).collect();
    assert_eq!(kinds, [ReasonKind::Legal, ReasonKind::Legal, ReasonKind::Policy]);
    for reason in &decision.reasons {
        for text in [&reason.basis, &reason.message, &reason.remedy] {
            let text = text.as_ref().unwrap();
            assert!(!text.en.is_empty() && !text.zh.is_empty(), "{reason:?}");
        }
    }
    town.end().await;
}

#[tokio::test]
async fn a_certificate_the_look_up_does_not_show_yet_means_not_yet_and_says_when() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let fresh = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&fresh)).await.unwrap();
    let streamer = platform.welcome("fresh", &fresh).await.unwrap();
    let number = &fresh.certificate_number;

    let asked = town.clock.now();
    let revision = issuer.record(number, EvidenceResult::NotFound, asked).await.unwrap();

    let decision = platform.check_at(&streamer, &revision).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::NotYet);
    assert_eq!(codes(&decision), [ReasonCode::CertNotFound]);
    let again = greenroom_rpc::wire::instant(&decision.ask_again_time.unwrap()).unwrap();
    assert!(again > asked, "{again}");
    town.end().await;
}

#[tokio::test]
async fn evidence_that_has_run_out_means_undetermined() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let streamer = platform.welcome("mina", &mina).await.unwrap();

    // An older check that comes in late does not undo a newer one, in either direction.
    let long_ago = town.clock.now().minus(400 * DAY);
    let late = issuer.record(&mina.certificate_number, EvidenceResult::NotFound, long_ago).await.unwrap_err();
    assert_eq!(greenroom_rpc::fault::reason_of(&late).unwrap(), "FIELDS_INVALID");
    assert_eq!(platform.check(&streamer).await.unwrap().outcome(), Outcome::Allow);

    town.clock.advance(200 * DAY);
    let person = platform.register(&mina).await.unwrap();
    let proven = platform.prove(&person).await.unwrap();
    let decision = platform.check_at(&streamer, &proven).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Undetermined, "{:?}", codes(&decision));
    assert!(codes(&decision).contains(&ReasonCode::CertEvidenceStale), "{:?}", codes(&decision));
    town.end().await;
}

#[tokio::test]
async fn a_stricter_policy_changes_the_answer_from_its_first_instant() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 4);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let streamer = platform.welcome("mina", &mina).await.unwrap();
    assert_eq!(platform.check(&streamer).await.unwrap().outcome(), Outcome::Allow);

    let revision = platform.set_policy(Level::Level3).await.unwrap();

    let decision = platform.check_at(&streamer, &revision).await.unwrap();
    assert_eq!((decision.outcome(), codes(&decision)), (Outcome::Deny, vec![ReasonCode::LevelTooLow]));
    assert_eq!(decision.policy_revision_number, 2);
    town.end().await;
}
