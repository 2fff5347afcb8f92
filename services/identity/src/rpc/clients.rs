use super::Rpc;
use crate::app::Database;
use crate::wire;
use greenroom_proto::identity::v1::client_service_server::ClientService;
use greenroom_proto::identity::v1::{
    AddClientKeyRequest, AddClientKeyResponse, CreateClientRequest, CreateClientResponse,
    DisableClientRequest, DisableClientResponse, GetClientRequest, GetClientResponse, ListClientsRequest,
    ListClientsResponse, RevokeClientKeyRequest, RevokeClientKeyResponse, RotateClientSecretRequest,
    RotateClientSecretResponse, UpdateClientRequest, UpdateClientResponse,
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
        let new = wire::new_client(&message, self.app.clock.now())?;
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
        let message = request.into_inner();
        let (wanted, ends_before) = wire::client_filter(&message)?;
        let ends = ends_before.map(|end| end.as_micros().to_string()).unwrap_or_default();
        let scope = [&*call.method, call.caller.organization.as_str(), &message.organization, &ends];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let listed = self.app.clients(&call.caller, wanted.as_ref(), ends_before, &page).await?;
        let (clients, next_page_token) = listed;
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
        request: Request<UpdateClientRequest>,
    ) -> Result<Response<UpdateClientResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let change = wire::client_change(&message)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.update_client(&once, &change).await?;
        Ok(Response::new(UpdateClientResponse { revision: done.revision(), ..done.answer }))
    }

    async fn add_client_key(
        &self,
        request: Request<AddClientKeyRequest>,
    ) -> Result<Response<AddClientKeyResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let added = wire::added_key(&message, self.app.clock.now())?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.add_client_key(&once, &added, &message.etag).await?;
        Ok(Response::new(AddClientKeyResponse { revision: done.revision(), ..done.answer }))
    }

    async fn revoke_client_key(
        &self,
        request: Request<RevokeClientKeyRequest>,
    ) -> Result<Response<RevokeClientKeyResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let (id, key_id) = wire::revoked_key(&message)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.revoke_client_key(&once, &id, &key_id, &message.etag).await?;
        Ok(Response::new(RevokeClientKeyResponse { revision: done.revision(), ..done.answer }))
    }

    async fn rotate_client_secret(
        &self,
        request: Request<RotateClientSecretRequest>,
    ) -> Result<Response<RotateClientSecretResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let rotation = wire::rotation(&message, self.app.clock.now())?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.rotate_client_secret(&once, &call.caller, &rotation, &message.etag).await?;
        Ok(Response::new(RotateClientSecretResponse { revision: done.revision(), ..done.answer }))
    }
}
