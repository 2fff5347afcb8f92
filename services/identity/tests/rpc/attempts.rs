//! Clients whose authentication keeps failing, on both faces of the token endpoint.

use crate::tokens::{assertion, client_with_key, secret_proof};
use crate::world::{ISSUER, World, assert_refused};
use greenroom_identity::AUDIENCE;
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::token_service_client::TokenServiceClient;
use greenroom_proto::identity::v1::{IssueTokenRequest, IssueTokenResponse, OrganizationRole};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Somebody at an address of this machine: all of 127.0.0.0/8 leads home.
struct Peer {
    from: IpAddr,
    to: SocketAddr,
    channel: Channel,
}

fn peer(world: &World, last: u8) -> Peer {
    let (from, to) = (IpAddr::from(Ipv4Addr::new(127, 0, 0, last)), world.address());
    let endpoint = Endpoint::from_shared(format!("http://{to}")).unwrap().local_address(Some(from));
    Peer { from, to, channel: endpoint.connect_lazy() }
}

impl Peer {
    async fn issue(&self, proof: Proof) -> Result<IssueTokenResponse, Status> {
        let request =
            IssueTokenRequest { proof: Some(proof), audience: AUDIENCE.to_owned(), scopes: Vec::new() };
        Ok(TokenServiceClient::new(self.channel.clone()).issue_token(request).await?.into_inner())
    }

    /// The whole answer but for the date, which is the machine's.
    async fn post(&self, client: &str, secret: &str) -> String {
        let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        let kind = "content-type: application/x-www-form-urlencoded";
        let head = format!("POST /oauth2/token HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{kind}\r\n");
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(self.from, 0)).unwrap();
        let mut stream = socket.connect(self.to).await.unwrap();
        let request = format!("{head}content-length: {}\r\n\r\n{form}", form.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.lines().filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\n")
    }
}

fn retry_delay(status: &Status) -> Option<Duration> {
    status.get_details_retry_info().and_then(|info| info.retry_delay)
}

async fn till(world: &World) -> String {
    world.organization("shop", OrganizationRole::Platform).await;
    world.client("till", "shop", &["persons.read"]).await
}

/// So many wrong secrets in a row at one instant.
async fn guess(peer: &Peer, client: &str, times: usize) {
    for _ in 0..times {
        let refused = peer.issue(secret_proof(client, "gr_wrong")).await;
        assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    }
}

#[tokio::test]
async fn sixty_wrong_secrets_are_answered_the_same_for_a_client_and_for_nobody() {
    let world = World::start().await;
    till(&world).await;
    let mut sequences = Vec::new();
    for (last, client) in [(2, "till"), (3, "nobody"), (4, "No Client!")] {
        let peer = peer(&world, last);
        let mut sequence = Vec::new();
        let (mut refusals, mut waited) = (0, Duration::ZERO);
        for _ in 0..60 {
            let refused = peer.issue(secret_proof(client, "gr_wrong")).await.unwrap_err();
            // As long as told, with a look in between.
            if let Some(delay) = retry_delay(&refused) {
                let part = if refusals % 2 == 0 { delay / 2 } else { delay };
                world.clock.advance(part);
                (refusals, waited) = (refusals + 1, waited + part);
            }
            let metadata = refused.metadata().clone().into_headers();
            let told = (refused.code(), refused.message().to_owned(), refused.details().to_vec());
            sequence.push((told, metadata.keys().map(ToString::to_string).collect::<Vec<_>>()));
        }
        assert!(waited > Duration::from_mins(1), "{waited:?}");
        assert_eq!(sequence.iter().filter(|((code, ..), _)| *code == Code::Unauthenticated).count(), 27);
        sequences.push(sequence);
    }
    assert!(sequences.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn over_http_too_a_client_and_nobody_are_answered_the_same() {
    let world = World::start().await;
    let secret = till(&world).await;
    let mut sequences = Vec::new();
    for (last, client) in [(2, "till"), (3, "nobody")] {
        let peer = peer(&world, last);
        let mut sequence = Vec::new();
        for index in 0..60 {
            sequence.push(peer.post(client, "gr_wrong").await);
            if index >= 30 {
                world.clock.advance(Duration::from_millis(700));
            }
        }
        assert!(sequence[..11].iter().all(|answer| answer.starts_with("HTTP/1.1 401 ")));
        assert!(sequence[11..31].iter().all(|answer| answer.starts_with("HTTP/1.1 429 ")));
        sequences.push(sequence);
    }
    assert_eq!(sequences[0], sequences[1]);

    let refused = &sequences[0][11];
    for part in ["retry-after: 1\n", "cache-control: no-store\n", "\"error\":\"slow_down\""] {
        assert!(refused.to_lowercase().contains(part), "{refused}");
    }
    world.clock.advance(Duration::from_mins(1));
    let right = peer(&world, 2).post("till", &secret).await;
    assert!(right.starts_with("HTTP/1.1 200 "), "{right}");
}

#[tokio::test]
async fn after_the_wait_that_was_told_the_right_secret_works() {
    let world = World::start().await;
    let secret = till(&world).await;
    let (own, stranger) = (peer(&world, 2), peer(&world, 3));
    guess(&stranger, "till", 11).await;
    let second = Duration::from_secs(1);
    for _ in 0..20 {
        let refused = own.issue(secret_proof("till", &secret)).await;
        let refused = assert_refused(refused, Code::ResourceExhausted, "TOO_MANY_FAILURES");
        assert_eq!(retry_delay(&refused), Some(second), "what is refused meanwhile adds nothing");
    }
    world.clock.advance(Duration::from_millis(400));
    let refused = own.issue(secret_proof("till", &secret)).await.unwrap_err();
    assert_eq!(retry_delay(&refused), Some(Duration::from_millis(600)));
    let refused = own.post("till", &secret).await;
    assert!(refused.contains("retry-after: 1\n"), "whole seconds, rounded up: {refused}");
    world.clock.advance(Duration::from_millis(600));
    own.issue(secret_proof("till", &secret)).await.unwrap();
    // All is forgotten but for what the stranger's address did.
    guess(&stranger, "till", 11).await;
}

#[tokio::test]
async fn a_key_works_while_its_client_waits_from_another_address() {
    let world = World::start().await;
    let key = client_with_key(&world, "shop", &["clients.read"]).await;
    let (own, stranger) = (peer(&world, 2), peer(&world, 3));
    guess(&stranger, "shop", 11).await;
    let signed = |id: &str| Proof::ClientAssertion(assertion(&world, "shop", &key, ISSUER, id));
    own.issue(signed("one")).await.unwrap();
    stranger.issue(signed("two")).await.unwrap();
    assert_refused(
        own.issue(secret_proof("shop", "gr_wrong")).await,
        Code::ResourceExhausted,
        "TOO_MANY_FAILURES",
    );

    // What is wrong with assertions counts against the address they come from, and nothing else.
    for index in 0..60 {
        let refused = stranger.issue(Proof::ClientAssertion(format!("a.b.{index}"))).await.unwrap_err();
        // Eleven failed before.
        let code = if index < 40 { Code::Unauthenticated } else { Code::ResourceExhausted };
        assert_eq!(refused.code(), code, "{index}");
    }
    // It has authenticated from both.
    stranger.issue(signed("three")).await.unwrap();
    own.issue(signed("four")).await.unwrap();
    let third = peer(&world, 4);
    for index in 0..51 {
        third.issue(Proof::ClientAssertion(format!("a.b.{index}"))).await.unwrap_err();
    }
    assert_refused(third.issue(signed("five")).await, Code::ResourceExhausted, "TOO_MANY_FAILURES");
    own.issue(signed("five")).await.unwrap();
}

#[tokio::test]
async fn who_has_authenticated_from_an_address_is_let_in_there_whatever_others_do() {
    let world = World::start().await;
    let secret = till(&world).await;
    let (own, stranger, elsewhere) = (peer(&world, 2), peer(&world, 3), peer(&world, 4));
    own.issue(secret_proof("till", &secret)).await.unwrap();
    // In its name, elsewhere.
    guess(&stranger, "till", 11).await;
    own.issue(secret_proof("till", &secret)).await.unwrap();
    guess(&stranger, "till", 11).await;
    let refused = elsewhere.issue(secret_proof("till", &secret)).await;
    assert_refused(refused, Code::ResourceExhausted, "TOO_MANY_FAILURES");
    // At its own address, in other names.
    for index in 0..51 {
        guess(&own, &format!("client-{index}"), 1).await;
    }
    let another = world.client("kiosk", "shop", &["persons.read"]).await;
    let refused = own.issue(secret_proof("kiosk", &another)).await;
    assert_refused(refused, Code::ResourceExhausted, "TOO_MANY_FAILURES");
    assert!(own.post("till", &secret).await.starts_with("HTTP/1.1 200 "));
    // Nobody learns by a wrong secret who is let in.
    let told = async |client: &str| own.post(client, "gr_wrong").await;
    let nobody = told("nobody").await;
    assert!(nobody.starts_with("HTTP/1.1 429 "), "{nobody}");
    for _ in 0..20 {
        assert_eq!((told("till").await, told("kiosk").await), (nobody.clone(), nobody.clone()));
    }
    // It waits for what is wrong in its own name from its own address.
    let refused = own.issue(secret_proof("till", &secret)).await;
    assert_refused(refused, Code::ResourceExhausted, "TOO_MANY_FAILURES");
}

#[tokio::test]
async fn a_suspended_organization_is_told_so_and_its_right_proofs_count_as_no_failures() {
    let world = World::start().await;
    let secret = till(&world).await;
    crate::suspending::suspend(&world.operator(), "shop").await.unwrap();
    let own = peer(&world, 2);
    for _ in 0..20 {
        let refused = own.issue(secret_proof("till", &secret)).await;
        let status = assert_refused(refused, Code::PermissionDenied, "ORGANIZATION_SUSPENDED");
        assert_eq!(status.message(), "the organization is suspended");
    }
    let told = own.post("till", &secret).await;
    let words =
        ["\"error\":\"unauthorized_client\"", "\"error_description\":\"the organization is suspended\""];
    assert!(told.starts_with("HTTP/1.1 400 ") && words.iter().all(|word| told.contains(word)), "{told}");
    let wrong = own.post("till", "gr_wrong").await;
    assert_eq!(wrong, own.post("nobody", "gr_wrong").await);
    crate::suspending::reinstate(&world.operator(), "shop").await;
    own.issue(secret_proof("till", &secret)).await.unwrap();
}

#[tokio::test]
async fn both_faces_count_together() {
    let world = World::start().await;
    till(&world).await;
    let peer = peer(&world, 2);
    for _ in 0..6 {
        assert!(peer.post("till", "gr_wrong").await.starts_with("HTTP/1.1 401 "));
    }
    guess(&peer, "till", 5).await;
    assert!(peer.post("till", "gr_wrong").await.starts_with("HTTP/1.1 429 "));
    let refused = peer.issue(secret_proof("till", "gr_wrong")).await;
    assert_refused(refused, Code::ResourceExhausted, "TOO_MANY_FAILURES");
}

#[tokio::test]
async fn each_process_counts_by_itself() {
    let world = World::start().await;
    let secret = till(&world).await;
    let replica = world.replica().await;
    let (here, there) = (peer(&world, 2), peer(&replica, 2));
    guess(&here, "till", 11).await;
    let refused = here.issue(secret_proof("till", &secret)).await;
    assert_refused(refused, Code::ResourceExhausted, "TOO_MANY_FAILURES");
    guess(&there, "till", 10).await;
    there.issue(secret_proof("till", &secret)).await.unwrap();
}
