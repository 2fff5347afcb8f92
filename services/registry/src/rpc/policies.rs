//! `PolicyService`.

use super::{Api, parse};
use crate::error::Error;
use crate::wire;
use greenroom_domain::kernel::{OrganizationId, PolicyId};
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::policy_service_server::PolicyService;
use greenroom_proto::registry::v1::{
    GetPolicyRequest, GetPolicyResponse, ListPolicyRevisionsRequest, ListPolicyRevisionsResponse,
    SetPolicyRequest, SetPolicyResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> PolicyService for Api<S> {
    async fn set_policy(
        &self,
        request: Request<SetPolicyRequest>,
    ) -> Result<Response<SetPolicyResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let name = message.policy.as_ref().map(|policy| policy.name.as_str()).unwrap_or_default();
        own(&call.caller.organization, "policy.name", name)?;
        let wish = parse::wish(&message)?;
        Ok(Response::new(self.app.set_policy(&call, &once, &wish, &message.etag).await?))
    }

    async fn get_policy(
        &self,
        request: Request<GetPolicyRequest>,
    ) -> Result<Response<GetPolicyResponse>, Status> {
        let call = Call::of(&request)?;
        own(&call.caller.organization, "name", &request.into_inner().name)?;
        let revision = self.app.policy(&call.caller.organization).await?;
        Ok(Response::new(GetPolicyResponse { policy: Some(wire::policy(&revision)) }))
    }

    async fn list_policy_revisions(
        &self,
        request: Request<ListPolicyRevisionsRequest>,
    ) -> Result<Response<ListPolicyRevisionsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let platform = &call.caller.organization;
        own(platform, "name", &message.name)?;
        let page = Page::parse(message.page_size, &message.page_token, &[&*call.method, platform.as_str()])?;
        let before = page.after.parse().unwrap_or(i64::MAX);
        let rows =
            self.app.store.policies_before(platform, before, page.limit()).await.map_err(Error::from)?;
        let (rows, next_page_token) = page.cut(rows, |row| row.policy.terms().revision.to_string());
        let policies = rows.iter().map(wire::policy).collect();
        Ok(Response::new(ListPolicyRevisionsResponse { policies, next_page_token }))
    }
}

/// A platform has one policy and sees no other. An empty name is its own.
fn own(platform: &OrganizationId, field: &str, given: &str) -> Result<(), Error> {
    if given.is_empty() {
        return Ok(());
    }
    let policy: PolicyId = parse::resource(field, given)?;
    if policy.as_str() == platform.as_str() { Ok(()) } else { Err(Error::PolicyNotFound(policy.name())) }
}
