//! Violations, sanctions and appeals, on the wire and back.

use super::fact::encoded;
use super::notice::{
    at, ending, ids, notice, optional_id, party, read_ending, read_notice, read_party, read_term, term,
};
use super::optional;
use greenroom_domain::kernel::{Date, Id, Timestamp, Version};
use greenroom_domain::registry::{
    Appeal, AppealState, Confirmation, EndorsementPenalty, Measure, Phrase, PointsEntry, ReasonKind, Record,
    RecordKind, Sanction, SanctionState, Violation, ViolationKind, ViolationState,
};
use greenroom_proto::registry::v1 as proto;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_rpc::etag;
use greenroom_rpc::wire::timestamp;

/// A kind of violation.
pub fn kind(kind: &ViolationKind) -> proto::ViolationKind {
    let both = |phrase: &Phrase| {
        Some(proto::LocalizedText { en: phrase.english.clone(), zh: phrase.chinese.clone() })
    };
    proto::ViolationKind {
        name: kind.id.name(),
        title: both(&kind.title),
        basis: both(&kind.basis.value),
        source: kind.basis.source.clone(),
        confirmed: kind.basis.confirmation == Confirmation::Confirmed,
        minimum_points: kind.points.value.0,
        maximum_points: kind.points.value.1,
        points_confirmed: kind.points.confirmation == Confirmation::Confirmed,
        bars_endorsement: kind.bars_endorsement,
    }
}

/// A measure.
pub fn measure(measure: Measure) -> proto::Measure {
    named("MEASURE", measure.code(), proto::Measure::from_str_name)
}

/// A measure from the wire.
pub fn read_measure(measure: proto::Measure) -> Option<Measure> {
    Measure::from_code(measure.as_str_name().strip_prefix("MEASURE_")?)
}

/// A state of a violation from the wire.
pub fn read_violation_state(state: proto::ViolationState) -> Option<ViolationState> {
    let code = state.as_str_name().strip_prefix("VIOLATION_STATE_")?;
    ViolationState::ALL.into_iter().find(|state| state.code() == code)
}

/// A state of an appeal from the wire.
pub fn read_appeal_state(state: proto::AppealState) -> Option<AppealState> {
    let code = state.as_str_name().strip_prefix("APPEAL_STATE_")?;
    AppealState::ALL.into_iter().find(|state| state.code() == code)
}

/// Who asked for a sanction, from the wire.
pub const fn read_kind(kind: proto::ReasonKind) -> Option<ReasonKind> {
    match kind {
        proto::ReasonKind::Legal => Some(ReasonKind::Legal),
        proto::ReasonKind::Policy => Some(ReasonKind::Policy),
        proto::ReasonKind::Unspecified | proto::ReasonKind::Operational => None,
    }
}

/// The contract's value of a domain's code. They have the same words, and a test holds them to it.
fn named<P: Default>(prefix: &str, code: &str, read: impl Fn(&str) -> Option<P>) -> P {
    read(&format!("{prefix}_{code}")).unwrap_or_default()
}

/// A violation.
pub fn violation(violation: &Violation) -> proto::Violation {
    let state = violation.state.code();
    proto::Violation {
        name: violation.id.name(),
        streamer: violation.streamer.name(),
        kind: violation.kind.name(),
        description: violation.description.clone(),
        occur_time: Some(timestamp(violation.occurred_at)),
        state: named("VIOLATION_STATE", state, proto::ViolationState::from_str_name).into(),
        entries: violation.entries.iter().map(entry).collect(),
        penalty_date: violation.penalty.map(|penalty| penalty.date.to_string()).unwrap_or_default(),
        reporter: Some(party(&violation.reported_by)),
        create_time: Some(timestamp(violation.created_at)),
        update_time: Some(timestamp(violation.updated_at)),
        etag: etag::of(violation.version),
    }
}

fn entry(entry: &PointsEntry) -> proto::PointsEntry {
    proto::PointsEntry {
        points: entry.points,
        time: Some(timestamp(entry.at)),
        reason: entry.reason.clone(),
        party: Some(party(&entry.by)),
    }
}

/// A violation as it is kept.
pub fn violation_record(it: &Violation) -> Record {
    let fact = proto::ViolationFact {
        violation: Some(violation(it)),
        platform: it.platform.name(),
        person: it.person.name(),
        version: it.version.as_i64(),
    };
    Record {
        name: it.id.name(),
        kind: RecordKind::Violation,
        owner: it.platform.clone(),
        about: it.streamer.name(),
        key: None,
        state: it.state.code().to_owned(),
        version: it.version,
        created_at: it.created_at,
        updated_at: it.updated_at,
        fact: encoded(Fact::Violation(fact)),
    }
}

/// A violation read back.
pub fn read_violation(fact: &proto::ViolationFact) -> Option<Violation> {
    let told = fact.violation.as_ref()?;
    let date = Some(told.penalty_date.as_str()).filter(|date| !date.is_empty());
    let date = date.map(Date::parse).transpose().ok()?;
    let read_entry = |entry: &proto::PointsEntry| {
        Some(PointsEntry {
            points: entry.points,
            at: at(entry.time.as_ref())?,
            reason: entry.reason.clone(),
            by: read_party(entry.party.as_ref())?,
        })
    };
    Some(Violation {
        id: Id::parse_name(&told.name).ok()?,
        platform: Id::parse_name(&fact.platform).ok()?,
        streamer: Id::parse_name(&told.streamer).ok()?,
        person: Id::parse_name(&fact.person).ok()?,
        kind: Id::parse_name(&told.kind).ok()?,
        description: told.description.clone(),
        occurred_at: at(told.occur_time.as_ref())?,
        state: read_violation_state(proto::ViolationState::try_from(told.state).ok()?)?,
        entries: told.entries.iter().map(read_entry).collect::<Option<_>>()?,
        penalty: date.map(|date| EndorsementPenalty { date }),
        reported_by: read_party(told.reporter.as_ref())?,
        created_at: at(told.create_time.as_ref())?,
        updated_at: at(told.update_time.as_ref())?,
        version: Version::new(fact.version),
    })
}

/// A sanction as it stands at an instant.
pub fn sanction(it: &Sanction, now: Timestamp) -> proto::Sanction {
    proto::Sanction { state: sanction_state(it.state(now)).into(), ..timeless(it) }
}

/// A state of a sanction.
pub fn sanction_state(state: SanctionState) -> proto::SanctionState {
    named("SANCTION_STATE", state.code(), proto::SanctionState::from_str_name)
}

/// What time alone does not change about a sanction.
fn timeless(it: &Sanction) -> proto::Sanction {
    let kind = match it.kind {
        ReasonKind::Legal => proto::ReasonKind::Legal,
        ReasonKind::Policy | ReasonKind::Operational => proto::ReasonKind::Policy,
    };
    proto::Sanction {
        name: it.id.name(),
        streamer: it.streamer.name(),
        measure: measure(it.measure).into(),
        kind: kind.into(),
        functions: it.functions.iter().map(|id| id.as_str().to_owned()).collect(),
        violations: it.violations.iter().map(Id::name).collect(),
        notice: Some(notice(&it.notice)),
        term: Some(term(&it.term)),
        state: proto::SanctionState::Unspecified.into(),
        imposer: Some(party(&it.imposed_by)),
        ending: it.overturned.as_ref().or(it.lifted.as_ref()).map(ending),
        appeal: it.appeal.as_ref().map(Id::name).unwrap_or_default(),
        override_name: it.overriding.as_ref().map(Id::name).unwrap_or_default(),
        create_time: Some(timestamp(it.created_at)),
        update_time: Some(timestamp(it.updated_at)),
        etag: etag::of(it.version),
    }
}

/// A sanction as it is kept.
pub fn sanction_record(it: &Sanction) -> Record {
    let fact = proto::SanctionFact {
        sanction: Some(timeless(it)),
        platform: it.platform.name(),
        person: it.person.name(),
        version: it.version.as_i64(),
        lifted: it.lifted.as_ref().map(ending),
        overturned: it.overturned.as_ref().map(ending),
    };
    let state = match (&it.overturned, &it.lifted) {
        (Some(_), _) => SanctionState::Overturned.code(),
        (None, Some(_)) => SanctionState::Lifted.code(),
        (None, None) => "STANDING",
    };
    Record {
        name: it.id.name(),
        kind: RecordKind::Sanction,
        owner: it.platform.clone(),
        about: it.streamer.name(),
        key: None,
        state: state.to_owned(),
        version: it.version,
        created_at: it.created_at,
        updated_at: it.updated_at,
        fact: encoded(Fact::Sanction(fact)),
    }
}

/// A sanction read back.
pub fn read_sanction(fact: &proto::SanctionFact) -> Option<Sanction> {
    let told = fact.sanction.as_ref()?;
    let functions = told.functions.iter().map(|id| Id::try_new(id).ok());
    Some(Sanction {
        id: Id::parse_name(&told.name).ok()?,
        platform: Id::parse_name(&fact.platform).ok()?,
        streamer: Id::parse_name(&told.streamer).ok()?,
        person: Id::parse_name(&fact.person).ok()?,
        measure: read_measure(proto::Measure::try_from(told.measure).ok()?)?,
        kind: read_kind(proto::ReasonKind::try_from(told.kind).ok()?)?,
        functions: functions.collect::<Option<_>>()?,
        violations: ids(&told.violations)?,
        notice: read_notice(told.notice.as_ref())?,
        term: read_term(told.term.as_ref())?,
        imposed_by: read_party(told.imposer.as_ref())?,
        lifted: read_ending(fact.lifted.as_ref()).ok()?,
        overturned: read_ending(fact.overturned.as_ref()).ok()?,
        appeal: optional_id(&told.appeal).ok()?,
        overriding: optional_id(&told.override_name).ok()?,
        created_at: at(told.create_time.as_ref())?,
        updated_at: at(told.update_time.as_ref())?,
        version: Version::new(fact.version),
    })
}

/// An appeal.
pub fn appeal(it: &Appeal) -> proto::Appeal {
    let (reasons, decided_at) = it.decision.clone().unzip();
    proto::Appeal {
        name: it.id.name(),
        sanction: it.sanction.name(),
        statement: it.statement.clone(),
        state: named("APPEAL_STATE", it.state.code(), proto::AppealState::from_str_name).into(),
        filer: Some(party(&it.filed_by)),
        answer_until_time: Some(timestamp(it.answer_until)),
        reviewer: it.reviewer.as_ref().map(party),
        decision_reasons: reasons.unwrap_or_default(),
        decide_time: optional(decided_at),
        notified_time: optional(it.notified_at),
        override_name: it.overriding.as_ref().map(Id::name).unwrap_or_default(),
        create_time: Some(timestamp(it.created_at)),
        update_time: Some(timestamp(it.updated_at)),
        etag: etag::of(it.version),
    }
}

/// An appeal as it is kept. There is one for each sanction.
pub fn appeal_record(it: &Appeal) -> Record {
    let fact = proto::AppealFact {
        appeal: Some(appeal(it)),
        platform: it.platform.name(),
        version: it.version.as_i64(),
    };
    Record {
        name: it.id.name(),
        kind: RecordKind::Appeal,
        owner: it.platform.clone(),
        about: it.sanction.name(),
        key: Some(it.sanction.name()),
        state: it.state.code().to_owned(),
        version: it.version,
        created_at: it.created_at,
        updated_at: it.updated_at,
        fact: encoded(Fact::Appeal(fact)),
    }
}

/// An appeal read back.
pub fn read_appeal(fact: &proto::AppealFact) -> Option<Appeal> {
    let told = fact.appeal.as_ref()?;
    let reviewer = told.reviewer.as_ref().map(|reviewer| read_party(Some(reviewer)));
    let decided_at = at(told.decide_time.as_ref());
    Some(Appeal {
        id: Id::parse_name(&told.name).ok()?,
        platform: Id::parse_name(&fact.platform).ok()?,
        sanction: Id::parse_name(&told.sanction).ok()?,
        statement: told.statement.clone(),
        state: read_appeal_state(proto::AppealState::try_from(told.state).ok()?)?,
        filed_by: read_party(told.filer.as_ref())?,
        answer_until: at(told.answer_until_time.as_ref())?,
        reviewer: match reviewer {
            Some(reviewer) => Some(reviewer?),
            None => None,
        },
        decision: decided_at.map(|decided_at| (told.decision_reasons.clone(), decided_at)),
        notified_at: at(told.notified_time.as_ref()),
        overriding: optional_id(&told.override_name).ok()?,
        created_at: at(told.create_time.as_ref())?,
        updated_at: at(told.update_time.as_ref())?,
        version: Version::new(fact.version),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_and_the_contract_use_the_same_words() {
        for one in Measure::ALL {
            assert_eq!(read_measure(measure(one)), Some(one));
        }
        for one in SanctionState::ALL {
            assert_ne!(sanction_state(one), proto::SanctionState::Unspecified);
        }
        for one in ViolationState::ALL {
            let told = named("VIOLATION_STATE", one.code(), proto::ViolationState::from_str_name);
            assert_eq!(read_violation_state(told), Some(one));
        }
        for one in AppealState::ALL {
            let told = named("APPEAL_STATE", one.code(), proto::AppealState::from_str_name);
            assert_eq!(read_appeal_state(told), Some(one));
        }
    }
}
