//! A certificate is revoked, and the sale that rested on it ends.

use greenroom_proto::registry::v1 as registry;
use greenroom_tests::{Engine, Holder, Town};
use registry::{
    LiveSessionEventType, LiveSessionState, MarketerState, Outcome, ReasonCode, WatchLiveSessionsRequest,
};

async fn a_revoked_certificate_closes_the_sale(engine: Engine) {
    let town = Town::start_on(engine).await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let streamer = platform.welcome("mina", &mina).await.unwrap();
    assert_eq!(platform.check(&streamer).await.unwrap().outcome(), Outcome::Allow);

    let opened = platform.go_live("room-1", &[&streamer]).await.unwrap();
    let session = opened.live_session.unwrap();
    assert_eq!(session.state(), LiveSessionState::Open);
    let from = WatchLiveSessionsRequest { cursor: opened.watch_cursor, ..Default::default() };
    let mut watch = platform.live_sessions().watch_live_sessions(from).await.unwrap().into_inner();

    let revision = issuer.revoke(&mina.certificate_number).await.unwrap();

    // Revoke, then check: never stale.
    let decision = platform.check_at(&streamer, &revision).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Deny);
    assert_eq!(decision.reasons[0].code(), ReasonCode::CertRevoked);
    // The cut comes once, with its reasons, and the session ends with its last marketer.
    let cut = loop {
        let answer = watch.message().await.unwrap().unwrap();
        if let Some(event) = answer.events.into_iter().next() {
            break event;
        }
    };
    assert_eq!(cut.r#type(), LiveSessionEventType::MarketerCut);
    assert_eq!(cut.cut_streamers, std::slice::from_ref(&streamer));
    let after = cut.live_session.unwrap();
    assert_eq!((after.name.as_str(), after.state()), (session.name.as_str(), LiveSessionState::Ended));
    assert_eq!(after.roster[0].state(), MarketerState::Cut);
    assert!(after.fence > session.fence);
    assert_eq!(after.roster[0].decision.clone().unwrap().reasons[0].code(), ReasonCode::CertRevoked);
    // And the lease cannot be brought back.
    let renew =
        registry::RenewLiveSessionRequest { name: session.name, fence: after.fence, ..Default::default() };
    let refused = platform.live_sessions().renew_live_session(renew).await.unwrap_err();
    assert_eq!(greenroom_rpc::fault::reason_of(&refused).unwrap(), "LIVE_SESSION_NOT_OPEN");
    town.end().await;
}

#[tokio::test]
async fn a_revoked_certificate_closes_the_sale_on_sqlite() {
    Box::pin(a_revoked_certificate_closes_the_sale(Engine::Sqlite)).await;
}

#[tokio::test]
async fn a_revoked_certificate_closes_the_sale_on_postgres() {
    Box::pin(a_revoked_certificate_closes_the_sale(Engine::Postgres)).await;
}

#[tokio::test]
async fn of_two_marketers_only_the_one_concerned_is_cut() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let (mina, noor) = (Holder::new(1, "19900307", 3), Holder::new(2, "19921224", 4));
    issuer.import(&[mina.clone(), noor.clone()]).await.unwrap();
    let first = platform.welcome("mina", &mina).await.unwrap();
    let second = platform.welcome("noor", &noor).await.unwrap();
    let session = platform.go_live("room-1", &[&first, &second]).await.unwrap().live_session.unwrap();

    issuer.revoke(&mina.certificate_number).await.unwrap();

    let state = greenroom_testkit::eventually("the cut", || async {
        let request = registry::GetLiveSessionRequest { name: session.name.clone() };
        let now = platform.live_sessions().get_live_session(request).await.unwrap().into_inner();
        now.live_session.filter(|now| now.fence > session.fence)
    })
    .await;
    assert_eq!(state.state(), LiveSessionState::Open);
    let states: Vec<_> = state.roster.iter().map(registry::Marketer::state).collect();
    assert_eq!(states, [MarketerState::Cut, MarketerState::Admitted]);
    town.end().await;
}
