//! Requests read into the domain's values; everything that is wrong with one is told at once.

use super::parse_operators::parties;
use crate::app::sessions::Opening;
use crate::wire::sale::read_host;
use greenroom_domain::kernel::{CategoryId, Collection, Id, LiveSessionId, PersonId, StreamerId};
use greenroom_domain::registry::{EnrolmentState, Question, RuleSet, Sale, StreamerFilter};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::mask::Mask;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::{length, name, text};
use std::collections::BTreeSet;

const MAX_CHECKS: usize = 1_000;
const MAX_ROSTER: usize = 50;
const MAX_OF_A_SALE: usize = 50;

/// A resource name in the field `field`.
pub fn resource<K: Collection>(field: &str, given: &str) -> Result<Id<K>, Fault> {
    let mut violations = Violations::new();
    let id = violations.take(field, name(given));
    violations.finish(id)
}

/// A resource name that may be left out.
pub fn optional_name<K: Collection>(given: &str) -> Result<Option<Id<K>>, String> {
    Some(given).filter(|given| !given.is_empty()).map(name).transpose()
}

/// A streamer to decide about, and what is asked.
pub fn check(
    request: &proto::CheckPermissionRequest,
    rules: &RuleSet,
) -> Result<(StreamerId, Question), Fault> {
    let mut violations = Violations::new();
    let streamer = violations.take("streamer", name(&request.streamer));
    let question = question(request.sale.as_ref(), request.max_staleness.as_ref(), rules, &mut violations);
    let session = violations.take("live_session", optional_name(&request.live_session));
    let question = question.zip(session).map(|(question, session)| Question { session, ..question });
    violations.finish(streamer.zip(question))
}

/// What is asked about a sale.
fn question(
    given: Option<&proto::Sale>,
    staleness: Option<&prost_types::Duration>,
    rules: &RuleSet,
    violations: &mut Violations,
) -> Option<Question> {
    let sale = sale(given, rules, violations);
    let staleness = violations.take("max_staleness", staleness.map(length).transpose());
    let (sale, max_staleness) = sale.zip(staleness)?;
    Some(Question { max_staleness, ..Question::of_sale(sale) })
}

/// What is on sale, where and how; nothing in particular if nothing is said.
pub fn sale(given: Option<&proto::Sale>, rules: &RuleSet, violations: &mut Violations) -> Option<Sale> {
    let Some(given) = given else { return Some(Sale::default()) };
    let categories = categories("sale.categories", &given.categories, rules, violations);
    let functions = plain_ids("sale.functions", &given.functions, violations);
    let operator = Some(given.room_operator.as_str()).filter(|operator| !operator.is_empty());
    let operator = violations.take("sale.room_operator", operator.map(name).transpose());
    let host = proto::Host::try_from(given.host).map_err(|_| "is no kind of host");
    let host = violations.take("sale.host", host).map(read_host);
    let ((operator, host), (categories, functions)) = operator.zip(host).zip(categories.zip(functions))?;
    Some(Sale { categories, functions, operator, host })
}

/// Categories that the rules know.
pub fn categories(
    field: &str,
    given: &[String],
    rules: &RuleSet,
    violations: &mut Violations,
) -> Option<BTreeSet<CategoryId>> {
    let ids: BTreeSet<CategoryId> = plain_ids(field, given, violations)?;
    let known = |id: &CategoryId| rules.categories.contains_key(id);
    let Some(unknown) = ids.iter().find(|id| !known(id)) else { return Some(ids) };
    let at = given.iter().position(|text| text == unknown.as_str()).unwrap_or_default();
    let all: Vec<String> = rules.categories.keys().map(|id| format!("`{id}`")).collect();
    let said = format!("`{unknown}` is no category of the rules; they have {}", all.join(", "));
    violations.add(format!("{field}[{at}]"), said);
    None
}

/// Ids of a kind, up to 50.
pub fn plain_ids<K>(field: &str, given: &[String], violations: &mut Violations) -> Option<BTreeSet<Id<K>>> {
    if given.len() > MAX_OF_A_SALE {
        violations.add(field, "must have at most 50 entries");
        return None;
    }
    let read = |(index, id): (usize, &String)| violations.take(&format!("{field}[{index}]"), Id::try_new(id));
    let ids: Vec<Option<Id<K>>> = given.iter().enumerate().map(read).collect();
    ids.into_iter().collect()
}

/// Account and person to enrol.
pub fn enrolment(request: &proto::EnrolStreamerRequest) -> Result<(String, PersonId), Fault> {
    let mut violations = Violations::new();
    let none = proto::Streamer::default();
    let streamer = request.streamer.as_ref().unwrap_or(&none);
    let account = violations.take("streamer.account", visible(&streamer.account));
    let person = violations.take("streamer.person", name(&streamer.person));
    violations.finish(account.zip(person))
}

/// A streamer to rename, and its new account.
pub fn renaming(request: &proto::UpdateStreamerRequest) -> Result<(StreamerId, Option<String>), Fault> {
    let mut violations = Violations::new();
    let none = proto::Streamer::default();
    let given = request.streamer.as_ref().unwrap_or(&none);
    let id = violations.take("streamer.name", name(&given.name));
    let mask =
        Mask::read(request.update_mask.as_ref(), &[("account", !given.account.is_empty())], &mut violations);
    let account = mask.names("account").then(|| violations.take("streamer.account", visible(&given.account)));
    violations.finish(id.map(|id| (id, account.flatten())))
}

/// A streamer whose account changes hands, and the person to come.
pub fn rebinding(request: &proto::RebindStreamerRequest) -> Result<(StreamerId, PersonId), Fault> {
    let mut violations = Violations::new();
    let id = violations.take("name", name(&request.name));
    let person = violations.take("person", name(&request.person));
    violations.finish(id.zip(person))
}

/// Which streamers to list, and whom they work with.
pub fn streamer_filter(
    request: &proto::ListStreamersRequest,
) -> Result<(StreamerFilter, Vec<String>), Fault> {
    let mut violations = Violations::new();
    let state = proto::StreamerState::try_from(request.state);
    let state = violations.take("state", state.map_err(|_| "is not a value this service knows"));
    let pairwise = violations.take("person", optional_name(&request.person));
    let prefix = violations.take("account_prefix", text(&request.account_prefix, 0..=128));
    let parties = parties(&request.room_operator, &request.agency, &mut violations);
    let filter = state.zip(pairwise).zip(prefix).map(|((state, pairwise), prefix)| StreamerFilter {
        state: match state {
            proto::StreamerState::Unspecified => None,
            proto::StreamerState::Enrolled => Some(EnrolmentState::Enrolled),
            proto::StreamerState::Withdrawn => Some(EnrolmentState::Withdrawn),
        },
        pairwise,
        account_prefix: Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()),
    });
    violations.finish(filter.zip(parties))
}

/// The streamers of a batch, and what is asked.
pub fn batch(
    request: &proto::BatchCheckPermissionsRequest,
    rules: &RuleSet,
) -> Result<(Vec<StreamerId>, Question), Fault> {
    let mut violations = Violations::new();
    let counted = (1..=MAX_CHECKS).contains(&request.streamers.len());
    violations.require(counted, "streamers", "must have 1 to 1000 entries");
    let ids = if counted { ids("streamers", &request.streamers, &mut violations) } else { Vec::new() };
    let question = question(request.sale.as_ref(), request.max_staleness.as_ref(), rules, &mut violations);
    violations.finish(question.map(|question| (ids, question)))
}

/// A session to open.
pub fn opening(request: &proto::OpenLiveSessionRequest, rules: &RuleSet) -> Result<Opening, Fault> {
    let mut violations = Violations::new();
    let room = violations.take("room", visible(&request.room));
    let counted = (1..=MAX_ROSTER).contains(&request.streamers.len());
    violations.require(counted, "streamers", "must have 1 to 50 entries");
    let roster = if counted { ids("streamers", &request.streamers, &mut violations) } else { Vec::new() };
    let different = roster.iter().collect::<BTreeSet<&StreamerId>>().len() == roster.len();
    violations.require(different, "streamers", "must name each streamer once");
    let sale = sale(request.sale.as_ref(), rules, &mut violations);
    let opening = room.zip(sale).map(|(room, sale)| Opening { room, sale, roster });
    violations.finish(opening)
}

/// A session to renew, and its fence as the caller knows it.
pub fn renewal(request: &proto::RenewLiveSessionRequest) -> Result<(LiveSessionId, i64), Fault> {
    let mut violations = Violations::new();
    let id = violations.take("name", name(&request.name));
    violations.require(request.fence > 0, "fence", "must be the fence of the last answer about the session");
    violations.finish(id.map(|id| (id, request.fence)))
}

/// Resource names.
pub fn ids<K: Collection>(field: &str, names: &[String], violations: &mut Violations) -> Vec<Id<K>> {
    let mut ids = Vec::with_capacity(names.len());
    for (index, given) in names.iter().enumerate() {
        ids.extend(violations.take(&format!("{field}[{index}]"), name(given)));
    }
    ids
}

/// An id of the platform's own: 1 to 128 visible characters.
pub fn visible(given: &str) -> Result<String, String> {
    text(given, 1..=128)?;
    if given.trim() != given || given.chars().all(char::is_whitespace) {
        return Err("must not begin or end with a space".to_owned());
    }
    Ok(given.to_owned())
}
