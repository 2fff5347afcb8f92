//! The gRPC services: parse, call, answer.

mod clients;
mod feed;
mod organizations;
mod persons;
mod tokens;

use crate::app::{App, Database};
use greenroom_proto::identity::v1::client_service_server::{ClientServiceServer, SERVICE_NAME as CLIENTS};
use greenroom_proto::identity::v1::identity_feed_service_server::{
    IdentityFeedServiceServer, SERVICE_NAME as FEED,
};
use greenroom_proto::identity::v1::organization_service_server::{
    OrganizationServiceServer, SERVICE_NAME as ORGANIZATIONS,
};
use greenroom_proto::identity::v1::person_service_server::{PersonServiceServer, SERVICE_NAME as PERSONS};
use greenroom_proto::identity::v1::token_service_server::{SERVICE_NAME as TOKENS, TokenServiceServer};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

/// The services of this listener.
pub const SERVICES: &[&str] = &[ORGANIZATIONS, CLIENTS, TOKENS, PERSONS, FEED];

/// All of the service's handlers.
pub struct Rpc<S> {
    app: Arc<App<S>>,
    shutdown: CancellationToken,
}

impl<S> Clone for Rpc<S> {
    fn clone(&self) -> Self {
        Self { app: Arc::clone(&self.app), shutdown: self.shutdown.clone() }
    }
}

/// The routes of all services. Streams end with `shutdown`.
pub fn routes<S: Database>(app: &Arc<App<S>>, shutdown: &CancellationToken) -> Routes {
    let rpc = Rpc { app: Arc::clone(app), shutdown: shutdown.clone() };
    Routes::new(OrganizationServiceServer::new(rpc.clone()))
        .add_service(ClientServiceServer::new(rpc.clone()))
        .add_service(TokenServiceServer::new(rpc.clone()))
        .add_service(PersonServiceServer::new(rpc.clone()))
        .add_service(IdentityFeedServiceServer::new(rpc))
}
