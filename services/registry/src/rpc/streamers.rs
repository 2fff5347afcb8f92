//! `StreamerService`.

use super::{Api, parse, parse_operators, parse_policies};
use crate::wire::{self, engagement::engagement};
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::streamer_service_server::StreamerService;
use greenroom_proto::registry::v1::{
    EndEngagementRequest, EndEngagementResponse, EngageStreamerRequest, EngageStreamerResponse,
    EnrolStreamerRequest, EnrolStreamerResponse, GetStreamerRequest, GetStreamerResponse,
    GetVerifiedLevelsRequest, GetVerifiedLevelsResponse, ListEngagementsRequest, ListEngagementsResponse,
    ListStreamersRequest, ListStreamersResponse, RebindStreamerRequest, RebindStreamerResponse,
    ReportConditionsRequest, ReportConditionsResponse, UpdateStreamerRequest, UpdateStreamerResponse,
    WithdrawStreamerRequest, WithdrawStreamerResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> StreamerService for Api<S> {
    async fn enrol_streamer(
        &self,
        request: Request<EnrolStreamerRequest>,
    ) -> Result<Response<EnrolStreamerResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (account, person) = parse::enrolment(&message)?;
        Ok(Response::new(self.app.enrol(&call, &once, &account, &person).await?))
    }

    async fn get_streamer(
        &self,
        request: Request<GetStreamerRequest>,
    ) -> Result<Response<GetStreamerResponse>, Status> {
        let call = Call::of(&request)?;
        let id = parse::resource("name", &request.into_inner().name)?;
        let streamer = self.app.streamer(&call.caller.organization, &id).await?;
        Ok(Response::new(GetStreamerResponse { streamer: Some(self.app.shown(&streamer)) }))
    }

    async fn list_streamers(
        &self,
        request: Request<ListStreamersRequest>,
    ) -> Result<Response<ListStreamersResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let (filter, parties) = parse::streamer_filter(&message)?;
        let platform = &call.caller.organization;
        let asked = format!("{filter:?} {parties:?}");
        let scope = [&*call.method, platform.as_str(), message.account.as_str(), &asked];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let with = (message.account.as_str(), parties.as_slice());
        let (rows, next_page_token) = self.app.streamers(platform, &filter, with, &page).await?;
        let streamers = rows.iter().map(|row| self.app.shown(row)).collect();
        Ok(Response::new(ListStreamersResponse { streamers, next_page_token }))
    }

    async fn get_verified_levels(
        &self,
        request: Request<GetVerifiedLevelsRequest>,
    ) -> Result<Response<GetVerifiedLevelsResponse>, Status> {
        let call = Call::of(&request)?;
        let GetVerifiedLevelsRequest { name, with_history } = request.into_inner();
        let id = parse::resource("name", &name)?;
        let platform = &call.caller.organization;
        let (levels, revision) = self.app.levels(platform, &id)?;
        let held = if with_history { self.app.level_history(platform, &id).await? } else { Vec::new() };
        Ok(Response::new(GetVerifiedLevelsResponse {
            verified_levels: levels.iter().map(wire::verified_level).collect(),
            revision: revision.as_ref().to_owned(),
            history: held.iter().map(wire::held_level).collect(),
        }))
    }

    async fn report_conditions(
        &self,
        request: Request<ReportConditionsRequest>,
    ) -> Result<Response<ReportConditionsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (streamer, reports) = parse_policies::reports(&message)?;
        Ok(Response::new(self.app.report_conditions(&call, &once, &streamer, &reports).await?))
    }

    async fn withdraw_streamer(
        &self,
        request: Request<WithdrawStreamerRequest>,
    ) -> Result<Response<WithdrawStreamerResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let id = parse::resource("name", &message.name)?;
        Ok(Response::new(self.app.withdraw(&call, &once, &id, &message.etag).await?))
    }
    async fn update_streamer(
        &self,
        request: Request<UpdateStreamerRequest>,
    ) -> Result<Response<UpdateStreamerResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, account) = parse::renaming(&message)?;
        let named = (&id, message.etag.as_str());
        Ok(Response::new(self.app.rename(&call, &once, named, account.as_deref()).await?))
    }

    async fn rebind_streamer(
        &self,
        request: Request<RebindStreamerRequest>,
    ) -> Result<Response<RebindStreamerResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, person) = parse::rebinding(&message)?;
        Ok(Response::new(self.app.rebind(&call, &once, (&id, &message.etag), &person).await?))
    }

    async fn engage_streamer(
        &self,
        request: Request<EngageStreamerRequest>,
    ) -> Result<Response<EngageStreamerResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let contract = parse_operators::contract(&message)?;
        Ok(Response::new(self.app.engage(&call, &once, &contract).await?))
    }

    async fn end_engagement(
        &self,
        request: Request<EndEngagementRequest>,
    ) -> Result<Response<EndEngagementResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, at) = parse_operators::ending(&message)?;
        Ok(Response::new(self.app.end_engagement(&call, &once, (&id, &message.etag), at).await?))
    }

    async fn list_engagements(
        &self,
        request: Request<ListEngagementsRequest>,
    ) -> Result<Response<ListEngagementsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let filter = parse_operators::engagement_filter(&message)?;
        let platform = &call.caller.organization;
        let asked = format!("{filter:?}");
        let scope = [&*call.method, platform.as_str(), &asked];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let (found, next_page_token) = self.app.engagements(platform, &filter, &page).await?;
        let now = self.app.clock.now();
        let engagements = found.iter().map(|it| engagement(it, now)).collect();
        Ok(Response::new(ListEngagementsResponse { engagements, next_page_token }))
    }
}
