//! `PermissionService`.

use super::{Api, parse};
use crate::wire::decision::decision;
use greenroom_domain::registry::Decision;
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::permission_service_server::PermissionService;
use greenroom_proto::registry::v1::{
    BatchCheckPermissionsRequest, BatchCheckPermissionsResponse, CheckPermissionRequest,
    CheckPermissionResponse, PermissionResult, PermissionResultState,
};
use greenroom_rpc::call::Call;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> PermissionService for Api<S> {
    async fn check_permission(
        &self,
        request: Request<CheckPermissionRequest>,
    ) -> Result<Response<CheckPermissionResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let (streamer, question) = parse::check(&message)?;
        let (made, revision) =
            self.app.check(&call, &streamer, &question, &message.at_least_revision).await?;
        let revision = revision.as_ref().to_owned();
        Ok(Response::new(CheckPermissionResponse { decision: Some(decision(&made)), revision }))
    }

    async fn batch_check_permissions(
        &self,
        request: Request<BatchCheckPermissionsRequest>,
    ) -> Result<Response<BatchCheckPermissionsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let (streamers, question) = parse::batch(&message)?;
        let (made, revision) =
            self.app.check_all(&call, &streamers, &question, &message.at_least_revision).await?;
        let results =
            message.streamers.into_iter().zip(&made).map(|(streamer, made)| result(streamer, made.as_ref()));
        let revision = revision.as_ref().to_owned();
        Ok(Response::new(BatchCheckPermissionsResponse { results: results.collect(), revision }))
    }
}

fn result(streamer: String, made: Option<&Decision>) -> PermissionResult {
    let state = match made {
        Some(_) => PermissionResultState::Decided,
        None => PermissionResultState::StreamerNotFound,
    };
    PermissionResult { streamer, state: state.into(), decision: made.map(decision) }
}
