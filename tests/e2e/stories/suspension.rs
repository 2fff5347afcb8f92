//! An organization is suspended, and comes back.

use greenroom_proto::registry::v1::Outcome;
use greenroom_rpc::fault::reason_of;
use greenroom_tests::{Engine, Holder, Service, Town};
use std::time::Duration;
use tonic::Code;

/// Tokens tell their time in whole seconds: one issued in the second of a revocation is refused with it.
const SECONDS: Duration = Duration::from_secs(2);

async fn a_suspended_organization_is_refused_everywhere_at_once(engine: Engine) {
    let town = Town::start_on(engine).await;
    let operator = town.operator();
    let (acme, bazaar) =
        (operator.platform("acme").await.unwrap(), operator.platform("bazaar").await.unwrap());
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let streamer = acme.welcome("mina", &mina).await.unwrap();
    assert_eq!(acme.check(&streamer).await.unwrap().outcome(), Outcome::Allow);
    let (_, mut watch) = acme.on_air(&streamer).await.unwrap();
    let (held, of_others) =
        (town.tokens(&acme.credential).await.unwrap(), town.tokens(&bazaar.credential).await.unwrap());
    for (service, token) in &held {
        town.knock(*service, token).await.unwrap();
    }

    // From here on the clock stands still: the tokens would live for minutes.
    operator.suspend("acme").await.unwrap();

    for (service, token) in &held {
        let refused = town.refused(*service, token).await;
        assert_eq!(
            (refused.code(), reason_of(&refused).as_deref()),
            (Code::Unauthenticated, Some("TOKEN_REFUSED"))
        );
    }
    let ended = loop {
        match watch.message().await {
            Ok(Some(_)) => {}
            other => break other.map(drop).unwrap_err(),
        }
    };
    assert_eq!((ended.code(), reason_of(&ended).as_deref()), (Code::Unauthenticated, Some("TOKEN_REFUSED")));
    let refused = acme.check(&streamer).await.unwrap_err();
    assert_eq!(reason_of(&refused).unwrap(), "ORGANIZATION_SUSPENDED");
    for (service, token) in &of_others {
        town.knock(*service, token).await.unwrap();
    }

    town.clock.advance(SECONDS);
    operator.reinstate("acme").await.unwrap();
    town.clock.advance(SECONDS);
    // The news of the reinstatement travels like that of the suspension.
    for (service, token) in town.tokens(&acme.credential).await.unwrap() {
        greenroom_testkit::eventually("the new token is admitted", || async {
            town.knock(service, &token).await.ok()
        })
        .await;
    }
    assert_eq!(acme.check(&streamer).await.unwrap().outcome(), Outcome::Allow);
    for (service, token) in &held {
        let refused = town.knock(*service, token).await.unwrap_err();
        assert_eq!(reason_of(&refused).unwrap(), "TOKEN_REFUSED", "{service:?}");
    }
    town.end().await;
}

#[tokio::test]
async fn a_suspended_organization_is_refused_everywhere_at_once_on_sqlite() {
    a_suspended_organization_is_refused_everywhere_at_once(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_suspended_organization_is_refused_everywhere_at_once_on_postgres() {
    a_suspended_organization_is_refused_everywhere_at_once(Engine::Postgres).await;
}

/// A service that starts again asks its own tables first, not the feed.
#[tokio::test]
async fn a_suspension_outlives_every_restart() {
    let mut town = Town::start().await;
    let held = {
        let operator = town.operator();
        let acme = operator.platform("acme").await.unwrap();
        let held = town.tokens(&acme.credential).await.unwrap();
        operator.suspend("acme").await.unwrap();
        for (service, token) in &held {
            town.refused(*service, token).await;
        }
        held
    };
    for service in Service::ALL {
        town.close(service).await;
    }
    for service in Service::ALL {
        town.open(service).await;
    }
    town.ready().await;
    for (service, token) in &held {
        let refused = town.knock(*service, token).await.unwrap_err();
        assert_eq!(reason_of(&refused).unwrap(), "TOKEN_REFUSED", "{service:?}");
    }
    town.end().await;
}
