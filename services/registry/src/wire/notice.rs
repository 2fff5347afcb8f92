//! What everything that is done to a person has in common, on the wire and back.

use greenroom_domain::kernel::{ClientId, Collection, Id, Timestamp};
use greenroom_domain::registry::{ActingParty, Ending, Notice, Term};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::wire::{instant, timestamp};

/// A notice.
pub fn notice(notice: &Notice) -> proto::Notice {
    proto::Notice {
        facts: notice.facts.clone(),
        reasons: notice.reasons.clone(),
        legal_basis: notice.legal_basis.clone(),
        appeal_channel: notice.appeal_channel.clone(),
        appeal_until_time: Some(timestamp(notice.appeal_until)),
    }
}

/// A notice read back.
pub fn read_notice(notice: Option<&proto::Notice>) -> Option<Notice> {
    let notice = notice?;
    Some(Notice {
        facts: notice.facts.clone(),
        reasons: notice.reasons.clone(),
        legal_basis: notice.legal_basis.clone(),
        appeal_channel: notice.appeal_channel.clone(),
        appeal_until: at(notice.appeal_until_time.as_ref())?,
    })
}

/// A term.
pub fn term(term: &Term) -> proto::Term {
    let end = match term.until {
        Some(until) => proto::term::End::UntilTime(timestamp(until)),
        None => proto::term::End::Permanent(true),
    };
    proto::Term { from_time: Some(timestamp(term.from)), end: Some(end) }
}

/// A term read back.
pub fn read_term(term: Option<&proto::Term>) -> Option<Term> {
    let term = term?;
    let until = match term.end.as_ref()? {
        proto::term::End::UntilTime(until) => Some(at(Some(until))?),
        proto::term::End::Permanent(_) => None,
    };
    Some(Term { from: at(term.from_time.as_ref())?, until })
}

/// Who did something.
pub fn party(party: &ActingParty) -> proto::ActingParty {
    let person = party.person.as_ref().map(Id::name).unwrap_or_default();
    proto::ActingParty { client: party.client.name(), person }
}

/// The same read back.
pub fn read_party(party: Option<&proto::ActingParty>) -> Option<ActingParty> {
    let party = party?;
    Some(ActingParty {
        client: ClientId::parse_name(&party.client).ok()?,
        person: optional_id(&party.person).ok()?,
    })
}

/// How something ended before its time.
pub fn ending(ending: &Ending) -> proto::Ending {
    proto::Ending {
        time: Some(timestamp(ending.at)),
        reason: ending.reason.clone(),
        party: Some(party(&ending.by)),
    }
}

/// Something that is there and cannot be read.
#[derive(Debug)]
pub struct Unreadable;

/// The same read back, where there is one.
pub fn read_ending(ending: Option<&proto::Ending>) -> Result<Option<Ending>, Unreadable> {
    let Some(ending) = ending else { return Ok(None) };
    let at = at(ending.time.as_ref()).ok_or(Unreadable)?;
    let by = read_party(ending.party.as_ref()).ok_or(Unreadable)?;
    Ok(Some(Ending { at, reason: ending.reason.clone(), by }))
}

/// A name that may be absent.
pub fn optional_id<K: Collection>(name: &str) -> Result<Option<Id<K>>, Unreadable> {
    let name = Some(name).filter(|name| !name.is_empty());
    name.map(Id::parse_name).transpose().map_err(|_| Unreadable)
}

/// The names of several resources read back.
pub fn ids<K: Collection, C: FromIterator<Id<K>>>(names: &[String]) -> Option<C> {
    names.iter().map(|name| Id::parse_name(name).ok()).collect()
}

/// An instant read back.
pub fn at(timestamp: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    timestamp.and_then(|timestamp| instant(timestamp).ok())
}
