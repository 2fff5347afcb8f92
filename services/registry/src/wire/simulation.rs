//! What a candidate policy would change, on the wire.

use super::decision::outcome;
use super::level;
use super::policy::{condition_kind, room_tier};
use greenroom_domain::registry::{CertificateState, Flip};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::wire::duration;

/// A case in which the answers differ.
pub fn flip(flip: &Flip) -> proto::PolicyFlip {
    let cell = &flip.cell;
    let held = cell.certificate.as_ref();
    let confirmed = held.filter(|held| held.state == CertificateState::Verified);
    let text = |id: Option<String>| id.unwrap_or_default();
    let conditions = cell.conditions.iter().map(|(condition, value)| proto::Condition {
        kind: condition_kind(*condition).into(),
        value: *value,
        ..proto::Condition::default()
    });
    proto::PolicyFlip {
        cell: Some(proto::PolicyCell {
            standard: text(held.map(|held| held.standard.name())),
            job_type: text(held.map(|held| held.job_type.to_string())),
            level: held.map_or(proto::Level::Unspecified, |held| level(held.level)).into(),
            certificate_state: text(held.map(|held| held.state.code().to_owned())),
            confirmed_ago: confirmed.map(|held| duration(held.confirmed_ago)),
            conditions: conditions.collect(),
            category: text(cell.place.category.as_ref().map(ToString::to_string)),
            tier: cell.place.tier.map_or(proto::RoomTier::Unspecified, room_tier).into(),
            function: text(cell.place.function.as_ref().map(ToString::to_string)),
            lapsed_ago: confirmed.and_then(|held| held.lapsed_ago).map(duration),
            industry_listed: cell.listed,
        }),
        before: outcome(flip.before).into(),
        after: outcome(flip.after).into(),
    }
}
