//! The gRPC services: parse, call, answer.

mod application;
mod certificate;
mod feed;
mod issuer;
mod qualification;
mod roll;
mod standard;

use crate::app::App;
use greenroom_domain::certification::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::application_service_server::ApplicationServiceServer;
use greenroom_proto::certification::v1::certificate_service_server::CertificateServiceServer;
use greenroom_proto::certification::v1::certification_feed_service_server::CertificationFeedServiceServer;
use greenroom_proto::certification::v1::issuer_service_server::IssuerServiceServer;
use greenroom_proto::certification::v1::qualification_service_server::QualificationServiceServer;
use greenroom_proto::certification::v1::roll_service_server::RollServiceServer;
use greenroom_proto::certification::v1::standard_service_server::StandardServiceServer;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

/// The names of this listener's services, for health and reflection.
pub const SERVICES: &[&str] = &[
    "greenroom.certification.v1.StandardService",
    "greenroom.certification.v1.IssuerService",
    "greenroom.certification.v1.ApplicationService",
    "greenroom.certification.v1.CertificateService",
    "greenroom.certification.v1.QualificationService",
    "greenroom.certification.v1.RollService",
    "greenroom.certification.v1.CertificationFeedService",
];

/// What every service of this listener holds.
pub struct Rpc<S> {
    pub(crate) app: Arc<App<S>>,
    pub(crate) shutdown: CancellationToken,
}

impl<S> Clone for Rpc<S> {
    fn clone(&self) -> Self {
        Self { app: Arc::clone(&self.app), shutdown: self.shutdown.clone() }
    }
}

impl<S: Store + HasLog> Rpc<S> {
    /// The services over the use cases.
    pub fn new(app: Arc<App<S>>, shutdown: CancellationToken) -> Self {
        Self { app, shutdown }
    }

    /// All of them as routes.
    pub fn routes(self) -> Routes {
        Routes::new(StandardServiceServer::new(self.clone()))
            .add_service(IssuerServiceServer::new(self.clone()))
            .add_service(ApplicationServiceServer::new(self.clone()))
            .add_service(CertificateServiceServer::new(self.clone()))
            .add_service(QualificationServiceServer::new(self.clone()))
            .add_service(RollServiceServer::new(self.clone()))
            .add_service(CertificationFeedServiceServer::new(self))
    }
}
