//! The half of `PermissionService` that keeps grants.

use super::{Api, parse, pieces, watch};
use crate::app::grants::Granting;
use crate::error::Error;
use crate::memory::tidings::Tiding;
use crate::wire::grant::{read_state, told_of};
use crate::wire::policy::read_permission;
use greenroom_domain::kernel::{GrantId, StreamerId};
use greenroom_domain::registry::port::Store;
use greenroom_domain::registry::{GrantState, Permission, Question, RecordFilter, RecordKind, RuleSet};
use greenroom_feed::cursor::Cursor;
use greenroom_feed::log::{EventLog as _, HasLog};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use greenroom_rpc::stream::Answers;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::{instant, length, name, text};
use tonic::{Request, Status};

const MAX_CONDITIONS: usize = 20;

impl<S: Store + HasLog> Api<S> {
    pub(super) async fn grant(
        &self,
        request: Request<proto::GrantPermissionRequest>,
    ) -> Result<proto::GrantPermissionResponse, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let granting = granting(&message, &self.app.rules())?;
        self.app.at_least(&message.at_least_revision, &call).await?;
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        Ok(self.app.grant(&call, &once, &granting).await?)
    }

    pub(super) async fn read_grant(
        &self,
        request: Request<proto::GetGrantRequest>,
    ) -> Result<proto::GetGrantResponse, Status> {
        let call = Call::of(&request)?;
        let id = parse::resource("name", &request.into_inner().name)?;
        let record = self.app.granted(&call.caller.organization, &id).await?;
        Ok(proto::GetGrantResponse { grant: Some(told_of(&record).map_err(Error::from)?) })
    }

    pub(super) async fn page_of_grants(
        &self,
        request: Request<proto::ListGrantsRequest>,
    ) -> Result<proto::ListGrantsResponse, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let filter = filter(&message)?;
        let (platform, state) = (&call.caller.organization, message.state.to_string());
        let scope = [&*call.method, platform.as_str(), &message.streamer, &state];
        let mut page = Page::parse(message.page_size, &message.page_token, &scope)?;
        // Read before the rows: whoever watches from here misses nothing, and at worst hears what the rows show already.
        let head = self.app.store.log().head().await.map_err(Error::from)?;
        let rows =
            self.app.store.records_of(RecordKind::Grant, platform, &filter, &page.after, page.limit()).await;
        let rows = rows.map_err(Error::from)?;
        page.size = page.size.min(pieces::fitting(&rows, |row| row.fact.len()));
        let (rows, next_page_token) = page.cut(rows, |row| row.name.clone());
        let grants = rows.iter().map(told_of).collect::<Result<_, _>>().map_err(Error::from)?;
        Ok(proto::ListGrantsResponse { grants, next_page_token, watch_cursor: Cursor::encode(&head) })
    }

    pub(super) async fn take_back(
        &self,
        request: Request<proto::RevokeGrantRequest>,
    ) -> Result<proto::RevokeGrantResponse, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        let mut violations = Violations::new();
        let id: Option<GrantId> = violations.take("name", name(&message.name));
        let reason = violations.take("reason", text(&message.reason, 1..=500));
        let (id, reason) = violations.finish(id.zip(reason))?;
        Ok(self.app.revoke_grant(&call, &once, &id, reason, &message.etag).await?)
    }

    pub(super) async fn watch_grants_of(
        &self,
        request: Request<proto::WatchGrantsRequest>,
    ) -> Result<Answers<proto::WatchGrantsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let state = state(message.state)?;
        let grant = match message.grant.as_str() {
            "" => None,
            name => {
                let id = parse::resource("grant", name)?;
                Some(self.app.granted(&call.caller.organization, &id).await?.name)
            }
        };
        let streamer = self.filtered_streamer(&call, &message.streamer).await?;
        Ok(self.watch(&call, &message.cursor, View { grant, streamer, state }).await?)
    }
}

/// What one watcher of grants asked for.
struct View {
    grant: Option<String>,
    streamer: Option<String>,
    state: Option<GrantState>,
}

impl watch::View for View {
    type Event = proto::GrantEvent;
    type Answer = proto::WatchGrantsResponse;

    fn event<'a>(&self, tiding: &'a Tiding) -> Option<&'a proto::GrantEvent> {
        let Tiding::Grant(event) = tiding else { return None };
        let grant = event.grant.as_ref()?;
        let wanted = self.grant.as_ref().is_none_or(|only| *only == grant.name)
            && self.streamer.as_ref().is_none_or(|only| *only == grant.streamer)
            && self.state.is_none_or(|only| read_state(grant.state()) == Some(only));
        wanted.then_some(event)
    }

    fn answer(&self, batch: watch::Batch<proto::GrantEvent>) -> proto::WatchGrantsResponse {
        let watch::Batch { events, cursor, current_time } = batch;
        proto::WatchGrantsResponse { events, cursor, current_time }
    }
}

fn granting(request: &proto::GrantPermissionRequest, rules: &RuleSet) -> Result<Granting, Fault> {
    let mut violations = Violations::new();
    let streamer = violations.take("streamer", name(&request.streamer));
    let permission = proto::Permission::try_from(request.permission).map_err(|_| "is no permission");
    let permission = violations.take("permission", permission).map(read_permission);
    let granted = permission.is_none_or(|permission| permission == Permission::LiveSale);
    violations.require(
        granted,
        "permission",
        "is decided with each act of an administrator, and never granted",
    );
    let sale = parse::sale(request.sale.as_ref(), rules, &mut violations);
    let staleness = violations.take("max_staleness", request.max_staleness.as_ref().map(length).transpose());
    violations.require(
        request.conditions.len() <= MAX_CONDITIONS,
        "conditions",
        "must have at most 20 entries",
    );
    for (index, condition) in request.conditions.iter().take(MAX_CONDITIONS).enumerate() {
        violations.take(&format!("conditions[{index}]"), text(condition, 1..=200));
    }
    let until = violations.take("until_time", request.until_time.as_ref().map(instant).transpose());
    let asked = permission.zip(sale).zip(staleness);
    let granting =
        streamer.zip(asked).zip(until).map(|((streamer, ((permission, sale), max_staleness)), until)| {
            let question = Question { permission, sale, max_staleness, session: None };
            Granting { streamer, question, conditions: request.conditions.clone(), until }
        });
    violations.finish(granting)
}

fn filter(request: &proto::ListGrantsRequest) -> Result<RecordFilter, Fault> {
    let about = match request.streamer.as_str() {
        "" => None,
        given => {
            let streamer: StreamerId = parse::resource("streamer", given)?;
            Some(streamer.name())
        }
    };
    let state = state(request.state)?.map(|state| state.code().to_owned());
    Ok(RecordFilter { about, state })
}

fn state(given: i32) -> Result<Option<GrantState>, Fault> {
    let mut violations = Violations::new();
    let known = proto::GrantState::try_from(given).map_err(|_| "is not a value this service knows");
    let state = violations.take("state", known);
    violations.finish(state.map(read_state))
}
