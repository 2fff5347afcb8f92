//! Asks for decisions and shows them with their reasons.

use super::actor::Actor;
use crate::failure::Result;
use crate::refusal::answer;
use crate::say;
use comfy_table::ColumnConstraint;
use greenroom_proto::registry::v1::permission_service_client::PermissionServiceClient;
use greenroom_proto::registry::v1::{
    BatchCheckPermissionsRequest, CheckPermissionRequest, CheckPermissionResponse, Decision, LocalizedText,
    Reason,
};
use greenroom_rpc::wire;
use std::time::Duration;

/// One streamer whose decision is shown.
pub struct Shown {
    /// What to know about the streamer.
    pub label: String,
    /// `streamers/…`.
    pub streamer: String,
}

/// How old the news behind a decision may be.
#[derive(Clone, Copy)]
pub enum News {
    /// As old as the policy allows.
    Usual,
    /// So fresh that nobody can have it.
    OfThisInstant,
}

/// Decides for one streamer on nothing older than `revision`.
pub async fn check(
    platform: &Actor,
    streamer: &str,
    revision: &str,
    news: News,
) -> Result<CheckPermissionResponse> {
    let mut permissions = PermissionServiceClient::new(platform.registry.clone());
    let request = CheckPermissionRequest {
        streamer: streamer.to_owned(),
        at_least_revision: revision.to_owned(),
        max_staleness: match news {
            News::Usual => None,
            News::OfThisInstant => Some(wire::duration(Duration::from_micros(1))),
        },
        ..CheckPermissionRequest::default()
    };
    answer("CheckPermission", permissions.check_permission(request).await)
}

/// Decides for all of them on one state of knowledge.
pub async fn check_all(platform: &Actor, shown: &[Shown]) -> Result<Vec<Decision>> {
    let mut permissions = PermissionServiceClient::new(platform.registry.clone());
    let request = BatchCheckPermissionsRequest {
        streamers: shown.iter().map(|it| it.streamer.clone()).collect(),
        ..BatchCheckPermissionsRequest::default()
    };
    let answered = permissions.batch_check_permissions(request).await;
    let results = answer("BatchCheckPermissions", answered)?.results;
    Ok(results.into_iter().map(|result| result.decision.unwrap_or_default()).collect())
}

/// The decisions as a table.
pub fn table<'a>(rows: impl IntoIterator<Item = (&'a Shown, &'a Decision)>) -> String {
    let mut table =
        say::table(&["streamer", "outcome", "reason", "kind", "what is needed and what is the case"]);
    for (shown, decision) in rows {
        let outcome = outcome(decision);
        let Some((first, rest)) = decision.reasons.split_first() else {
            table.add_row([shown.label.as_str(), &outcome, "", "", &allowed(decision)]);
            continue;
        };
        table.add_row([shown.label.as_str(), &outcome, code(first), kind(first), &said(first)]);
        for reason in rest {
            table.add_row(["", "", code(reason), kind(reason), &said(reason)]);
        }
    }
    for short in [1, 2, 3] {
        if let Some(column) = table.column_mut(short) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.to_string()
}

fn outcome(decision: &Decision) -> String {
    let word = decision.outcome().as_str_name().trim_start_matches("OUTCOME_");
    match instant(decision.ask_again_time.as_ref()) {
        Some(time) => format!("{word}\nask again from\n{time}"),
        None => word.to_owned(),
    }
}

fn allowed(decision: &Decision) -> String {
    let level = decision.verified_level.clone().unwrap_or_default();
    let until = instant(decision.valid_until_time.as_ref()).unwrap_or_default();
    let (held, job) = (level.level().as_str_name(), &level.job_type);
    format!("rests on {held} {job}; nobody may rely on it after {until}")
}

/// The stable code of a reason, without its prefix.
pub fn code(reason: &Reason) -> &'static str {
    reason.code().as_str_name().trim_start_matches("REASON_CODE_")
}

fn kind(reason: &Reason) -> &'static str {
    reason.kind().as_str_name().trim_start_matches("REASON_KIND_")
}

fn said(reason: &Reason) -> String {
    let LocalizedText { en, zh } = reason.message.clone().unwrap_or_default();
    format!("{en}\n{zh}")
}

/// To the second: the rest is noise for a reader.
fn instant(time: Option<&prost_types::Timestamp>) -> Option<String> {
    let told = time.and_then(|time| wire::instant(time).ok())?.to_string();
    let seconds = told.split('.').next().unwrap_or_default().trim_end_matches('Z');
    Some(format!("{seconds}Z"))
}
