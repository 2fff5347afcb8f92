//! `PermissionService`.

use super::{Api, parse};
use crate::wire::decision::decision;
use greenroom_domain::registry::Decision;
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::permission_service_server::PermissionService;
use greenroom_proto::registry::v1::{
    BatchCheckPermissionsRequest, BatchCheckPermissionsResponse, CheckPermissionRequest,
    CheckPermissionResponse, GetGrantRequest, GetGrantResponse, GrantPermissionRequest,
    GrantPermissionResponse, ListGrantsRequest, ListGrantsResponse, PermissionResult, PermissionResultState,
    RevokeGrantRequest, RevokeGrantResponse, WatchGrantsRequest, WatchGrantsResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::stream::Answers;
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

    async fn grant_permission(
        &self,
        request: Request<GrantPermissionRequest>,
    ) -> Result<Response<GrantPermissionResponse>, Status> {
        self.grant(request).await.map(Response::new)
    }

    async fn get_grant(
        &self,
        request: Request<GetGrantRequest>,
    ) -> Result<Response<GetGrantResponse>, Status> {
        self.read_grant(request).await.map(Response::new)
    }

    async fn list_grants(
        &self,
        request: Request<ListGrantsRequest>,
    ) -> Result<Response<ListGrantsResponse>, Status> {
        self.page_of_grants(request).await.map(Response::new)
    }

    async fn revoke_grant(
        &self,
        request: Request<RevokeGrantRequest>,
    ) -> Result<Response<RevokeGrantResponse>, Status> {
        self.take_back(request).await.map(Response::new)
    }

    type WatchGrantsStream = Answers<WatchGrantsResponse>;

    async fn watch_grants(
        &self,
        request: Request<WatchGrantsRequest>,
    ) -> Result<Response<Self::WatchGrantsStream>, Status> {
        self.watch_grants_of(request).await.map(Response::new)
    }
}

fn result(streamer: String, made: Option<&Decision>) -> PermissionResult {
    let state = match made {
        Some(_) => PermissionResultState::Decided,
        None => PermissionResultState::StreamerNotFound,
    };
    PermissionResult { streamer, state: state.into(), decision: made.map(decision) }
}
