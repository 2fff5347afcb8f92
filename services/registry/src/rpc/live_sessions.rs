//! `LiveSessionService`.

use super::{Api, parse, pieces, watch};
use crate::error::Error;
use crate::memory::tidings::Tiding;
use crate::wire::session::read_state;
use greenroom_domain::kernel::LiveSessionId;
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::port::{SessionFilter, SessionRecord, Store};
use greenroom_feed::cursor::Cursor;
use greenroom_feed::log::{EventLog, HasLog};
use greenroom_proto::registry::v1::live_session_service_server::LiveSessionService;
use greenroom_proto::registry::v1::{
    CloseLiveSessionRequest, CloseLiveSessionResponse, GetLiveSessionRequest, GetLiveSessionResponse,
    ListLiveSessionsRequest, ListLiveSessionsResponse, LiveSession, LiveSessionEvent, LiveSessionState,
    OpenLiveSessionRequest, OpenLiveSessionResponse, RenewLiveSessionRequest, RenewLiveSessionResponse,
    WatchLiveSessionsRequest, WatchLiveSessionsResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use greenroom_rpc::stream::Answers;
use greenroom_rpc::violations::Violations;
use prost::Message as _;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> LiveSessionService for Api<S> {
    async fn open_live_session(
        &self,
        request: Request<OpenLiveSessionRequest>,
    ) -> Result<Response<OpenLiveSessionResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let opening = parse::opening(&message, &self.app.rules())?;
        self.app.at_least(&message.at_least_revision, &call).await?;
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        Ok(Response::new(self.app.open(&call, &once, &opening).await?))
    }

    async fn renew_live_session(
        &self,
        request: Request<RenewLiveSessionRequest>,
    ) -> Result<Response<RenewLiveSessionResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::Commit)?;
        let (id, fence) = parse::renewal(&message)?;
        Ok(Response::new(self.app.renew(&call, &once, &id, fence).await?))
    }

    async fn close_live_session(
        &self,
        request: Request<CloseLiveSessionRequest>,
    ) -> Result<Response<CloseLiveSessionResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::Commit)?;
        let id = parse::resource("name", &message.name)?;
        Ok(Response::new(self.app.close(&call, &once, &id).await?))
    }

    async fn get_live_session(
        &self,
        request: Request<GetLiveSessionRequest>,
    ) -> Result<Response<GetLiveSessionResponse>, Status> {
        let call = Call::of(&request)?;
        let id = parse::resource("name", &request.into_inner().name)?;
        let record = self.app.session(&call.caller.organization, &id).await?;
        Ok(Response::new(GetLiveSessionResponse { live_session: Some(told(&record)?) }))
    }

    async fn list_live_sessions(
        &self,
        request: Request<ListLiveSessionsRequest>,
    ) -> Result<Response<ListLiveSessionsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let filter = filter(message.state)?;
        let platform = &call.caller.organization;
        let state = message.state.to_string();
        let mut page =
            Page::parse(message.page_size, &message.page_token, &[&*call.method, platform.as_str(), &state])?;
        // Read before the rows: whoever watches from here misses nothing, and at worst hears what the rows show already.
        let head = self.app.store.log().head().await.map_err(Error::from)?;
        let rows = self.app.store.sessions_of(platform, filter, &page.after, page.limit()).await;
        let rows = rows.map_err(Error::from)?;
        page.size = page.size.min(pieces::fitting(&rows, |row| row.record.len()));
        let (rows, next_page_token) = page.cut(rows, |row| row.id.as_str().to_owned());
        let live_sessions = rows.iter().map(told).collect::<Result<_, _>>()?;
        let watch_cursor = Cursor::encode(&head);
        Ok(Response::new(ListLiveSessionsResponse { live_sessions, next_page_token, watch_cursor }))
    }

    type WatchLiveSessionsStream = Answers<WatchLiveSessionsResponse>;

    async fn watch_live_sessions(
        &self,
        request: Request<WatchLiveSessionsRequest>,
    ) -> Result<Response<Self::WatchLiveSessionsStream>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let only = match message.live_session.as_str() {
            "" => None,
            name => Some(parse::resource("live_session", name)?),
        };
        if let Some(id) = &only {
            self.app.session(&call.caller.organization, id).await?;
        }
        let streamer = self.filtered_streamer(&call, &message.streamer).await?;
        let view = View { session: only.as_ref().map(LiveSessionId::name), streamer };
        Ok(Response::new(self.watch(&call, &message.cursor, view).await?))
    }
}

/// What one watcher of sessions asked for.
struct View {
    session: Option<String>,
    streamer: Option<String>,
}

impl watch::View for View {
    type Event = LiveSessionEvent;
    type Answer = WatchLiveSessionsResponse;

    fn event<'a>(&self, tiding: &'a Tiding) -> Option<&'a LiveSessionEvent> {
        let Tiding::Session(event) = tiding else { return None };
        let session = event.live_session.as_ref()?;
        let named = self.session.as_ref().is_none_or(|only| *only == session.name);
        let on_roster = |only: &String| session.roster.iter().any(|marketer| marketer.streamer == *only);
        (named && self.streamer.as_ref().is_none_or(on_roster)).then_some(event)
    }

    fn answer(&self, batch: watch::Batch<LiveSessionEvent>) -> WatchLiveSessionsResponse {
        let watch::Batch { events, cursor, current_time } = batch;
        WatchLiveSessionsResponse { events, cursor, current_time }
    }
}

/// The session as it was told last.
fn told(record: &SessionRecord) -> Result<LiveSession, Error> {
    let bad = |_| StoreError::Damaged(format!("the record of `{}`", record.id.name()));
    Ok(LiveSession::decode(record.record.as_slice()).map_err(bad)?)
}

fn filter(state: i32) -> Result<SessionFilter, Fault> {
    let mut violations = Violations::new();
    let known = LiveSessionState::try_from(state).map_err(|_| "is not a value this service knows");
    let filter = violations.take("state", known);
    violations
        .finish(filter.map(|state| read_state(state).map_or(SessionFilter::All, SessionFilter::InState)))
}
