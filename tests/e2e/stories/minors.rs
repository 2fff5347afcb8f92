//! Sixteen and seventeen: a guardian's word, and the birthday after which nobody asks for it.

use greenroom_domain::kernel::Timestamp;
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1::{Decision, LiveSessionState, MarketerState, Outcome, ReasonCode};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::fault::reason_of;
use greenroom_rpc::wire::instant;
use greenroom_testkit::eventually;
use greenroom_tests::{Engine, Holder, Operator, Town, next_cut};
use identity::identity_fact::Fact;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn codes(decision: &Decision) -> Vec<ReasonCode> {
    decision.reasons.iter().map(greenroom_proto::registry::v1::Reason::code).collect()
}

async fn a_guardians_word_opens_the_sale_and_taken_back_cuts_it(engine: Engine) {
    let town = Town::start_on(engine).await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    // Sixteen since a month.
    let young = Holder::new(7, "20101001", 4);
    issuer.import(std::slice::from_ref(&young)).await.unwrap();
    let streamer = platform.welcome("young", &young).await.unwrap();
    let person = platform.register(&young).await.unwrap();
    let decision = platform.check(&streamer).await.unwrap();
    assert_eq!(
        (decision.outcome(), codes(&decision)),
        (Outcome::Deny, vec![ReasonCode::GuardianConsentMissing])
    );
    let refused = platform.withdraw_consent(&person).await.unwrap_err();
    assert_eq!(reason_of(&refused).unwrap(), "CONSENT_MISSING");

    let given = platform.consent(&person).await.unwrap();
    let decision = platform.check_at(&streamer, &given).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
    let (session, mut watch) = platform.on_air(&streamer).await.unwrap();
    assert_eq!(session.state(), LiveSessionState::Open);

    // Nobody asks; the time stands still.
    let withdrawn = platform.withdraw_consent(&person).await.unwrap();
    let cut = next_cut(&mut watch).await.unwrap();
    assert_eq!((&cut.name, cut.state()), (&session.name, LiveSessionState::Ended));
    assert_eq!(codes(cut.roster[0].decision.as_ref().unwrap()), [ReasonCode::GuardianConsentMissing]);
    let decision = platform.check_at(&streamer, &withdrawn).await.unwrap();
    assert_eq!(codes(&decision), [ReasonCode::GuardianConsentMissing]);
    let again = platform.go_live("room-2", &[&streamer]).await.unwrap().live_session.unwrap();
    assert_eq!((again.state(), again.roster[0].state()), (LiveSessionState::Ended, MarketerState::Refused));
    town.end().await;
}

#[tokio::test]
async fn a_guardians_word_opens_the_sale_and_taken_back_cuts_it_on_sqlite() {
    Box::pin(a_guardians_word_opens_the_sale_and_taken_back_cuts_it(Engine::Sqlite)).await;
}

#[tokio::test]
async fn a_guardians_word_opens_the_sale_and_taken_back_cuts_it_on_postgres() {
    Box::pin(a_guardians_word_opens_the_sale_and_taken_back_cuts_it(Engine::Postgres)).await;
}

/// When the feed first told that somebody is an adult who was not.
async fn came_of_age(operator: &Operator<'_>) -> Option<Timestamp> {
    let events = operator.identity_events().await.unwrap();
    let mut minors = std::collections::BTreeSet::new();
    events.into_iter().find_map(|event| {
        let Some(Fact::Person(person)) = event.fact.and_then(|fact| fact.fact) else { return None };
        match person.age_band() {
            identity::AgeBand::Adult if minors.contains(&person.person) => {
                assert_eq!((event.client.as_str(), event.person.as_str()), ("", ""));
                Some(instant(&event.commit_time.unwrap()).unwrap())
            }
            identity::AgeBand::Adult => None,
            _ => {
                minors.insert(person.person);
                None
            }
        }
    })
}

/// A year of age (周岁) is complete with the end of the birthday: the day after it is the first on which nobody is asked.
#[tokio::test]
async fn the_day_after_the_eighteenth_birthday_nobody_is_asked_for_consent() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    // Eighteen on the day after the story begins, a Tuesday.
    let young = Holder::new(7, "20081103", 4);
    issuer.import(std::slice::from_ref(&young)).await.unwrap();
    let streamer = platform.welcome("young", &young).await.unwrap();
    let wednesday = town.clock.now().plus(DAY + Duration::from_hours(12));

    for step in [DAY, Duration::from_hours(12) - Duration::from_secs(1)] {
        town.clock.advance(step);
        let what = [ReasonCode::GuardianConsentMissing];
        eventually("the news is fresh, and the answer no", || async {
            platform.check(&streamer).await.ok().filter(|it| codes(it) == what)
        })
        .await;
    }
    assert_eq!(came_of_age(&operator).await, None);

    town.clock.advance(Duration::from_secs(1));
    assert_eq!(town.clock.now(), wednesday);
    eventually("the answer is yes", || async {
        platform.check(&streamer).await.ok().filter(|it| it.outcome() == Outcome::Allow)
    })
    .await;
    let told = eventually("the feed tells", || came_of_age(&operator)).await;
    assert_eq!(told, wednesday);
    town.end().await;
}
