use super::Rpc;
use crate::app::{Sight, sight};
use crate::error::Error;
use crate::wire::qualifications as wire;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::QualificationId;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_proto::certification::v1::qualification_service_server::QualificationService;
use greenroom_rpc::call::Call;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> QualificationService for Rpc<S> {
    async fn list_qualification_domains(
        &self,
        _: Request<message::ListQualificationDomainsRequest>,
    ) -> Result<Response<message::ListQualificationDomainsResponse>, Status> {
        let qualification_domains = self.app.domains.all().map(wire::domain).collect();
        Ok(Response::new(message::ListQualificationDomainsResponse { qualification_domains }))
    }

    async fn file_qualification(
        &self,
        request: Request<message::FileQualificationRequest>,
    ) -> Result<Response<message::FileQualificationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.file_qualification(&call, request.into_inner()).await?))
    }

    async fn get_qualification(
        &self,
        request: Request<message::GetQualificationRequest>,
    ) -> Result<Response<message::GetQualificationResponse>, Status> {
        let call = Call::of(&request)?;
        let name = request.into_inner().name;
        let unknown = |_| Error::QualificationNotFound(name.chars().take(80).collect());
        let id = QualificationId::parse_name(&name).map_err(unknown)?;
        let record = self.app.qualification(&call.caller, &id).await?;
        let qualification = Some(wire::qualification(&record, &call.caller.organization));
        Ok(Response::new(message::GetQualificationResponse { qualification }))
    }

    async fn list_qualifications(
        &self,
        request: Request<message::ListQualificationsRequest>,
    ) -> Result<Response<message::ListQualificationsResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let mut filter = wire::filter(&request)?;
        let organization = &call.caller.organization;
        if let Sight::Of(own) = sight(&call.caller) {
            filter.organization = Some(own);
        }
        let state = request.state.to_string();
        let scope = ["qualifications", organization.as_str(), &request.person, &request.domain, &state];
        let page = Page::parse(request.page_size, &request.page_token, &scope)?;
        let read = self.app.store.qualifications(&filter, &page.after, page.limit()).await;
        let read = read.map_err(Error::from)?;
        let (shown, next_page_token) = page.cut(read, |record| record.qualification.id.as_str().to_owned());
        let qualifications = shown.iter().map(|record| wire::qualification(record, organization)).collect();
        Ok(Response::new(message::ListQualificationsResponse { qualifications, next_page_token }))
    }

    async fn review_qualification(
        &self,
        request: Request<message::ReviewQualificationRequest>,
    ) -> Result<Response<message::ReviewQualificationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.review_qualification(&call, request.into_inner()).await?))
    }

    async fn withdraw_qualification(
        &self,
        request: Request<message::WithdrawQualificationRequest>,
    ) -> Result<Response<message::WithdrawQualificationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.withdraw_qualification(&call, request.into_inner()).await?))
    }
}
