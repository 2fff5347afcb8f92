//! Signing keys that change while everybody calls.

use crate::oauth::send;
use crate::tokens::{issue_with_secret, list_clients_with};
use crate::world::{ISSUER, World, assert_refused, refused_since, request_id};
use greenroom_auth::{RefreshRules, TokenGate, Verifier};
use greenroom_domain::kernel::Timestamp;
use greenroom_identity::{AUDIENCE, SigningAlgorithm};
use greenroom_proto::identity::v1::{
    ListSigningKeysRequest, OrganizationRole, RotateSigningKeyRequest, RotateSigningKeyResponse, SigningKey,
    SigningKeyRotation,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::keys::{Keys, RemoteKeys};
use greenroom_testkit::eventually;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tonic::Code;

async fn rotate(world: &World, rotation: SigningKeyRotation) -> RotateSigningKeyResponse {
    let request =
        RotateSigningKeyRequest { rotation: rotation.into(), request_id: request_id(), validate_only: false };
    world.operator().tokens().rotate_signing_key(request).await.unwrap().into_inner()
}

async fn keys(world: &World) -> Vec<SigningKey> {
    world.token_service().list_signing_keys(ListSigningKeysRequest {}).await.unwrap().into_inner().keys
}

async fn clean(world: &World) {
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn the_next_key_is_published_first_and_made_once() {
    let world = World::with(|config| config.signing_algorithm = SigningAlgorithm::Es256).await;
    let [first] = keys(&world).await.try_into().unwrap();
    assert_eq!((first.algorithm.as_str(), first.retired_from_time.is_none()), ("ES256", true));
    let dry = RotateSigningKeyRequest { validate_only: true, ..Default::default() };
    world.operator().tokens().rotate_signing_key(dry).await.unwrap();
    assert_eq!(keys(&world).await.len(), 1);

    let done = rotate(&world, SigningKeyRotation::Unspecified).await;
    let next = done.next_key.clone().unwrap();
    let now = world.clock.now().as_micros() / 1_000_000;
    assert_eq!(next.active_from_time.as_ref().unwrap().seconds, now + 360);
    let [old, new] = done.keys.as_slice() else { panic!("{:?}", done.keys) };
    assert_eq!((&old.key_id, new), (&first.key_id, &next));
    assert_eq!(old.retired_from_time.as_ref().unwrap().seconds, now + 360 + 3600 + 5);
    assert_eq!(keys(&world).await, done.keys);
    eventually("every process publishes it", async || {
        let published = send(&world, "GET", "/.well-known/jwks.json", &[], "").await;
        (published.body["keys"].as_array().unwrap().len() == 2).then_some(())
    })
    .await;

    // It has not begun to sign: it is the answer, and nothing is made.
    let again = rotate(&world, SigningKeyRotation::PublishFirst).await;
    assert_eq!((&again.next_key, &again.keys, &again.revision), (&done.next_key, &done.keys, &done.revision));
    clean(&world).await;
}

#[tokio::test]
async fn only_the_operator_changes_the_keys() {
    let world = World::start().await;
    let shop = world.former_operator("shop", &["signing_keys.write"]).await;
    let refused = { shop.tokens() }.rotate_signing_key(RotateSigningKeyRequest::default()).await;
    assert_refused(refused, Code::PermissionDenied, "ROLE_MISSING");
    let unknown = RotateSigningKeyRequest { rotation: 9, ..Default::default() };
    let refused = world.operator().tokens().rotate_signing_key(unknown).await;
    assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
}

#[tokio::test]
async fn compromised_keys_take_their_tokens_with_them() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read"]).await;
    rotate(&world, SigningKeyRotation::PublishFirst).await;
    let token = issue_with_secret(&world, "till", &secret).await.unwrap().access_token;
    list_clients_with(&world, &token).await.unwrap();
    let done = rotate(&world, SigningKeyRotation::Compromised).await;
    // The one that waited is given up too.
    assert_eq!(done.keys, [done.next_key.unwrap()]);
    assert_eq!(keys(&world).await, done.keys);
    let refused = refused_since(async || list_clients_with(&world, &token).await).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
    let token = issue_with_secret(&world, "till", &secret).await.unwrap().access_token;
    list_clients_with(&world, &token).await.unwrap();
    clean(&world).await;
}

#[tokio::test]
async fn a_replica_whose_clock_is_behind_gives_compromised_keys_up_at_once_too() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read"]).await;
    // Its clock is behind even the first key, which signs all the same.
    let behind = world.replica_at(world.clock.now().minus(Duration::from_mins(1))).await;
    let token = issue_with_secret(&behind, "till", &secret).await.unwrap().access_token;
    list_clients_with(&behind, &token).await.unwrap();
    let done = rotate(&world, SigningKeyRotation::Compromised).await;
    eventually("it has heard of it", async || (keys(&behind).await == done.keys).then_some(())).await;
    assert_refused(list_clients_with(&behind, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    let token = issue_with_secret(&behind, "till", &secret).await.unwrap().access_token;
    list_clients_with(&behind, &token).await.unwrap();
    clean(&world).await;
}

#[tokio::test]
async fn keys_change_by_schedule_and_what_is_over_is_taken_out() {
    let world = World::with(|config| config.signing_key_days = 1).await;
    assert_eq!(keys(&world).await.len(), 1);
    world.clock.advance(Duration::from_hours(24));
    eventually("the next key is published", async || (keys(&world).await.len() == 2).then_some(())).await;
    world.clock.advance(Duration::from_hours(2));
    eventually("the first is retired", async || (keys(&world).await.len() == 1).then_some(())).await;
    clean(&world).await;
}

/// Calls without a pause, and counts.
struct Load {
    world: Arc<World>,
    secret: String,
    calls: AtomicUsize,
    over: AtomicBool,
}

impl Load {
    async fn token(&self) -> String {
        issue_with_secret(&self.world, "till", &self.secret).await.unwrap().access_token
    }

    /// Whether the clock went on so far during a call that its token may have ended meanwhile.
    fn is_over(&self, begun: Timestamp) -> bool {
        self.world.clock.now() >= begun.plus(self.world.config.token_lifetime())
    }

    async fn call_identity(&self) {
        while !self.over.load(Ordering::Relaxed) {
            let (begun, token) = (self.world.clock.now(), self.token().await);
            let called = list_clients_with(&self.world, &token).await;
            assert!(called.is_ok() || self.is_over(begun), "{called:?}");
            self.calls.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// As another service admits a token: with the keys it has, and fresh ones if the token names another.
    async fn call_elsewhere(&self) {
        let clock = self.world.clock.shared();
        let remote = RemoteKeys::new(self.world.channel(), RefreshRules::default(), clock);
        let keys = Keys::Remote(remote.clone());
        let fresh = tokio::spawn(async move { remote.keep_fresh().await });
        let gate = TokenGate::new(Verifier::new(ISSUER, AUDIENCE), 64);
        while !self.over.load(Ordering::Relaxed) {
            let (begun, token) = (self.world.clock.now(), self.token().await);
            let admit = async || {
                let known = keys.current()?;
                Some(gate.admit(&token, &known, None, self.world.clock.now()))
            };
            if !matches!(admit().await, Some(Ok(_))) {
                keys.refresh().await;
                let admitted = admit().await.unwrap();
                assert!(admitted.is_ok() || self.is_over(begun), "{admitted:?}");
            }
            self.calls.fetch_add(1, Ordering::Relaxed);
        }
        fresh.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_while_the_keys_change() {
    let world = Arc::new(World::start().await);
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read"]).await;
    let load = Load { world: Arc::clone(&world), secret, calls: 0.into(), over: false.into() };
    let load = Arc::new(load);
    let tasks: Vec<_> = (0..3)
        .map(|index| {
            let load = Arc::clone(&load);
            tokio::spawn(async move {
                if index == 0 { load.call_elsewhere().await } else { load.call_identity().await }
            })
        })
        .collect();
    let first = keys(&world).await;
    let done = rotate(&world, SigningKeyRotation::PublishFirst).await;
    // Past the lead, the first instant of the next key, and the end of the one before.
    for _ in 0..36 {
        let before = load.calls.load(Ordering::Relaxed);
        eventually("everybody calls", async || {
            let ended = tasks.iter().any(tokio::task::JoinHandle::is_finished);
            (ended || load.calls.load(Ordering::Relaxed) >= before + 9).then_some(())
        })
        .await;
        world.clock.advance(Duration::from_mins(2));
    }
    load.over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    let left =
        eventually("the first key is gone", async || Some(keys(&world).await).filter(|left| left.len() == 1));
    let left = left.await;
    assert_eq!(Some(&left[0]), done.next_key.as_ref());
    assert_ne!(left, first);
}
