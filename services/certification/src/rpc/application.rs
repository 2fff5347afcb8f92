use super::Rpc;
use crate::error::Error;
use crate::wire;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::{ApplicationId, IssuerId, PersonId};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_proto::certification::v1::application_service_server::ApplicationService;
use greenroom_rpc::call::Call;
use greenroom_rpc::page::Page;
use greenroom_rpc::violations::Violations;
use tonic::{Request, Response, Status};

fn application_id(name: &str) -> Result<ApplicationId, Error> {
    let unknown = || Error::ApplicationNotFound(name.chars().take(80).collect());
    ApplicationId::parse_name(name).map_err(|_| unknown())
}

#[tonic::async_trait]
impl<S: Store + HasLog> ApplicationService for Rpc<S> {
    async fn create_application(
        &self,
        request: Request<message::CreateApplicationRequest>,
    ) -> Result<Response<message::CreateApplicationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.create_application(&call, request.into_inner()).await?))
    }

    async fn update_application(
        &self,
        request: Request<message::UpdateApplicationRequest>,
    ) -> Result<Response<message::UpdateApplicationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.update_application(&call, request.into_inner()).await?))
    }

    async fn submit_application(
        &self,
        request: Request<message::SubmitApplicationRequest>,
    ) -> Result<Response<message::SubmitApplicationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.submit_application(&call, request.into_inner()).await?))
    }

    async fn withdraw_application(
        &self,
        request: Request<message::WithdrawApplicationRequest>,
    ) -> Result<Response<message::WithdrawApplicationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.withdraw_application(&call, request.into_inner()).await?))
    }

    async fn review_application(
        &self,
        request: Request<message::ReviewApplicationRequest>,
    ) -> Result<Response<message::ReviewApplicationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.review_application(&call, request.into_inner()).await?))
    }

    async fn record_assessment(
        &self,
        request: Request<message::RecordAssessmentRequest>,
    ) -> Result<Response<message::RecordAssessmentResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.record_assessment(&call, request.into_inner()).await?))
    }

    async fn conclude_application(
        &self,
        request: Request<message::ConcludeApplicationRequest>,
    ) -> Result<Response<message::ConcludeApplicationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.conclude_application(&call, request.into_inner()).await?))
    }

    async fn certify_application(
        &self,
        request: Request<message::CertifyApplicationRequest>,
    ) -> Result<Response<message::CertifyApplicationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.certify_application(&call, request.into_inner()).await?))
    }

    async fn get_application(
        &self,
        request: Request<message::GetApplicationRequest>,
    ) -> Result<Response<message::GetApplicationResponse>, Status> {
        let call = Call::of(&request)?;
        let id = application_id(&request.into_inner().name)?;
        let (record, view) = self.app.application(&call.caller, &id).await?;
        let application = Some(wire::application_record(&record, view));
        Ok(Response::new(message::GetApplicationResponse { application }))
    }

    async fn list_applications(
        &self,
        request: Request<message::ListApplicationsRequest>,
    ) -> Result<Response<message::ListApplicationsResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let mut wrong = Violations::new();
        let person: Option<Option<PersonId>> = match request.person.as_str() {
            "" => Some(None),
            name => wrong.take("person", greenroom_rpc::wire::name(name).map(Some)),
        };
        let issuer: Option<Option<IssuerId>> = match request.issuer.as_str() {
            "" => Some(None),
            name => wrong.take("issuer", greenroom_rpc::wire::name(name).map(Some)),
        };
        let state = wrong.take("state", wire::optional(request.state, wire::parse_application_state));
        let whole = person.zip(issuer).zip(state).map(|((person, issuer), state)| (person, issuer, state));
        let filter = wrong.finish(whole)?;
        let state = filter.2.map_or("", |state| state.code());
        let organization = call.caller.organization.as_str();
        let scope = ["applications", organization, &request.person, &request.issuer, state];
        let page = Page::parse(request.page_size, &request.page_token, &scope)?;
        let place = (page.after.as_str(), page.limit());
        let read = self.app.applications(&call.caller, filter, place).await?;
        let (shown, next_page_token) =
            page.cut(read, |(record, _)| record.application.id.as_str().to_owned());
        let applications =
            shown.iter().map(|(record, view)| wire::application_record(record, *view)).collect();
        Ok(Response::new(message::ListApplicationsResponse { applications, next_page_token }))
    }

    async fn list_assessments(
        &self,
        request: Request<message::ListAssessmentsRequest>,
    ) -> Result<Response<message::ListAssessmentsResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let id = application_id(&request.application)?;
        let scope = ["assessments", call.caller.organization.as_str(), id.as_str()];
        let page = Page::parse(request.page_size, &request.page_token, &scope)?;
        let (record, view) = self.app.application(&call.caller, &id).await?;
        let after =
            if page.after.is_empty() { 0 } else { page.after.parse().map_err(|_| Page::invalid())? };
        let records = record.application.assessments.iter().filter(|it| it.number > after);
        let (shown, next_page_token) = page.cut(records.collect(), |it| it.number.to_string());
        let shown = shown.into_iter().map(|it| wire::assessment(&record.application, it, view));
        Ok(Response::new(message::ListAssessmentsResponse { assessments: shown.collect(), next_page_token }))
    }
}
