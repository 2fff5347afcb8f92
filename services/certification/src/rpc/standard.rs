use super::Rpc;
use crate::error::Error;
use crate::standards::KnownStandard;
use crate::wire;
use greenroom_domain::certification::eligibility::evaluate;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::StandardId;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::standard_service_server::StandardService;
use greenroom_proto::certification::v1::{
    EvaluateApplicationRequest, EvaluateApplicationResponse, GetStandardRequest, GetStandardResponse,
    ListStandardsRequest, ListStandardsResponse,
};
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

impl<S: Store + HasLog> Rpc<S> {
    fn known(&self, name: &str) -> Result<&KnownStandard, Error> {
        let unknown = || Error::StandardNotFound(name.chars().take(80).collect());
        let id = StandardId::parse_name(name).map_err(|_| unknown())?;
        self.app.standards.get(&id).ok_or_else(unknown)
    }
}

#[tonic::async_trait]
impl<S: Store + HasLog> StandardService for Rpc<S> {
    async fn list_standards(
        &self,
        request: Request<ListStandardsRequest>,
    ) -> Result<Response<ListStandardsResponse>, Status> {
        let request = request.into_inner();
        let page = Page::parse(request.page_size, &request.page_token, &["standards"])?;
        let known = self.app.standards.list(&page.after, page.size + 1);
        let (known, next_page_token) = page.cut(known, |known| known.standard().id().as_str().to_owned());
        let standards = known.into_iter().map(|known| wire::standard(&known.text)).collect();
        Ok(Response::new(ListStandardsResponse { standards, next_page_token }))
    }

    async fn get_standard(
        &self,
        request: Request<GetStandardRequest>,
    ) -> Result<Response<GetStandardResponse>, Status> {
        let known = self.known(&request.into_inner().name)?;
        Ok(Response::new(GetStandardResponse { standard: Some(wire::standard(&known.text)) }))
    }

    async fn evaluate_application(
        &self,
        request: Request<EvaluateApplicationRequest>,
    ) -> Result<Response<EvaluateApplicationResponse>, Status> {
        let request = request.into_inner();
        let known = self.known(&request.standard)?;
        let today = self.app.clock.now().beijing_date();
        let asked = wire::application(&request, known, &self.app.standards, today)?;
        let found = evaluate(&known.text, asked.job_type, asked.level, &asked.history, asked.on);
        let evaluation = wire::evaluation(&found, asked.on);
        Ok(Response::new(EvaluateApplicationResponse { evaluation: Some(evaluation) }))
    }
}
