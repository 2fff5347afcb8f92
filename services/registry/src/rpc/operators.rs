//! `RoomOperatorService`.

use super::{Api, parse, parse_operators};
use crate::wire::operator::{listed, room_operator};
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::room_operator_service_server::RoomOperatorService;
use greenroom_proto::registry::v1::{
    GetRoomOperatorRequest, GetRoomOperatorResponse, ListRoomOperatorsRequest, ListRoomOperatorsResponse,
    RecordReverificationRequest, RecordReverificationResponse, RegisterRoomOperatorRequest,
    RegisterRoomOperatorResponse, UpdateRoomOperatorRequest, UpdateRoomOperatorResponse,
    WithdrawRoomOperatorRequest, WithdrawRoomOperatorResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> RoomOperatorService for Api<S> {
    async fn register_room_operator(
        &self,
        request: Request<RegisterRoomOperatorRequest>,
    ) -> Result<Response<RegisterRoomOperatorResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let registration = parse_operators::registration(&message, once.now())?;
        Ok(Response::new(self.app.register_operator(&call, &once, &registration).await?))
    }

    async fn get_room_operator(
        &self,
        request: Request<GetRoomOperatorRequest>,
    ) -> Result<Response<GetRoomOperatorResponse>, Status> {
        let call = Call::of(&request)?;
        let id = parse::resource("name", &request.into_inner().name)?;
        let operator = self.app.operator(&call.caller.organization, &id).await?;
        Ok(Response::new(GetRoomOperatorResponse { room_operator: Some(room_operator(&operator)) }))
    }

    async fn list_room_operators(
        &self,
        request: Request<ListRoomOperatorsRequest>,
    ) -> Result<Response<ListRoomOperatorsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let filter = parse_operators::operator_filter(&message)?;
        let platform = &call.caller.organization;
        let scope = format!("{filter:?}");
        let scope = [&*call.method, platform.as_str(), &scope];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let (operators, next_page_token) = self.app.operators(platform, &filter, &page).await?;
        let room_operators = operators.iter().map(listed).collect();
        Ok(Response::new(ListRoomOperatorsResponse { room_operators, next_page_token }))
    }

    async fn update_room_operator(
        &self,
        request: Request<UpdateRoomOperatorRequest>,
    ) -> Result<Response<UpdateRoomOperatorResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, change) = parse_operators::operator_change(&message)?;
        Ok(Response::new(self.app.update_operator(&call, &once, (&id, &message.etag), &change).await?))
    }

    async fn record_reverification(
        &self,
        request: Request<RecordReverificationRequest>,
    ) -> Result<Response<RecordReverificationResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let (id, verified) = parse_operators::reverification(&message, once.now())?;
        Ok(Response::new(self.app.reverify(&call, &once, (&id, &message.etag), &verified).await?))
    }

    async fn withdraw_room_operator(
        &self,
        request: Request<WithdrawRoomOperatorRequest>,
    ) -> Result<Response<WithdrawRoomOperatorResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let id = parse::resource("name", &message.name)?;
        Ok(Response::new(self.app.withdraw_operator(&call, &once, (&id, &message.etag)).await?))
    }
}
