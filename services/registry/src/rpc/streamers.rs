//! `StreamerService`.

use super::{Api, parse, parse_policies};
use crate::error::Error;
use crate::wire;
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::streamer_service_server::StreamerService;
use greenroom_proto::registry::v1::{
    EnrolStreamerRequest, EnrolStreamerResponse, GetStreamerRequest, GetStreamerResponse,
    GetVerifiedLevelsRequest, GetVerifiedLevelsResponse, ListStreamersRequest, ListStreamersResponse,
    ReportConditionsRequest, ReportConditionsResponse, WithdrawStreamerRequest, WithdrawStreamerResponse,
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
        Ok(Response::new(GetStreamerResponse { streamer: Some(wire::streamer(&streamer)) }))
    }

    async fn list_streamers(
        &self,
        request: Request<ListStreamersRequest>,
    ) -> Result<Response<ListStreamersResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let platform = &call.caller.organization;
        let scope = [&*call.method, platform.as_str(), message.account.as_str()];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let rows = if message.account.is_empty() {
            self.app.store.streamers_of(platform, &page.after, page.limit()).await
        } else {
            let one = self.app.store.streamer_by_account(platform, &message.account).await;
            one.map(|one| one.into_iter().filter(|one| one.id.as_str() > page.after.as_str()).collect())
        };
        let (rows, next_page_token) = page.cut(rows.map_err(Error::from)?, |row| row.id.as_str().to_owned());
        let streamers = rows.iter().map(wire::streamer).collect();
        Ok(Response::new(ListStreamersResponse { streamers, next_page_token }))
    }

    async fn get_verified_levels(
        &self,
        request: Request<GetVerifiedLevelsRequest>,
    ) -> Result<Response<GetVerifiedLevelsResponse>, Status> {
        let call = Call::of(&request)?;
        let id = parse::resource("name", &request.into_inner().name)?;
        let (levels, revision) = self.app.levels(&call.caller.organization, &id)?;
        Ok(Response::new(GetVerifiedLevelsResponse {
            verified_levels: levels.iter().map(wire::verified_level).collect(),
            revision: revision.as_ref().to_owned(),
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
        Ok(Response::new(self.app.report(&call, &once, &streamer, &reports).await?))
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
}
