//! `AdministrationService`.

use super::{Api, parse_conduct};
use crate::wire::blocklist::overriding;
use greenroom_auth::OrganizationRole;
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::administration_service_server::AdministrationService;
use greenroom_proto::registry::v1::{
    DeclareOverrideRequest, DeclareOverrideResponse, EndOverrideRequest, EndOverrideResponse,
    ListOverridesRequest, ListOverridesResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> AdministrationService for Api<S> {
    async fn declare_override(
        &self,
        request: Request<DeclareOverrideRequest>,
    ) -> Result<Response<DeclareOverrideResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (reason, length) = parse_conduct::declaration(&message)?;
        Ok(Response::new(self.app.declare_override(&call, &once, &reason, length).await?))
    }

    async fn end_override(
        &self,
        request: Request<EndOverrideRequest>,
    ) -> Result<Response<EndOverrideResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, reason) = parse_conduct::reasoned(&message.name, &message.reason)?;
        Ok(Response::new(self.app.end_override(&call, &once, &id, &reason, &message.etag).await?))
    }

    async fn list_overrides(
        &self,
        request: Request<ListOverridesRequest>,
    ) -> Result<Response<ListOverridesResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let caller = &call.caller;
        let own = Some(&caller.organization).filter(|_| !caller.has_role(OrganizationRole::SuiteOperator));
        let scope = [&*call.method, own.map_or("", |own| own.as_str())];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let (rows, next_page_token) = self.app.overrides(own, &page).await?;
        let now = self.app.clock.now();
        let overrides = rows.iter().map(|row| overriding(row, now)).collect();
        Ok(Response::new(ListOverridesResponse { overrides, next_page_token }))
    }
}
