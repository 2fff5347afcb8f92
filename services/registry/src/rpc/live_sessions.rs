//! `LiveSessionService`.

use super::{Api, parse, pieces};
use crate::error::Error;
use crate::wire::session::{happening, read_state};
use crate::wire::{fact, optional};
use greenroom_domain::kernel::{LiveSessionId, OrganizationId};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::port::{SessionFilter, SessionRecord, Store};
use greenroom_feed::cursor::Cursor;
use greenroom_feed::event::Event;
use greenroom_feed::log::{EventLog, HasLog};
use greenroom_feed::tail::{Pace, Step};
use greenroom_proto::registry::v1::live_session_service_server::LiveSessionService;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{
    CloseLiveSessionRequest, CloseLiveSessionResponse, GetLiveSessionRequest, GetLiveSessionResponse,
    ListLiveSessionsRequest, ListLiveSessionsResponse, LiveSession, LiveSessionEvent, LiveSessionState,
    OpenLiveSessionRequest, OpenLiveSessionResponse, RegistryFact, RenewLiveSessionRequest,
    RenewLiveSessionResponse, WatchLiveSessionsRequest, WatchLiveSessionsResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use greenroom_rpc::stream::{Answers, follow_log_after};
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::timestamp;
use prost::Message as _;
use std::cell::Cell;
use tokio::time::Instant;
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
        let head = self.app.store.log().head().await.map_err(Error::from)?;
        let after = match message.cursor.as_str() {
            "" => head.sequence,
            cursor => Cursor::resume(cursor, &head).map_err(Fault::from)?,
        };
        let view = View::new(&call.caller.organization, only.as_ref(), &head.database);
        let answers = follow_log_after(
            self.app.store.log().clone(),
            after,
            head.database,
            &call,
            Pace::default(),
            &self.app.clock,
            self.shutdown.clone(),
            move |step, _| view.answer(&step),
        );
        Ok(Response::new(pieces::one_by_one(answers)))
    }
}

/// What one watcher sees of the log.
struct View {
    platform: String,
    only: Option<String>,
    database: String,
    /// When it last heard anything. The log may be busy with what is none of its business.
    spoken: Cell<Instant>,
}

impl View {
    fn new(platform: &OrganizationId, only: Option<&LiveSessionId>, database: &str) -> Self {
        Self {
            platform: platform.name(),
            only: only.map(LiveSessionId::name),
            database: database.to_owned(),
            spoken: Cell::new(Instant::now()),
        }
    }

    fn answer(&self, step: &Step) -> Result<Option<Vec<WatchLiveSessionsResponse>>, Fault> {
        let seen = step.events.iter().filter_map(|event| {
            let told = self.see(event).transpose()?;
            Some(told.map(|told| (event.sequence, told)))
        });
        let seen = seen.collect::<Result<Vec<_>, Fault>>()?;
        let silent = self.spoken.get().elapsed() < Pace::default().heartbeat;
        if seen.is_empty() && !step.events.is_empty() && silent {
            return Ok(None);
        }
        self.spoken.set(Instant::now());
        let told = pieces::cut(seen, step.through).into_iter().map(|piece| WatchLiveSessionsResponse {
            cursor: pieces::cursor(&piece, &self.database),
            current_time: optional(step.current.filter(|_| piece.through == step.through)),
            events: piece.events,
        });
        Ok(Some(told.collect()))
    }

    fn see(&self, event: &Event) -> Result<Option<LiveSessionEvent>, Fault> {
        if event.kind != fact::LIVE_SESSION || self.only.as_ref().is_some_and(|only| *only != event.subject) {
            return Ok(None);
        }
        let fact = RegistryFact::decode(event.payload.as_slice()).map_err(|error| Fault::hide(&error))?;
        let Some(Fact::LiveSession(change)) = fact.fact else { return Ok(None) };
        let mine = change.live_session.as_ref().is_some_and(|session| session.platform == self.platform);
        Ok(mine.then(|| LiveSessionEvent {
            r#type: happening(&change.change).into(),
            live_session: change.live_session,
            cut_streamers: change.cut_streamers,
            commit_time: Some(timestamp(greenroom_domain::kernel::Timestamp::from_micros(
                event.commit_time_us,
            ))),
        }))
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
