use super::Rpc;
use crate::error::Error;
use crate::wire;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::IssuerId;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::issuer_service_server::IssuerService;
use greenroom_proto::certification::v1::{
    AccreditIssuerRequest, AccreditIssuerResponse, GetIssuerRequest, GetIssuerResponse, ListIssuersRequest,
    ListIssuersResponse, ReinstateIssuerRequest, ReinstateIssuerResponse, StrikeOffIssuerRequest,
    StrikeOffIssuerResponse, SuspendIssuerRequest, SuspendIssuerResponse, UpdateIssuerRequest,
    UpdateIssuerResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> IssuerService for Rpc<S> {
    async fn accredit_issuer(
        &self,
        request: Request<AccreditIssuerRequest>,
    ) -> Result<Response<AccreditIssuerResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.accredit(&call, request.into_inner()).await?))
    }

    async fn get_issuer(
        &self,
        request: Request<GetIssuerRequest>,
    ) -> Result<Response<GetIssuerResponse>, Status> {
        let name = request.into_inner().name;
        let unknown = || Error::IssuerNotFound(name.chars().take(80).collect());
        let id = IssuerId::parse_name(&name).map_err(|_| unknown())?;
        let found = self.app.store.issuer(&id).await.map_err(Error::from)?;
        let issuer = wire::issuer(&found.ok_or_else(unknown)?);
        Ok(Response::new(GetIssuerResponse { issuer: Some(issuer) }))
    }

    async fn list_issuers(
        &self,
        request: Request<ListIssuersRequest>,
    ) -> Result<Response<ListIssuersResponse>, Status> {
        let request = request.into_inner();
        let page = Page::parse(request.page_size, &request.page_token, &["issuers"])?;
        let read = self.app.store.issuers(&page.after, page.limit()).await.map_err(Error::from)?;
        let (shown, next_page_token) = page.cut(read, |record| record.issuer.id.as_str().to_owned());
        let issuers = shown.iter().map(wire::issuer).collect();
        Ok(Response::new(ListIssuersResponse { issuers, next_page_token }))
    }

    async fn update_issuer(
        &self,
        request: Request<UpdateIssuerRequest>,
    ) -> Result<Response<UpdateIssuerResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.update_issuer(&call, request.into_inner()).await?))
    }

    async fn suspend_issuer(
        &self,
        request: Request<SuspendIssuerRequest>,
    ) -> Result<Response<SuspendIssuerResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.suspend_issuer(&call, request.into_inner()).await?))
    }

    async fn reinstate_issuer(
        &self,
        request: Request<ReinstateIssuerRequest>,
    ) -> Result<Response<ReinstateIssuerResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.reinstate_issuer(&call, request.into_inner()).await?))
    }

    async fn strike_off_issuer(
        &self,
        request: Request<StrikeOffIssuerRequest>,
    ) -> Result<Response<StrikeOffIssuerResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.strike_off(&call, request.into_inner()).await?))
    }
}
