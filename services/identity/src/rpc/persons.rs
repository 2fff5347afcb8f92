use super::Rpc;
use crate::app::{Database, Missing};
use crate::wire;
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::person_service_server::PersonService;
use greenroom_proto::identity::v1::{
    GetPersonRequest, GetPersonResponse, MatchPersonRequest, MatchPersonResponse, RecordProofingRequest,
    RecordProofingResponse, RegisterPersonRequest, RegisterPersonResponse, ResolvePersonsRequest,
    ResolvePersonsResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::layers::access::missing_scope;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

/// What recording an identity check needs, also inside a batch.
const PROOF_SCOPE: &str = "persons.proof";

#[tonic::async_trait]
impl<S: Database> PersonService for Rpc<S> {
    async fn register_person(
        &self,
        request: Request<RegisterPersonRequest>,
    ) -> Result<Response<RegisterPersonResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let claim = wire::required_identity(message.identity.as_ref(), self.app.clock.now())?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.register_person(&once, &call.caller, &claim).await?;
        Ok(Response::new(RegisterPersonResponse { revision: done.revision(), ..done.answer }))
    }

    async fn get_person(
        &self,
        request: Request<GetPersonRequest>,
    ) -> Result<Response<GetPersonResponse>, Status> {
        let call = Call::of(&request)?;
        let name = wire::name("name", &request.into_inner().name)?;
        let (named, record) = self.app.named(&call.caller, &name).await?;
        let person = self.app.seen(&call.caller, &named, &record)?;
        Ok(Response::new(GetPersonResponse { person: Some(person) }))
    }

    async fn record_proofing(
        &self,
        request: Request<RecordProofingRequest>,
    ) -> Result<Response<RecordProofingResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let name = wire::name("person", &message.person)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let check = wire::check(message.proofing.as_ref(), once.now())?;
        let done = self.app.record_proofing(&once, &call.caller, &name, &check, &message.etag).await?;
        Ok(Response::new(RecordProofingResponse { revision: done.revision(), ..done.answer }))
    }

    async fn match_person(
        &self,
        request: Request<MatchPersonRequest>,
    ) -> Result<Response<MatchPersonResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = wire::name("person", &message.person)?;
        let claim = wire::comparison(message.claim.as_ref(), self.app.clock.now())?;
        let outcome = self.app.match_person(&call.caller, &id, &claim).await?;
        Ok(Response::new(wire::person_match(outcome)))
    }

    async fn resolve_persons(
        &self,
        request: Request<ResolvePersonsRequest>,
    ) -> Result<Response<ResolvePersonsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let queries = wire::queries(&message.queries, self.app.clock.now())?;
        let missing = if message.register_missing { Missing::Register } else { Missing::Report };
        let once = self.app.once_without_request(&call)?;
        Ok(Response::new(self.app.resolve(&once, &queries, missing).await?))
    }

    async fn batch_register_persons(
        &self,
        request: Request<proto::BatchRegisterPersonsRequest>,
    ) -> Result<Response<proto::BatchRegisterPersonsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let checked = message.registrations.iter().any(|item| item.proofing.is_some());
        if checked && !call.caller.scopes.contains(PROOF_SCOPE) {
            return Err(missing_scope(PROOF_SCOPE).into());
        }
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let items = wire::registrations(message.registrations, once.now())?;
        let done = self.app.register_persons(&once, &call.caller, &items).await?;
        Ok(Response::new(proto::BatchRegisterPersonsResponse { revision: done.revision(), ..done.answer }))
    }

    async fn list_persons(
        &self,
        request: Request<proto::ListPersonsRequest>,
    ) -> Result<Response<proto::ListPersonsResponse>, Status> {
        let call = Call::of(&request)?;
        let proto::ListPersonsRequest { page_size, page_token, due_before_time } = request.into_inner();
        let due_before = wire::optional_instant("due_before_time", due_before_time.as_ref())?;
        let filter = due_before.map(|instant| instant.as_micros().to_string()).unwrap_or_default();
        let scope = [&*call.method, call.caller.organization.as_str(), &filter];
        let page = Page::parse(page_size, &page_token, &scope)?;
        let (persons, next_page_token) = self.app.list_persons(&call.caller, due_before, &page).await?;
        Ok(Response::new(proto::ListPersonsResponse { persons, next_page_token }))
    }

    async fn list_proofings(
        &self,
        request: Request<proto::ListProofingsRequest>,
    ) -> Result<Response<proto::ListProofingsResponse>, Status> {
        let call = Call::of(&request)?;
        let proto::ListProofingsRequest { parent, page_size, page_token } = request.into_inner();
        let name = wire::name("parent", &parent)?;
        let scope = [&*call.method, call.caller.organization.as_str(), &parent];
        let page = Page::parse(page_size, &page_token, &scope)?;
        let (proofings, next_page_token) = self.app.list_proofings(&call.caller, &name, &page).await?;
        Ok(Response::new(proto::ListProofingsResponse { proofings, next_page_token }))
    }

    async fn start_proofing(
        &self,
        request: Request<proto::StartProofingRequest>,
    ) -> Result<Response<proto::StartProofingResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let name = wire::name("person", &message.person)?;
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let done = self.app.start_proofing(&once, &call.caller, &name, &message.source).await?;
        Ok(Response::new(proto::StartProofingResponse { revision: done.revision(), ..done.answer }))
    }

    async fn get_proofing_job(
        &self,
        request: Request<proto::GetProofingJobRequest>,
    ) -> Result<Response<proto::GetProofingJobResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let (person, job) = wire::proofing_job_name("name", &message.name)?;
        let proofing_job = Some(self.app.proofing_job(&call.caller, &person, &job).await?);
        Ok(Response::new(proto::GetProofingJobResponse { proofing_job }))
    }

    async fn record_guardian_consent(
        &self,
        request: Request<proto::RecordGuardianConsentRequest>,
    ) -> Result<Response<proto::RecordGuardianConsentResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let statement = wire::consent(&message)?;
        let done = self.app.record_guardian_consent(&once, &call.caller, &statement).await?;
        Ok(Response::new(proto::RecordGuardianConsentResponse { revision: done.revision(), ..done.answer }))
    }

    async fn withdraw_guardian_consent(
        &self,
        request: Request<proto::WithdrawGuardianConsentRequest>,
    ) -> Result<Response<proto::WithdrawGuardianConsentResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let statement = wire::withdrawal(&message)?;
        let done = self.app.withdraw_guardian_consent(&once, &call.caller, &statement).await?;
        Ok(Response::new(proto::WithdrawGuardianConsentResponse { revision: done.revision(), ..done.answer }))
    }

    async fn freeze_person(
        &self,
        request: Request<proto::FreezePersonRequest>,
    ) -> Result<Response<proto::FreezePersonResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let read = || wire::freezing(&message, once.now());
        let done = self.app.freeze_person(&once, read, &message.etag).await?;
        Ok(Response::new(proto::FreezePersonResponse { revision: done.revision(), ..done.answer }))
    }

    async fn unfreeze_person(
        &self,
        request: Request<proto::UnfreezePersonRequest>,
    ) -> Result<Response<proto::UnfreezePersonResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let name = wire::pairwise_name(message.person.as_ref())?;
        let done = self.app.unfreeze_person(&once, &name, &message.etag).await?;
        Ok(Response::new(proto::UnfreezePersonResponse { revision: done.revision(), ..done.answer }))
    }

    async fn erase_person(
        &self,
        request: Request<proto::ErasePersonRequest>,
    ) -> Result<Response<proto::ErasePersonResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, message.validate_only)?;
        let name = wire::pairwise_name(message.person.as_ref())?;
        let done = self.app.erase_person(&once, &name, &message.etag).await?;
        Ok(Response::new(proto::ErasePersonResponse { revision: done.revision(), ..done.answer }))
    }
}
