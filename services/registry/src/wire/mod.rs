//! Protobuf to domain and back. What the event log keeps is made in [`fact`], and only there.

pub mod blocklist;
pub mod conduct;
pub mod decision;
pub mod engagement;
pub mod fact;
pub mod grant;
pub mod news;
pub mod notice;
pub mod operator;
pub mod policy;
pub mod rules;
pub mod sale;
pub mod session;
pub mod simulation;
pub mod standard;
pub mod upstream;

use greenroom_domain::kernel::Timestamp;
use greenroom_domain::occupation::Level;
use greenroom_domain::registry::{EnrolmentState, HeldLevel, Streamer, VerifiedLevel};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::etag;
use greenroom_rpc::wire::timestamp;

/// An instant that may be absent.
pub fn optional(instant: Option<Timestamp>) -> Option<prost_types::Timestamp> {
    instant.map(timestamp)
}

/// A level on the wire.
pub const fn level(level: Level) -> proto::Level {
    match level {
        Level::Apprentice => proto::Level::Apprentice,
        Level::Five => proto::Level::Level5,
        Level::Four => proto::Level::Level4,
        Level::Three => proto::Level::Level3,
        Level::Two => proto::Level::Level2,
        Level::One => proto::Level::Level1,
        Level::SpeciallyAppointed => proto::Level::SpeciallyAppointed,
        Level::Chief => proto::Level::Chief,
    }
}

/// A level from the wire.
pub const fn read_level(level: proto::Level) -> Option<Level> {
    Some(match level {
        proto::Level::Unspecified => return None,
        proto::Level::Apprentice => Level::Apprentice,
        proto::Level::Level5 => Level::Five,
        proto::Level::Level4 => Level::Four,
        proto::Level::Level3 => Level::Three,
        proto::Level::Level2 => Level::Two,
        proto::Level::Level1 => Level::One,
        proto::Level::SpeciallyAppointed => Level::SpeciallyAppointed,
        proto::Level::Chief => Level::Chief,
    })
}

/// Whether an account takes part, on the wire.
pub const fn streamer_state(state: EnrolmentState) -> proto::StreamerState {
    match state {
        EnrolmentState::Enrolled => proto::StreamerState::Enrolled,
        EnrolmentState::Withdrawn => proto::StreamerState::Withdrawn,
    }
}

/// A streamer as its platform sees it.
pub fn streamer(streamer: &Streamer) -> proto::Streamer {
    proto::Streamer {
        name: streamer.id.name(),
        platform: streamer.platform.name(),
        account: streamer.account.clone(),
        person: streamer.pairwise.name(),
        state: streamer_state(streamer.state).into(),
        create_time: Some(timestamp(streamer.created_at)),
        update_time: Some(timestamp(streamer.updated_at)),
        etag: etag::of(streamer.version),
        ..proto::Streamer::default()
    }
}

/// A level that a certificate proves.
pub fn verified_level(verified: &VerifiedLevel) -> proto::VerifiedLevel {
    proto::VerifiedLevel {
        certificate: verified.certificate.name(),
        standard: verified.standard.name(),
        job_type: verified.job_type.to_string(),
        level: level(verified.level).into(),
        verified_time: Some(timestamp(verified.verified_at)),
        evidence_until_time: Some(timestamp(verified.evidence_until)),
    }
}

/// A level somebody held for a while.
pub fn held_level(held: &HeldLevel) -> proto::HeldLevel {
    proto::HeldLevel {
        verified_level: Some(verified_level(&held.level)),
        from_time: Some(timestamp(held.from)),
        until_time: optional(held.until),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_comes_back_from_the_wire() {
        for one in Level::ALL {
            assert_eq!(read_level(level(one)), Some(one));
            assert_eq!(level(one).as_str_name(), one.code());
        }
    }
}
