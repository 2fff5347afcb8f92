//! The keys that sign tokens change while everybody works.

use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1::Outcome;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::fault::reason_of;
use greenroom_testkit::eventually;
use greenroom_tests::{Holder, Platform, Service, Town};
use identity::SigningKeyRotation;
use identity::token_service_client::TokenServiceClient;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tonic::Code;

async fn published(town: &Town) -> Vec<String> {
    let mut tokens = TokenServiceClient::new(town.open_connection(Service::Identity));
    let answer = tokens.list_signing_keys(identity::ListSigningKeysRequest {}).await.unwrap().into_inner();
    answer.keys.into_iter().map(|key| key.key_id).collect()
}

/// What goes on all the time.
struct Work<'a> {
    town: &'a Town,
    platform: &'a Platform<'a>,
    streamer: &'a str,
    calls: AtomicUsize,
    over: AtomicBool,
}

impl Work<'_> {
    /// Calls every service with a token as fresh as can be and with one that is kept for as long as it lives.
    async fn go_on(&self) {
        let kept = self.platform.to(Service::Registry);
        let mut kept =
            greenroom_proto::registry::v1::streamer_service_client::StreamerServiceClient::new(kept);
        while !self.over.load(Ordering::Relaxed) {
            self.platform.check(self.streamer).await.unwrap();
            for (service, token) in self.town.tokens(&self.platform.credential).await.unwrap() {
                self.town.knock(service, &token).await.unwrap();
            }
            kept.list_streamers(greenroom_proto::registry::v1::ListStreamersRequest::default())
                .await
                .unwrap();
            self.calls.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lets the time go on, with calls between any two steps.
    async fn pass(&self, minutes: u32) {
        for _ in 0..minutes {
            self.town.clock.advance(Duration::from_mins(1));
            let before = self.calls.load(Ordering::Relaxed);
            eventually("calls go on", || async {
                (self.calls.load(Ordering::Relaxed) > before + 1).then_some(())
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_key_is_published_signs_and_retires_and_no_call_fails() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let streamer = platform.welcome("mina", &Holder::new(1, "19900307", 3)).await.unwrap();
    let work = Work {
        town: &town,
        platform: &platform,
        streamer: &streamer,
        calls: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    };
    let first = published(&town).await;
    let move_on = async {
        work.pass(1).await;
        let next = operator.rotate(SigningKeyRotation::PublishFirst).await.unwrap().next_key.unwrap();
        assert_eq!(published(&town).await, [first[0].clone(), next.key_id.clone()]);
        // Six minutes until it signs, and an hour more until no token of the first can be alive.
        work.pass(7).await;
        assert_eq!(published(&town).await.len(), 2);
        work.pass(61).await;
        eventually("the first key is retired", || async {
            (published(&town).await == [next.key_id.clone()]).then_some(())
        })
        .await;
        work.pass(1).await;
        work.over.store(true, Ordering::Relaxed);
    };
    tokio::join!(move_on, work.go_on());
    town.end().await;
}

#[tokio::test]
async fn compromised_keys_take_every_token_with_them_and_callers_recover_by_themselves() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let (mina, noor) = (Holder::new(1, "19900307", 3), Holder::new(2, "19921224", 4));
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let streamer = platform.welcome("mina", &mina).await.unwrap();
    let held = town.tokens(&platform.credential).await.unwrap();
    for (service, token) in &held {
        town.knock(*service, token).await.unwrap();
    }
    let before = published(&town).await;

    let done = operator.rotate(SigningKeyRotation::Compromised).await.unwrap();

    let after = published(&town).await;
    assert_eq!(after, [done.next_key.unwrap().key_id]);
    assert_ne!(after, before);
    // The news comes at once; a service that read the keys within the same half-second reads them again after it.
    let given_up = town.clock.now();
    for (service, token) in &held {
        let refused = eventually("the token is refused", || async {
            town.clock.advance(Duration::from_millis(50));
            town.knock(*service, token).await.err()
        })
        .await;
        let reason = reason_of(&refused);
        assert_eq!((refused.code(), reason.as_deref()), (Code::Unauthenticated, Some("TOKEN_REFUSED")));
    }
    // They would have lived for five minutes.
    assert!(town.clock.now() < given_up.plus(Duration::from_mins(1)));
    // Nobody is told anything: platform, issuer and the services among themselves ask for new tokens.
    eventually("the platform is answered", || async { platform.check(&streamer).await.ok() }).await;
    eventually("the issuer imports", || async { issuer.import(std::slice::from_ref(&noor)).await.ok() })
        .await;
    let second =
        eventually("a new streamer is welcome", || async { platform.welcome("noor", &noor).await.ok() })
            .await;
    for streamer in [&streamer, &second] {
        eventually("the answer is yes", || async {
            (platform.check(streamer).await.ok()?.outcome() == Outcome::Allow).then_some(())
        })
        .await;
    }
    town.end().await;
}
