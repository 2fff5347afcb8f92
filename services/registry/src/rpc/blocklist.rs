//! `BlocklistService`.

use super::{Api, parse, parse_conduct};
use greenroom_auth::OrganizationRole;
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::blocklist_service_server::BlocklistService;
use greenroom_proto::registry::v1::{
    AddBlocklistEntryRequest, AddBlocklistEntryResponse, GetBlocklistEntryRequest, GetBlocklistEntryResponse,
    LiftBlocklistEntryRequest, LiftBlocklistEntryResponse, ListBlocklistEntriesRequest,
    ListBlocklistEntriesResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

/// Whether the caller's organization is an authority, and whether it is a platform.
fn roles(call: &Call) -> (bool, bool) {
    let caller = &call.caller;
    (caller.has_role(OrganizationRole::Regulator), caller.has_role(OrganizationRole::Platform))
}

#[tonic::async_trait]
impl<S: Store + HasLog> BlocklistService for Api<S> {
    async fn add_blocklist_entry(
        &self,
        request: Request<AddBlocklistEntryRequest>,
    ) -> Result<Response<AddBlocklistEntryResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let listing = parse_conduct::listing(&message, roles(&call), once.now())?;
        Ok(Response::new(self.app.add_entry(&call, &once, &listing).await?))
    }

    async fn lift_blocklist_entry(
        &self,
        request: Request<LiftBlocklistEntryRequest>,
    ) -> Result<Response<LiftBlocklistEntryResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, reason) = parse_conduct::reasoned(&message.name, &message.reason)?;
        Ok(Response::new(self.app.lift_entry(&call, &once, &id, &reason, &message.etag).await?))
    }

    async fn get_blocklist_entry(
        &self,
        request: Request<GetBlocklistEntryRequest>,
    ) -> Result<Response<GetBlocklistEntryResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = parse::resource("name", &message.name)?;
        let entry = Some(self.app.entry(&call.caller.organization, &id).await?);
        Ok(Response::new(GetBlocklistEntryResponse { entry }))
    }

    async fn list_blocklist_entries(
        &self,
        request: Request<ListBlocklistEntriesRequest>,
    ) -> Result<Response<ListBlocklistEntriesResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let organization = &call.caller.organization;
        let shared = message.shared.to_string();
        let scope = [&*call.method, organization.as_str(), &shared];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let (entries, next_page_token) = if message.shared {
            self.app.shared_entries(organization, &page).await?
        } else {
            self.app.entries(organization, &page).await?
        };
        Ok(Response::new(ListBlocklistEntriesResponse { entries, next_page_token }))
    }
}
