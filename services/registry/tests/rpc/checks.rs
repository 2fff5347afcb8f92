//! The check.

use crate::fakes::Line;
use crate::town::{Town, codes, is_serving, permissions, reason};
use greenroom_auth::OrganizationRole;
use greenroom_proto::certification::v1::{
    CertificateFact, CertificateState, IssuerStanding, certification_fact,
};
use greenroom_proto::identity::v1::{ClientFact, ClientState, identity_fact};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{instant, timestamp};
use greenroom_testkit::eventually;
use std::time::Duration;
use tonic::Code;

#[tokio::test(flavor = "multi_thread")]
async fn a_certified_streamer_may_sell_until_the_certificate_is_revoked() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let revoked = town.revoke("mina");
    let request = CheckPermissionRequest { streamer: mina, at_least_revision: revoked, ..Default::default() };
    let decision = town.check(&replica, "shop", request).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Deny);
    assert_eq!(codes(&decision), ["CERT_REVOKED"]);
    let reason = decision.reasons.first().unwrap();
    assert_eq!(reason.certificate, "certificates/of-mina");
    assert!(!reason.message.as_ref().unwrap().zh.is_empty());
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_may_rely_on_an_answer_beyond_the_evidence() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let until = town.clock.now().plus(Duration::from_secs(7));
    let revision = town.verify("mina", until);
    let request =
        CheckPermissionRequest { streamer: mina.clone(), at_least_revision: revision, ..Default::default() };
    let decision = town.check(&replica, "shop", request).await.unwrap();
    assert_eq!(instant(&decision.valid_until_time.unwrap()), Ok(until));
    town.clock.advance(Duration::from_secs(7));
    let decision = eventually("the feeds are fresh again", async || {
        let decision = town.check_now(&replica, "shop", &mina).await;
        (!codes(&decision).contains(&"EVIDENCE_SOURCE_UNAVAILABLE")).then_some(decision)
    });
    let decision = decision.await;
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert_eq!(codes(&decision), ["CERT_EVIDENCE_STALE"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_waits_for_the_revision_it_asks_for() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    town.others.certification.set(Line::Cut);
    let until = town.in_hours(1);
    let fact = town.certificate("mina", CertificateState::Suspended, until);
    let revision = town.others.certification.keep(fact);
    let request =
        CheckPermissionRequest { streamer: mina.clone(), at_least_revision: revision, ..Default::default() };
    let mut hasty = town.call("shop", request.clone());
    hasty.set_timeout(Duration::from_millis(300));
    let refused = permissions(&replica).check_permission(hasty).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::DeadlineExceeded, "REVISION_NOT_REACHED"));
    let patient = town.check(&replica, "shop", request);
    let mend = async { town.others.certification.set(Line::Open) };
    let (decision, ()) = tokio::join!(patient, mend);
    assert_eq!(codes(&decision.unwrap()), ["CERT_SUSPENDED"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_no_revision_is_refused_by_name() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let request = CheckPermissionRequest {
        streamer: mina,
        at_least_revision: "tomorrow".to_owned(),
        ..Default::default()
    };
    let refused = town.check(&replica, "shop", request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "REVISION_MALFORMED"));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_platforms_streamer_is_as_unknown_as_one_that_never_was() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let mut answers = Vec::new();
    for streamer in [mina.as_str(), "streamers/nobody"] {
        let request = CheckPermissionRequest { streamer: streamer.to_owned(), ..Default::default() };
        let refused = town.check(&replica, "rival", request).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
        answers.push((reason(&refused), refused.message().replace(streamer.split('/').nth(1).unwrap(), "…")));
    }
    assert_eq!(answers.first(), answers.get(1));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_one_outcome_for_each_name_in_their_order() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let streamers = vec!["streamers/nobody".to_owned(), mina];
    let message = BatchCheckPermissionsRequest { streamers, ..Default::default() };
    let answer = permissions(&replica).batch_check_permissions(town.call("shop", message)).await.unwrap();
    let states: Vec<PermissionResultState> =
        answer.into_inner().results.iter().map(PermissionResult::state).collect();
    assert_eq!(states, [PermissionResultState::StreamerNotFound, PermissionResultState::Decided]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_news_grow_too_old_the_answer_is_that_nobody_knows() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    town.others.certification.set(Line::Cut);
    town.clock.advance(Duration::from_secs(29));
    let decision = town.check_now(&replica, "shop", &mina).await;
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
    town.clock.advance(Duration::from_secs(1));
    let decision = town.check_now(&replica, "shop", &mina).await;
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert!(codes(&decision).contains(&"EVIDENCE_SOURCE_UNAVAILABLE"));
    assert!(is_serving(&replica).await, "the service goes on answering");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_struck_off_takes_its_certificates_along() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let at_least_revision = town.issuer("academy", IssuerStanding::StruckOff);
    let request = CheckPermissionRequest { streamer: mina, at_least_revision, ..Default::default() };
    let decision = town.check(&replica, "shop", request).await.unwrap();
    assert_eq!(codes(&decision), ["ISSUER_STRUCK_OFF"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_client_is_shut_out_and_stays_out_after_a_restart() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let request = CheckPermissionRequest { streamer: mina, ..Default::default() };
    let token_of_then = town.call("shop", request.clone()).metadata().clone();
    let disabled = ClientFact {
        client: "clients/shop-backend".to_owned(),
        organization: "organizations/shop".to_owned(),
        state: ClientState::Disabled.into(),
        tokens_valid_from: Some(timestamp(town.clock.now())),
        version: 2,
        ..Default::default()
    };
    town.others.identity.tell(identity_fact::Fact::Client(disabled));
    let replay = || {
        let mut again = tonic::Request::new(request.clone());
        *again.metadata_mut() = token_of_then.clone();
        again
    };
    let refused = eventually("the token is refused", async || {
        permissions(&replica).check_permission(replay()).await.err()
    });
    assert_eq!(reason(&refused.await), "TOKEN_REFUSED");
    replica.stop().await;
    let replica = town.start().await;
    let refused = permissions(&replica).check_permission(replay()).await.unwrap_err();
    assert_eq!(reason(&refused), "TOKEN_REFUSED");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_may_not_check() {
    let town = Town::new().await;
    let replica = town.start().await;
    let request = CheckPermissionRequest { streamer: "streamers/x".to_owned(), ..Default::default() };
    let call = town.call_as("academy", &[OrganizationRole::Issuer], request);
    let refused = permissions(&replica).check_permission(call).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "ROLE_MISSING"));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_not_ready_before_both_feeds_were_heard() {
    let town = Town::new().await;
    town.others.certification.set(Line::Cut);
    let replica = town.launch().await;
    assert!(!is_serving(&replica).await);
    town.others.certification.set(Line::Open);
    eventually("it is ready", async || is_serving(&replica).await.then_some(())).await;
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_runs_ahead_elsewhere_keeps_no_news_fresh() {
    let town = Town::new().await;
    *town.others.certification.ahead.lock().unwrap() = Duration::from_hours(24);
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    town.others.certification.set(Line::Cut);
    town.clock.advance(Duration::from_secs(30));
    // Its own feed is soon fresh again; the one that is cut off stays as old as it is.
    let decision = eventually("certification alone is too old", async || {
        let decision = town.check_now(&replica, "shop", &mina).await;
        let [reason] = decision.reasons.as_slice() else { return None };
        let old = reason.message.as_ref()?.en.contains("certification was last heard of");
        old.then_some(decision)
    });
    assert_eq!(decision.await.outcome(), Outcome::Undetermined);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_cannot_read_its_own_log_knows_that_it_does_not_know() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    town.forge("ALTER TABLE feed_events RENAME TO lost").await;
    town.clock.advance(Duration::from_secs(30));
    let decision = eventually("the other feeds are fresh again", async || {
        let decision = town.check_now(&replica, "shop", &mina).await;
        (decision.reasons.len() <= 1).then_some(decision)
    });
    let decision = decision.await;
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert_eq!(codes(&decision), ["EVIDENCE_SOURCE_UNAVAILABLE"]);
    let message = decision.reasons.first().unwrap().message.as_ref().unwrap();
    assert!(message.en.contains("the registry last heard of its own feed"), "{}", message.en);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_says_what_cannot_be_read_counts_as_suspended() {
    let unreadable = |town: &Town, name: &str| {
        let fact = town.certificate(name, CertificateState::Verified, town.in_hours(1_000));
        let certification_fact::Fact::Certificate(fact) = fact else { panic!("a certificate was asked for") };
        certification_fact::Fact::Certificate(CertificateFact { level: 99, ..fact })
    };
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let of_mina = town.others.certification.tell(unreadable(&town, "mina"));
    // The same for one that was verified a moment before, and for one never heard of.
    let jun = town.proven(&replica, "jun").await;
    let (before, until) = (CertificateState::Verified, town.in_hours(1_000));
    town.others.certification.keep(town.certificate("jun", before, until));
    let of_jun = town.others.certification.tell(unreadable(&town, "jun"));
    let lan = town.proven(&replica, "lan").await;
    let of_lan = town.others.certification.tell(unreadable(&town, "lan"));
    for (streamer, at_least_revision, code) in
        [(mina, of_mina, "CERT_SUSPENDED"), (jun, of_jun, "CERT_SUSPENDED"), (lan, of_lan, "LEVEL_NOT_HELD")]
    {
        let request = CheckPermissionRequest { streamer, at_least_revision, ..Default::default() };
        let decision = town.check(&replica, "shop", request).await.unwrap();
        assert_eq!(codes(&decision), [code]);
    }
    replica.stop().await;
}
