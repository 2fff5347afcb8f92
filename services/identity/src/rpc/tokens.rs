use super::Rpc;
use crate::app::Database;
use crate::attempts::Origin;
use crate::wire;
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::token_service_server::TokenService;
use greenroom_proto::identity::v1::{
    IssueTokenRequest, IssueTokenResponse, ListSigningKeysRequest, ListSigningKeysResponse,
};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Database> TokenService for Rpc<S> {
    async fn issue_token(
        &self,
        request: Request<IssueTokenRequest>,
    ) -> Result<Response<IssueTokenResponse>, Status> {
        let origin = Origin::of(request.extensions());
        let (proof, grant) = wire::token_request(request.into_inner())?;
        let issued = self.app.issue_token(proof, origin, &grant).await?;
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
        let jwks = self.app.keyrings.current().published().to_jwks_json();
        Ok(Response::new(ListSigningKeysResponse { jwks, keys: Vec::new() }))
    }

    async fn introspect_token(
        &self,
        _request: Request<proto::IntrospectTokenRequest>,
    ) -> Result<Response<proto::IntrospectTokenResponse>, Status> {
        Err(Status::unimplemented("IntrospectToken"))
    }

    async fn revoke_token(
        &self,
        _request: Request<proto::RevokeTokenRequest>,
    ) -> Result<Response<proto::RevokeTokenResponse>, Status> {
        Err(Status::unimplemented("RevokeToken"))
    }

    async fn revoke_client_tokens(
        &self,
        _request: Request<proto::RevokeClientTokensRequest>,
    ) -> Result<Response<proto::RevokeClientTokensResponse>, Status> {
        Err(Status::unimplemented("RevokeClientTokens"))
    }

    async fn rotate_signing_key(
        &self,
        _request: Request<proto::RotateSigningKeyRequest>,
    ) -> Result<Response<proto::RotateSigningKeyResponse>, Status> {
        Err(Status::unimplemented("RotateSigningKey"))
    }
}
