//! `PermissionService`.

use super::{Api, parse};
use crate::app::as_of::Knowledge;
use crate::wire::decision::{decision_in, preferred};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::registry::port::Store;
use greenroom_domain::registry::{Decision, Language};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::permission_service_server::PermissionService;
use greenroom_proto::registry::v1::{
    BatchCheckPermissionsRequest, BatchCheckPermissionsResponse, CheckPermissionRequest,
    CheckPermissionResponse, GetGrantRequest, GetGrantResponse, GrantPermissionRequest,
    GrantPermissionResponse, ListGrantsRequest, ListGrantsResponse, PermissionResult, PermissionResultState,
    RevokeGrantRequest, RevokeGrantResponse, WatchGrantsRequest, WatchGrantsResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::stream::Answers;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::instant;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> PermissionService for Api<S> {
    async fn check_permission(
        &self,
        request: Request<CheckPermissionRequest>,
    ) -> Result<Response<CheckPermissionResponse>, Status> {
        let (call, language) = (Call::of(&request)?, language(&request));
        let message = request.into_inner();
        let (streamer, question) = parse::check(&message, &self.app.rules())?;
        let (made, revision) = match past(&message)? {
            Some(past) => self.app.check_as_of(&call, &streamer, &question, past).await?,
            None => self.app.check(&call, &streamer, &question, &message.at_least_revision).await?,
        };
        let revision = revision.as_ref().to_owned();
        Ok(Response::new(CheckPermissionResponse { decision: Some(decision_in(&made, language)), revision }))
    }

    async fn batch_check_permissions(
        &self,
        request: Request<BatchCheckPermissionsRequest>,
    ) -> Result<Response<BatchCheckPermissionsResponse>, Status> {
        let (call, language) = (Call::of(&request)?, language(&request));
        let message = request.into_inner();
        let (streamers, question) = parse::batch(&message, &self.app.rules())?;
        let (made, revision) =
            self.app.check_all(&call, &streamers, &question, &message.at_least_revision).await?;
        let results = message.streamers.into_iter().zip(&made);
        let results = results.map(|(streamer, made)| result(streamer, made.as_ref(), language));
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

fn result(streamer: String, made: Option<&Decision>, language: Language) -> PermissionResult {
    let state = match made {
        Some(_) => PermissionResultState::Decided,
        None => PermissionResultState::StreamerNotFound,
    };
    PermissionResult { streamer, state: state.into(), decision: made.map(|made| decision_in(made, language)) }
}

/// The language the caller prefers.
fn language<T>(request: &Request<T>) -> Language {
    let accepted = request.metadata().get("accept-language").and_then(|accepted| accepted.to_str().ok());
    preferred(accepted.unwrap_or_default())
}

/// The instant in the past that is asked about, if it is one.
fn past(message: &CheckPermissionRequest) -> Result<Option<(Timestamp, Knowledge)>, Fault> {
    let mut violations = Violations::new();
    let then = violations.take("as_of_time", message.as_of_time.as_ref().map(instant).transpose());
    let asked = message.as_of_time.is_some();
    violations.require(
        !asked || message.at_least_revision.is_empty(),
        "at_least_revision",
        "cannot be asked of the past",
    );
    violations.require(
        !asked || message.live_session.is_empty(),
        "live_session",
        "cannot be asked of the past: its own record tells who was on its roster, and why",
    );
    violations.require(asked || !message.with_later_knowledge, "with_later_knowledge", "needs as_of_time");
    let knowledge = if message.with_later_knowledge { Knowledge::OfNow } else { Knowledge::OfThen };
    Ok(violations.finish(then)?.map(|then| (then, knowledge)))
}
