//! Live sessions: as told to platforms, as stored, and as the domain's value.

use greenroom_domain::kernel::{StreamerId, Timestamp, Version};
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_domain::registry::port::SessionRecord;
use greenroom_domain::registry::{Decision, LiveSession, RosterEntry, RosterState, SessionState};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::etag;
use greenroom_rpc::wire::{instant, timestamp};
use prost::Message as _;

/// What happened to a session; the word in the event log is the event type's name without its prefix.
pub use greenroom_proto::registry::v1::LiveSessionEventType as Happening;

const PREFIX: &str = "LIVE_SESSION_EVENT_TYPE_";

/// A session with the decision that each marketer's state rests on, in the order of the roster.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The session.
    pub session: LiveSession,
    /// The decisions.
    pub decisions: Vec<proto::Decision>,
}

impl Decided {
    /// A session just opened.
    pub fn opened(session: LiveSession, decisions: &[(StreamerId, Decision)]) -> Self {
        Self {
            session,
            decisions: decisions.iter().map(|(_, decision)| super::decision::decision(decision)).collect(),
        }
    }

    /// The session after a transition, with the decisions it was made on; others keep theirs.
    #[must_use]
    pub fn after(self, session: LiveSession, decisions: &[(StreamerId, Decision)]) -> Self {
        let kept = self.decisions.into_iter();
        let chosen = session.roster.iter().zip(kept).map(|(entry, kept)| {
            let new = decisions.iter().find(|(streamer, _)| *streamer == entry.streamer);
            new.map_or(kept, |(_, decision)| super::decision::decision(decision))
        });
        Self { decisions: chosen.collect(), session }
    }

    /// Reads a stored session.
    pub fn restore(record: &SessionRecord) -> Result<Self, StoreError> {
        let bad = || StoreError::Damaged(format!("the record of `{}`", record.id.name()));
        let wire = proto::LiveSession::decode(record.record.as_slice()).map_err(|_| bad())?;
        let roster = wire.roster.iter().map(|marketer| entry(marketer, record.opened_at));
        let session = LiveSession {
            id: record.id.clone(),
            platform: record.platform.clone(),
            room: wire.room,
            sale: super::sale::read_sale(&wire.sale.unwrap_or_default()).ok_or_else(bad)?,
            roster: roster.collect::<Option<_>>().ok_or_else(bad)?,
            state: record.state,
            state_since: record.state_since,
            fence: record.fence,
            lease: record.lease,
            lease_until: record.lease_until,
            lease_cap: record.lease_cap,
            opened_at: record.opened_at,
            version: Version::new(record.fence),
        };
        let decisions = wire.roster.into_iter().map(|marketer| marketer.decision.unwrap_or_default());
        Ok(Self { session, decisions: decisions.collect() })
    }

    /// The session as told to its platform.
    pub fn wire(&self, updated_at: Timestamp) -> proto::LiveSession {
        let session = &self.session;
        let never_ran = session.state == SessionState::Ended && session.lease_until <= session.opened_at;
        let roster = session.roster.iter().zip(&self.decisions).map(|(entry, decision)| proto::Marketer {
            streamer: entry.streamer.name(),
            state: marketer_state(entry.state).into(),
            decision: Some(decision.clone()),
        });
        proto::LiveSession {
            name: session.id.name(),
            platform: session.platform.name(),
            room: session.room.clone(),
            sale: Some(super::sale::sale(&session.sale)),
            roster: roster.collect(),
            state: state(session.state).into(),
            fence: session.fence,
            lease_until_time: (!never_ran).then(|| timestamp(session.lease_until)),
            create_time: Some(timestamp(session.opened_at)),
            update_time: Some(timestamp(updated_at)),
            etag: etag::of(Version::new(session.fence)),
        }
    }

    /// The session as stored.
    pub fn record(&self, updated_at: Timestamp) -> SessionRecord {
        let session = &self.session;
        SessionRecord {
            id: session.id.clone(),
            platform: session.platform.clone(),
            state: session.state,
            state_since: session.state_since,
            fence: session.fence,
            lease: session.lease,
            lease_until: session.lease_until,
            lease_cap: session.lease_cap,
            opened_at: session.opened_at,
            updated_at,
            record: self.wire(updated_at).encode_to_vec(),
        }
    }

    /// The event that tells of it.
    pub fn event(&self, happening: Happening, cut: &[StreamerId], updated_at: Timestamp) -> EventDraft {
        super::fact::live_session(proto::LiveSessionFact {
            live_session: Some(self.wire(updated_at)),
            cut_streamers: cut.iter().map(StreamerId::name).collect(),
            change: happening.as_str_name().strip_prefix(PREFIX).unwrap_or_default().to_owned(),
        })
    }
}

/// What happened, from the word in the event log.
pub fn happening(word: &str) -> Happening {
    Happening::from_str_name(&format!("{PREFIX}{word}")).unwrap_or_default()
}

/// Who was on air before and is cut now.
pub fn newly_cut(before: &LiveSession, after: &LiveSession) -> Vec<StreamerId> {
    let was_admitted = |streamer: &StreamerId| before.admitted().any(|admitted| admitted == streamer);
    let cut = after.roster.iter().filter(|entry| entry.state == RosterState::Cut);
    cut.map(|entry| &entry.streamer).filter(|streamer| was_admitted(streamer)).cloned().collect()
}

/// A state on the wire.
pub const fn state(state: SessionState) -> proto::LiveSessionState {
    match state {
        SessionState::Open => proto::LiveSessionState::Open,
        SessionState::Closed => proto::LiveSessionState::Closed,
        SessionState::Expired => proto::LiveSessionState::Expired,
        SessionState::Ended => proto::LiveSessionState::Ended,
    }
}

/// A state from the wire.
pub const fn read_state(state: proto::LiveSessionState) -> Option<SessionState> {
    Some(match state {
        proto::LiveSessionState::Unspecified => return None,
        proto::LiveSessionState::Open => SessionState::Open,
        proto::LiveSessionState::Closed => SessionState::Closed,
        proto::LiveSessionState::Expired => SessionState::Expired,
        proto::LiveSessionState::Ended => SessionState::Ended,
    })
}

const fn marketer_state(state: RosterState) -> proto::MarketerState {
    match state {
        RosterState::Admitted => proto::MarketerState::Admitted,
        RosterState::Refused => proto::MarketerState::Refused,
        RosterState::Cut => proto::MarketerState::Cut,
    }
}

/// The instant a state holds since follows from the decision: who was cut was cut by it, the others came with the
/// opening.
fn entry(marketer: &proto::Marketer, opened_at: Timestamp) -> Option<RosterEntry> {
    let decision = marketer.decision.as_ref()?;
    let at = |time: &Option<prost_types::Timestamp>| time.as_ref().and_then(|time| instant(time).ok());
    let (state, since) = match proto::MarketerState::try_from(marketer.state).ok()? {
        proto::MarketerState::Unspecified => return None,
        proto::MarketerState::Admitted => (RosterState::Admitted, opened_at),
        proto::MarketerState::Refused => (RosterState::Refused, opened_at),
        proto::MarketerState::Cut => (RosterState::Cut, at(&decision.decide_time)?),
    };
    Some(RosterEntry {
        streamer: StreamerId::parse_name(&marketer.streamer).ok()?,
        state,
        valid_until: at(&decision.valid_until_time)?,
        since,
    })
}
