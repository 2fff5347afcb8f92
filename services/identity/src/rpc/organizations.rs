use super::Rpc;
use crate::app::Database;
use crate::wire;
use greenroom_proto::identity::v1::organization_service_server::OrganizationService;
use greenroom_proto::identity::v1::{
    CreateOrganizationRequest, CreateOrganizationResponse, GetOrganizationRequest, GetOrganizationResponse,
    ListOrganizationsRequest, ListOrganizationsResponse, ReinstateOrganizationRequest,
    ReinstateOrganizationResponse, SuspendOrganizationRequest, SuspendOrganizationResponse,
    UpdateOrganizationRequest, UpdateOrganizationResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Database> OrganizationService for Rpc<S> {
    async fn create_organization(
        &self,
        request: Request<CreateOrganizationRequest>,
    ) -> Result<Response<CreateOrganizationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let new = wire::new_organization(&message)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.create_organization(&once, &new).await?;
        Ok(Response::new(CreateOrganizationResponse { revision: done.revision(), ..done.answer }))
    }

    async fn get_organization(
        &self,
        request: Request<GetOrganizationRequest>,
    ) -> Result<Response<GetOrganizationResponse>, Status> {
        let call = Call::of(&request)?;
        let id = wire::name("name", &request.into_inner().name)?;
        let organization = self.app.organization(&call.caller, &id).await?;
        Ok(Response::new(GetOrganizationResponse { organization: Some(wire::organization(&organization)) }))
    }

    async fn list_organizations(
        &self,
        request: Request<ListOrganizationsRequest>,
    ) -> Result<Response<ListOrganizationsResponse>, Status> {
        let call = Call::of(&request)?;
        let ListOrganizationsRequest { page_size, page_token } = request.into_inner();
        let scope = [&*call.method, call.caller.organization.as_str()];
        let page = Page::parse(page_size, &page_token, &scope)?;
        let (organizations, next_page_token) = self.app.organizations(&call.caller, &page).await?;
        let organizations = organizations.iter().map(wire::organization).collect();
        Ok(Response::new(ListOrganizationsResponse { organizations, next_page_token }))
    }

    async fn update_organization(
        &self,
        request: Request<UpdateOrganizationRequest>,
    ) -> Result<Response<UpdateOrganizationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let change = wire::organization_change(&message)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.update_organization(&once, &change).await?;
        Ok(Response::new(UpdateOrganizationResponse { revision: done.revision(), ..done.answer }))
    }

    async fn suspend_organization(
        &self,
        request: Request<SuspendOrganizationRequest>,
    ) -> Result<Response<SuspendOrganizationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let (id, reason) = wire::suspension(&message)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.suspend_organization(&once, &id, &reason, &message.etag).await?;
        Ok(Response::new(SuspendOrganizationResponse { revision: done.revision(), ..done.answer }))
    }

    async fn reinstate_organization(
        &self,
        request: Request<ReinstateOrganizationRequest>,
    ) -> Result<Response<ReinstateOrganizationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = wire::name("name", &message.name)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.reinstate_organization(&once, &id, &message.etag).await?;
        Ok(Response::new(ReinstateOrganizationResponse { revision: done.revision(), ..done.answer }))
    }
}
