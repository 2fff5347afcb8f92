use super::Rpc;
use crate::app::{Asker, Connection, Database};
use crate::wire;
use greenroom_proto::identity::v1::token_service_server::TokenService;
use greenroom_proto::identity::v1::{
    IntrospectTokenRequest, IntrospectTokenResponse, IssueTokenRequest, IssueTokenResponse,
    ListSigningKeysRequest, ListSigningKeysResponse, RevokeClientTokensRequest, RevokeClientTokensResponse,
    RevokeTokenRequest, RevokeTokenResponse, RotateSigningKeyRequest, RotateSigningKeyResponse,
};
use greenroom_rpc::call::Call;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Database> TokenService for Rpc<S> {
    async fn issue_token(
        &self,
        request: Request<IssueTokenRequest>,
    ) -> Result<Response<IssueTokenResponse>, Status> {
        let connection = Connection::of(request.extensions());
        let (proof, grant) = wire::token_request(request.into_inner())?;
        let issued = self.app.issue_token(proof, &connection, &grant).await?;
        Ok(Response::new(IssueTokenResponse {
            access_token: issued.access_token.to_string(),
            token_type: "Bearer".to_owned(),
            expires_in: issued.expires_in(),
            scope: issued.scopes.to_string(),
            credential_not_after_time: issued.credential_not_after.map(greenroom_rpc::wire::timestamp),
        }))
    }

    async fn list_signing_keys(
        &self,
        _request: Request<ListSigningKeysRequest>,
    ) -> Result<Response<ListSigningKeysResponse>, Status> {
        let keyring = self.app.keyrings.current();
        let jwks = keyring.published().to_jwks_json();
        Ok(Response::new(ListSigningKeysResponse { jwks, keys: wire::signing_keys(keyring.records())? }))
    }

    async fn introspect_token(
        &self,
        request: Request<IntrospectTokenRequest>,
    ) -> Result<Response<IntrospectTokenResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let claims = self.app.introspect(&Asker::from(&*call.caller), wire::token(&message.token)?).await?;
        Ok(Response::new(wire::introspection(claims.as_ref())))
    }

    async fn revoke_token(
        &self,
        request: Request<RevokeTokenRequest>,
    ) -> Result<Response<RevokeTokenResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let (asker, token) = (Asker::from(&*call.caller), wire::token(&message.token)?);
        let revision = self.app.revoke_token(&call.method, &asker, token).await?;
        Ok(Response::new(RevokeTokenResponse { revision }))
    }

    async fn revoke_client_tokens(
        &self,
        request: Request<RevokeClientTokensRequest>,
    ) -> Result<Response<RevokeClientTokensResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = wire::name("name", &message.name)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.revoke_client_tokens(&once, &call.caller, &id, &message.etag).await?;
        Ok(Response::new(RevokeClientTokensResponse { revision: done.revision(), ..done.answer }))
    }

    async fn rotate_signing_key(
        &self,
        request: Request<RotateSigningKeyRequest>,
    ) -> Result<Response<RotateSigningKeyResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let rotation = wire::key_rotation(message.rotation)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.rotate_signing_key(&once, rotation).await?;
        Ok(Response::new(RotateSigningKeyResponse { revision: done.revision(), ..done.answer }))
    }
}
