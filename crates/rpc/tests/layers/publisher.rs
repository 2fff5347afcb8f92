//! An identity service that hands out a key set and counts how often it was asked.

use greenroom_proto::identity::v1::{ListSigningKeysRequest, ListSigningKeysResponse};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tonic::Response;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

const LIST: &str = "/greenroom.identity.v1.TokenService/ListSigningKeys";

/// What it hands out, and how often it did.
pub struct Publisher {
    pub jwks: Mutex<String>,
    asked: AtomicUsize,
}

impl Publisher {
    /// Starts one that publishes `jwks`.
    pub async fn start(jwks: String) -> (Channel, Arc<Self>) {
        let publisher = Arc::new(Self { jwks: Mutex::new(jwks), asked: AtomicUsize::new(0) });
        let answering = Arc::clone(&publisher);
        // One method alone: of the many that the identity service has, no other is asked for here.
        let list = move |request: axum::extract::Request| {
            let publisher = Arc::clone(&answering);
            async move {
                let answer = tower::service_fn(move |_: tonic::Request<ListSigningKeysRequest>| {
                    std::future::ready(Ok::<_, tonic::Status>(Response::new(publisher.answer())))
                });
                let mut grpc = tonic::server::Grpc::new(ProstCodec::default());
                Ok::<_, Infallible>(grpc.unary(answer, request).await)
            }
        };
        let router = axum::Router::new().route_service(LIST, tower::service_fn(list));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (greenroom_rpc::client::connect(&url).unwrap(), publisher)
    }

    fn answer(&self) -> ListSigningKeysResponse {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let jwks = self.jwks.lock().unwrap().clone();
        ListSigningKeysResponse { jwks, ..ListSigningKeysResponse::default() }
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
