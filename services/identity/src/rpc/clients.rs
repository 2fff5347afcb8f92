use super::Rpc;
use crate::app::Database;
use crate::wire;
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::client_service_server::ClientService;
use greenroom_proto::identity::v1::{
    CreateClientRequest, CreateClientResponse, DisableClientRequest, DisableClientResponse, GetClientRequest,
    GetClientResponse, ListClientsRequest, ListClientsResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Database> ClientService for Rpc<S> {
    async fn create_client(
        &self,
        request: Request<CreateClientRequest>,
    ) -> Result<Response<CreateClientResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let new = wire::new_client(&message)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.create_client(&once, &call.caller, &new).await?;
        Ok(Response::new(CreateClientResponse { revision: done.revision(), ..done.answer }))
    }

    async fn get_client(
        &self,
        request: Request<GetClientRequest>,
    ) -> Result<Response<GetClientResponse>, Status> {
        let call = Call::of(&request)?;
        let id = wire::name("name", &request.into_inner().name)?;
        let client = self.app.client(&call.caller, &id).await?;
        Ok(Response::new(GetClientResponse { client: Some(wire::client(&client)) }))
    }

    async fn list_clients(
        &self,
        request: Request<ListClientsRequest>,
    ) -> Result<Response<ListClientsResponse>, Status> {
        let call = Call::of(&request)?;
        let ListClientsRequest { organization, page_size, page_token, .. } = request.into_inner();
        let wanted = wire::optional_name("organization", &organization)?;
        let scope = [&*call.method, call.caller.organization.as_str(), &organization];
        let page = Page::parse(page_size, &page_token, &scope)?;
        let (clients, next_page_token) = self.app.clients(&call.caller, wanted.as_ref(), &page).await?;
        let clients = clients.iter().map(wire::client).collect();
        Ok(Response::new(ListClientsResponse { clients, next_page_token }))
    }

    async fn disable_client(
        &self,
        request: Request<DisableClientRequest>,
    ) -> Result<Response<DisableClientResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = wire::name("name", &message.name)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.disable_client(&once, &id, &message.etag).await?;
        Ok(Response::new(DisableClientResponse { revision: done.revision(), ..done.answer }))
    }

    async fn update_client(
        &self,
        _request: Request<proto::UpdateClientRequest>,
    ) -> Result<Response<proto::UpdateClientResponse>, Status> {
        Err(Status::unimplemented("UpdateClient"))
    }

    async fn add_client_key(
        &self,
        _request: Request<proto::AddClientKeyRequest>,
    ) -> Result<Response<proto::AddClientKeyResponse>, Status> {
        Err(Status::unimplemented("AddClientKey"))
    }

    async fn revoke_client_key(
        &self,
        _request: Request<proto::RevokeClientKeyRequest>,
    ) -> Result<Response<proto::RevokeClientKeyResponse>, Status> {
        Err(Status::unimplemented("RevokeClientKey"))
    }

    async fn rotate_client_secret(
        &self,
        _request: Request<proto::RotateClientSecretRequest>,
    ) -> Result<Response<proto::RotateClientSecretResponse>, Status> {
        Err(Status::unimplemented("RotateClientSecret"))
    }
}
