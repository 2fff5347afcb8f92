//! `ConductService`.

use super::{Api, parse, parse_conduct};
use crate::app::conduct::{read_appeal, read_sanction, read_violation};
use crate::wire::conduct as wire;
use greenroom_domain::kernel::{Collection, Id, SanctionId, StreamerId};
use greenroom_domain::registry::port::Store;
use greenroom_domain::registry::{RecordFilter, RecordKind};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::conduct_service_server::ConductService;
use greenroom_proto::registry::v1::{
    BeginAppealReviewRequest, BeginAppealReviewResponse, DecideAppealRequest, DecideAppealResponse,
    DecideViolationRequest, DecideViolationResponse, FileAppealRequest, FileAppealResponse, GetAppealRequest,
    GetAppealResponse, GetConductSummaryRequest, GetConductSummaryResponse, GetSanctionRequest,
    GetSanctionResponse, GetViolationRequest, GetViolationResponse, ImposeSanctionRequest,
    ImposeSanctionResponse, LiftSanctionRequest, LiftSanctionResponse, ListAppealsRequest,
    ListAppealsResponse, ListSanctionsRequest, ListSanctionsResponse, ListViolationKindsRequest,
    ListViolationKindsResponse, ListViolationsRequest, ListViolationsResponse, RecordAppealNoticeRequest,
    RecordAppealNoticeResponse, ReportViolationRequest, ReportViolationResponse, ReverseViolationRequest,
    ReverseViolationResponse, SanctionState,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::enum_value;
use tonic::{Request, Response, Status};

/// What a list is to be about; an empty name is about anything.
fn about<K: Collection>(
    name: impl Fn(&Id<K>) -> String,
    field: &str,
    given: &str,
) -> Result<Option<String>, Fault> {
    if given.is_empty() {
        return Ok(None);
    }
    parse::resource(field, given).map(|id| Some(name(&id)))
}

/// The state a list is to show; zero is any.
fn filter<E: TryFrom<i32> + PartialEq + Default, T>(
    field: &str,
    number: i32,
    read: impl Fn(E) -> Option<T>,
) -> Result<Option<T>, Fault> {
    if number == 0 {
        return Ok(None);
    }
    let mut violations = Violations::new();
    let value = violations.take(field, enum_value(number)).and_then(read);
    violations.finish(value.map(Some))
}

#[tonic::async_trait]
impl<S: Store + HasLog> ConductService for Api<S> {
    async fn list_violation_kinds(
        &self,
        request: Request<ListViolationKindsRequest>,
    ) -> Result<Response<ListViolationKindsResponse>, Status> {
        Call::of(&request)?;
        let kinds = self.app.violations.all().map(wire::kind).collect();
        Ok(Response::new(ListViolationKindsResponse { kinds }))
    }

    async fn report_violation(
        &self,
        request: Request<ReportViolationRequest>,
    ) -> Result<Response<ReportViolationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let report = parse_conduct::report(&message, &self.app.violations, once.now())?;
        Ok(Response::new(self.app.report(&call, &once, &report).await?))
    }

    async fn decide_violation(
        &self,
        request: Request<DecideViolationRequest>,
    ) -> Result<Response<DecideViolationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, finding, reason) = parse_conduct::finding(&message)?;
        let found = (&finding, reason.as_str());
        Ok(Response::new(self.app.decide_violation(&call, &once, &id, found, &message.etag).await?))
    }

    async fn reverse_violation(
        &self,
        request: Request<ReverseViolationRequest>,
    ) -> Result<Response<ReverseViolationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, reason) = parse_conduct::reasoned(&message.name, &message.reason)?;
        Ok(Response::new(self.app.reverse_violation(&call, &once, &id, &reason, &message.etag).await?))
    }

    async fn get_violation(
        &self,
        request: Request<GetViolationRequest>,
    ) -> Result<Response<GetViolationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = parse::resource("name", &message.name)?;
        let violation = self.app.violation(&call.caller.organization, &id).await?;
        Ok(Response::new(GetViolationResponse { violation: Some(wire::violation(&violation)) }))
    }

    async fn list_violations(
        &self,
        request: Request<ListViolationsRequest>,
    ) -> Result<Response<ListViolationsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let platform = &call.caller.organization;
        let about = about(StreamerId::name, "streamer", &message.streamer)?;
        let state = filter("state", message.state, wire::read_violation_state)?;
        let number = message.state.to_string();
        let scope = [&*call.method, platform.as_str(), &message.streamer, &number];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let filter = RecordFilter { about, state: state.map(|state| state.code().to_owned()) };
        let (rows, next_page_token) =
            self.app.page_of(RecordKind::Violation, platform, &filter, &page, read_violation).await?;
        let violations = rows.iter().map(wire::violation).collect();
        Ok(Response::new(ListViolationsResponse { violations, next_page_token }))
    }

    async fn get_conduct_summary(
        &self,
        request: Request<GetConductSummaryRequest>,
    ) -> Result<Response<GetConductSummaryResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = parse::resource("streamer", &message.streamer)?;
        Ok(Response::new(self.app.conduct_of(&call.caller.organization, &id).await?))
    }

    async fn impose_sanction(
        &self,
        request: Request<ImposeSanctionRequest>,
    ) -> Result<Response<ImposeSanctionResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let imposition = parse_conduct::imposition(&message, once.now())?;
        Ok(Response::new(self.app.impose(&call, &once, &imposition).await?))
    }

    async fn lift_sanction(
        &self,
        request: Request<LiftSanctionRequest>,
    ) -> Result<Response<LiftSanctionResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, reason) = parse_conduct::reasoned(&message.name, &message.reason)?;
        Ok(Response::new(self.app.lift_sanction(&call, &once, &id, &reason, &message.etag).await?))
    }

    async fn get_sanction(
        &self,
        request: Request<GetSanctionRequest>,
    ) -> Result<Response<GetSanctionResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = parse::resource("name", &message.name)?;
        let sanction = self.app.sanction(&call.caller.organization, &id).await?;
        let sanction = Some(wire::sanction(&sanction, self.app.clock.now()));
        Ok(Response::new(GetSanctionResponse { sanction }))
    }

    async fn list_sanctions(
        &self,
        request: Request<ListSanctionsRequest>,
    ) -> Result<Response<ListSanctionsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let platform = &call.caller.organization;
        let about = about(StreamerId::name, "streamer", &message.streamer)?;
        let state = filter("state", message.state, Some::<SanctionState>)?;
        let number = message.state.to_string();
        let scope = [&*call.method, platform.as_str(), &message.streamer, &number];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let filter = RecordFilter { about, state: None };
        let (rows, next_page_token) =
            self.app.page_of(RecordKind::Sanction, platform, &filter, &page, read_sanction).await?;
        let now = self.app.clock.now();
        let told = rows.iter().map(|row| wire::sanction(row, now));
        let sanctions = told.filter(|row| state.is_none_or(|state| state == row.state())).collect();
        Ok(Response::new(ListSanctionsResponse { sanctions, next_page_token }))
    }

    async fn file_appeal(
        &self,
        request: Request<FileAppealRequest>,
    ) -> Result<Response<FileAppealResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (sanction, statement) = parse_conduct::appeal(&message)?;
        Ok(Response::new(self.app.file_appeal(&call, &once, &sanction, &statement).await?))
    }

    async fn begin_appeal_review(
        &self,
        request: Request<BeginAppealReviewRequest>,
    ) -> Result<Response<BeginAppealReviewResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let id = parse::resource("name", &message.name)?;
        Ok(Response::new(self.app.begin_review(&call, &once, &id, &message.etag).await?))
    }

    async fn decide_appeal(
        &self,
        request: Request<DecideAppealRequest>,
    ) -> Result<Response<DecideAppealResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let deciding = parse_conduct::deciding(&message, once.now())?;
        Ok(Response::new(self.app.decide_appeal(&call, &once, &deciding).await?))
    }

    async fn record_appeal_notice(
        &self,
        request: Request<RecordAppealNoticeRequest>,
    ) -> Result<Response<RecordAppealNoticeResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let id = parse::resource("name", &message.name)?;
        let told = parse_conduct::told(&message)?;
        Ok(Response::new(self.app.record_notice(&call, &once, &id, told, &message.etag).await?))
    }

    async fn get_appeal(
        &self,
        request: Request<GetAppealRequest>,
    ) -> Result<Response<GetAppealResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let id = parse::resource("name", &message.name)?;
        let appeal = self.app.appeal(&call.caller.organization, &id).await?;
        Ok(Response::new(GetAppealResponse { appeal: Some(wire::appeal(&appeal)) }))
    }

    async fn list_appeals(
        &self,
        request: Request<ListAppealsRequest>,
    ) -> Result<Response<ListAppealsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let platform = &call.caller.organization;
        let about = about(SanctionId::name, "sanction", &message.sanction)?;
        let state = filter("state", message.state, wire::read_appeal_state)?;
        let number = message.state.to_string();
        let scope = [&*call.method, platform.as_str(), &message.sanction, &number];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let filter = RecordFilter { about, state: state.map(|state| state.code().to_owned()) };
        let (rows, next_page_token) =
            self.app.page_of(RecordKind::Appeal, platform, &filter, &page, read_appeal).await?;
        let appeals = rows.iter().map(wire::appeal).collect();
        Ok(Response::new(ListAppealsResponse { appeals, next_page_token }))
    }
}
