use super::Rpc;
use crate::error::Error;
use crate::wire;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::StandardId;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::standard_service_server::StandardService;
use greenroom_proto::certification::v1::{
    GetStandardRequest, GetStandardResponse, ListStandardsRequest, ListStandardsResponse,
};
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> StandardService for Rpc<S> {
    async fn list_standards(
        &self,
        request: Request<ListStandardsRequest>,
    ) -> Result<Response<ListStandardsResponse>, Status> {
        let request = request.into_inner();
        let page = Page::parse(request.page_size, &request.page_token, &["standards"])?;
        let known = self.app.standards.list(&page.after, page.size + 1);
        let (known, next_page_token) = page.cut(known, |known| known.standard.id().as_str().to_owned());
        let standards = known.into_iter().map(wire::standard).collect();
        Ok(Response::new(ListStandardsResponse { standards, next_page_token }))
    }

    async fn get_standard(
        &self,
        request: Request<GetStandardRequest>,
    ) -> Result<Response<GetStandardResponse>, Status> {
        let name = request.into_inner().name;
        let unknown = || Error::StandardNotFound(name.chars().take(80).collect());
        let id = StandardId::parse_name(&name).map_err(|_| unknown())?;
        let known = self.app.standards.get(&id).ok_or_else(unknown)?;
        Ok(Response::new(GetStandardResponse { standard: Some(wire::standard(known)) }))
    }
}
