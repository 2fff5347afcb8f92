//! The gRPC services: parse, call, answer.

mod administration;
mod blocklist;
mod conduct;
mod feed;
mod grants;
mod live_sessions;
mod operators;
mod parse;
mod parse_conduct;
mod parse_operators;
mod parse_policies;
mod permissions;
mod pieces;
mod policies;
mod streamers;
mod watch;

use crate::app::App;
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::administration_service_server::AdministrationServiceServer;
use greenroom_proto::registry::v1::blocklist_service_server::BlocklistServiceServer;
use greenroom_proto::registry::v1::conduct_service_server::ConductServiceServer;
use greenroom_proto::registry::v1::live_session_service_server::LiveSessionServiceServer;
use greenroom_proto::registry::v1::permission_service_server::PermissionServiceServer;
use greenroom_proto::registry::v1::policy_service_server::PolicyServiceServer;
use greenroom_proto::registry::v1::registry_feed_service_server::RegistryFeedServiceServer;
use greenroom_proto::registry::v1::room_operator_service_server::RoomOperatorServiceServer;
use greenroom_proto::registry::v1::streamer_service_server::StreamerServiceServer;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

/// The services, by the names that health checks and reflection know.
pub const SERVICES: &[&str] = &[
    "greenroom.registry.v1.PermissionService",
    "greenroom.registry.v1.StreamerService",
    "greenroom.registry.v1.RoomOperatorService",
    "greenroom.registry.v1.PolicyService",
    "greenroom.registry.v1.LiveSessionService",
    "greenroom.registry.v1.ConductService",
    "greenroom.registry.v1.BlocklistService",
    "greenroom.registry.v1.AdministrationService",
    "greenroom.registry.v1.RegistryFeedService",
];

/// What every service here holds.
pub struct Api<S> {
    app: Arc<App<S>>,
    shutdown: CancellationToken,
}

impl<S> Clone for Api<S> {
    fn clone(&self) -> Self {
        Self { app: Arc::clone(&self.app), shutdown: self.shutdown.clone() }
    }
}

/// The routes of all services.
pub fn routes<S: Store + HasLog>(app: Arc<App<S>>, shutdown: CancellationToken) -> Routes {
    let api = Api { app, shutdown };
    Routes::new(PermissionServiceServer::new(api.clone()))
        .add_service(StreamerServiceServer::new(api.clone()))
        .add_service(RoomOperatorServiceServer::new(api.clone()))
        .add_service(PolicyServiceServer::new(api.clone()))
        .add_service(LiveSessionServiceServer::new(api.clone()))
        .add_service(ConductServiceServer::new(api.clone()))
        .add_service(BlocklistServiceServer::new(api.clone()))
        .add_service(AdministrationServiceServer::new(api.clone()))
        .add_service(RegistryFeedServiceServer::new(api))
}
