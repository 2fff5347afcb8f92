//! Requests about conduct, blocklists and administrators, read into the domain's values.

use crate::app::blocklist::{Listing, Subject};
use crate::app::conduct::{Deciding, Finding, Imposition, Report, Verdict};
use crate::violations::Violations as Catalogue;
use crate::wire::blocklist::read_keeper;
use crate::wire::conduct::{read_kind, read_measure};
use greenroom_domain::kernel::{
    Collection, FunctionId, Id, SanctionId, Timestamp, ViolationId, ViolationKindId,
};
use greenroom_domain::registry::{
    LONGEST_OVERRIDE, ListKeeper, Measure, MeasureFault, Notice, Reduction, SHORTEST_OVERRIDE, Term,
};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::{CLOCK_SKEW, date, enum_value, instant, length, name, text};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long a text may be.
const TEXT: RangeInclusive<usize> = 1..=2_000;
const MOST: usize = 50;

/// A resource with the reason for changing it.
pub fn reasoned<K: Collection>(given: &str, reason: &str) -> Result<(Id<K>, String), Fault> {
    let mut violations = Violations::new();
    let id = violations.take("name", name(given));
    let reason = said("reason", reason, &mut violations);
    violations.finish(id.zip(reason))
}

/// A violation to report.
pub fn report(
    request: &proto::ReportViolationRequest,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Report, Fault> {
    let mut violations = Violations::new();
    let none = proto::Violation::default();
    let given = request.violation.as_ref().unwrap_or(&none);
    let streamer = violations.take("violation.streamer", name(&given.streamer));
    let known: Option<ViolationKindId> = name(&given.kind).ok();
    let known = known.filter(|kind| catalogue.get(kind).is_some());
    let kind = violations
        .take("violation.kind", known.ok_or_else(|| format!("must be one of {}", catalogue.names())));
    let description = said("violation.description", &given.description, &mut violations);
    let occurred_at = past("violation.occur_time", given.occur_time.as_ref(), now, &mut violations);
    let whole = streamer.zip(kind).zip(description.zip(occurred_at));
    violations.finish(whole.map(|((streamer, kind), (description, occurred_at))| Report {
        streamer,
        kind,
        description,
        occurred_at,
    }))
}

/// What is found about a report.
pub fn finding(request: &proto::DecideViolationRequest) -> Result<(ViolationId, Finding, String), Fault> {
    let mut violations = Violations::new();
    let id = violations.take("name", name(&request.name));
    let reason = said("reason", &request.reason, &mut violations);
    let penalty = Some(request.penalty_date.as_str()).filter(|date| !date.is_empty());
    let penalised_on = violations.take("penalty_date", penalty.map(date).transpose());
    let confirmed = match request.outcome() {
        proto::ViolationState::Confirmed => Some(true),
        proto::ViolationState::Dismissed => Some(false),
        _ => {
            violations.add("outcome", "must be CONFIRMED or DISMISSED");
            None
        }
    };
    if confirmed == Some(false) {
        violations.require(request.points == 0, "points", "a dismissed report costs none");
        violations.require(penalty.is_none(), "penalty_date", "a dismissed report has none");
    }
    let finding = confirmed.zip(penalised_on).map(|(confirmed, penalised_on)| {
        if confirmed {
            Finding::Confirmed { points: request.points, penalised_on }
        } else {
            Finding::Dismissed
        }
    });
    violations.finish(id.zip(finding).zip(reason).map(|((id, finding), reason)| (id, finding, reason)))
}

/// A sanction to impose.
pub fn imposition(request: &proto::ImposeSanctionRequest, now: Timestamp) -> Result<Imposition, Fault> {
    let mut violations = Violations::new();
    let none = proto::Sanction::default();
    let given = request.sanction.as_ref().unwrap_or(&none);
    let streamer = violations.take("sanction.streamer", name(&given.streamer));
    let measure = violations.take("sanction.measure", enum_value(given.measure)).and_then(read_measure);
    let kind =
        enum_value(given.kind).and_then(|kind| read_kind(kind).ok_or("a sanction rests on law or on policy"));
    let kind = violations.take("sanction.kind", kind);
    let functions = functions("sanction.functions", &given.functions, &mut violations);
    let answered = names("sanction.violations", &given.violations, &mut violations);
    let notice = notice("sanction.notice", given.notice.as_ref(), now, &mut violations);
    let term = term("sanction.term", given.term.as_ref(), now, &mut violations);
    if let (Some(measure), Some(term)) = (measure, term) {
        let faults = measure.faults(term.until.is_some(), given.functions.len());
        measure_faults(faults, "sanction.", &mut violations);
    }
    let whole = streamer.zip(measure).zip(kind).zip(functions.zip(answered)).zip(notice.zip(term));
    violations.finish(whole.map(
        |((((streamer, measure), kind), (functions, violations)), (notice, term))| Imposition {
            streamer,
            measure,
            kind,
            functions,
            violations,
            notice,
            term,
        },
    ))
}

/// An appeal to file: against which sanction, and what the streamer says.
pub fn appeal(request: &proto::FileAppealRequest) -> Result<(SanctionId, String), Fault> {
    let mut violations = Violations::new();
    let none = proto::Appeal::default();
    let given = request.appeal.as_ref().unwrap_or(&none);
    let sanction = violations.take("appeal.sanction", name(&given.sanction));
    let statement = said("appeal.statement", &given.statement, &mut violations);
    violations.finish(sanction.zip(statement))
}

/// A decision about an appeal.
pub fn deciding(request: &proto::DecideAppealRequest, now: Timestamp) -> Result<Deciding, Fault> {
    let mut violations = Violations::new();
    let appeal = violations.take("name", name(&request.name));
    let reasons = said("reasons", &request.reasons, &mut violations);
    let told = request.notified_time.as_ref();
    let notified_at = match told {
        Some(_) => past("notified_time", told, now, &mut violations).map(Some),
        None => Some(None),
    };
    let verdict = match request.outcome() {
        proto::AppealState::Upheld => Some(Verdict::Upheld),
        proto::AppealState::Overturned => Some(Verdict::Overturned),
        proto::AppealState::Reduced => reduction(request, &mut violations).map(Verdict::Reduced),
        _ => {
            violations.add("outcome", "must be UPHELD, REDUCED or OVERTURNED");
            None
        }
    };
    let whole = appeal.zip(verdict).zip(reasons.zip(notified_at));
    violations.finish(whole.map(|((appeal, verdict), (reasons, notified_at))| Deciding {
        appeal,
        verdict,
        reasons,
        notified_at,
        etag: request.etag.clone(),
    }))
}

fn reduction(request: &proto::DecideAppealRequest, violations: &mut Violations) -> Option<Reduction> {
    let measure: Option<Measure> =
        violations.take("measure", enum_value(request.measure)).and_then(read_measure);
    let functions = functions("functions", &request.functions, violations);
    let until = violations.take("term", end(request.term.as_ref()));
    let ((measure, functions), until) = measure.zip(functions).zip(until)?;
    Some(Reduction { measure, functions, until })
}

/// When a streamer was told; none for now.
pub fn told(request: &proto::RecordAppealNoticeRequest) -> Result<Option<Timestamp>, Fault> {
    let mut violations = Violations::new();
    let at = violations.take("notified_time", request.notified_time.as_ref().map(instant).transpose());
    violations.finish(at)
}

/// An entry to add. `regulator` says whether the caller's organization is an authority.
pub fn listing(
    request: &proto::AddBlocklistEntryRequest,
    (regulator, platform): (bool, bool),
    now: Timestamp,
) -> Result<Listing, Fault> {
    let mut violations = Violations::new();
    let none = proto::BlocklistEntry::default();
    let given = request.entry.as_ref().unwrap_or(&none);
    let usual = if regulator { ListKeeper::Regulator } else { ListKeeper::Platform };
    let keeper = proto::ListKeeper::try_from(given.keeper).map(|it| read_keeper(it).unwrap_or(usual));
    let keeper = violations.take("entry.keeper", keeper.map_err(|_| "is no keeper of a list"));
    let may = keeper.is_none_or(|keeper| match keeper {
        ListKeeper::Platform => platform,
        ListKeeper::Regulator | ListKeeper::Association => regulator,
    });
    violations.require(may, "entry.keeper", "the caller's organization keeps no such list");
    let streamer = name(&given.subject).map(Subject::Streamer).ok().filter(|_| platform);
    let subject = streamer.or_else(|| name(&given.subject).map(Subject::Person).ok());
    let expected = "must be a name of the form `streamers/…` or `persons/…`";
    let subject = violations.take("entry.subject", subject.ok_or(expected));
    let notice = notice("entry.notice", given.notice.as_ref(), now, &mut violations);
    let term = term("entry.term", given.term.as_ref(), now, &mut violations);
    let whole = keeper.zip(subject).zip(notice.zip(term));
    violations.finish(whole.map(|((keeper, subject), (notice, term))| Listing {
        keeper,
        subject,
        notice,
        term,
    }))
}

/// Why an override is declared, and for how long.
pub fn declaration(request: &proto::DeclareOverrideRequest) -> Result<(String, Duration), Fault> {
    let mut violations = Violations::new();
    let reason = said("reason", &request.reason, &mut violations);
    let given = request.length.as_ref().ok_or("must be set").and_then(length);
    let bounds = SHORTEST_OVERRIDE..=LONGEST_OVERRIDE;
    let within = given.and_then(|length| {
        if bounds.contains(&length) { Ok(length) } else { Err("must lie between a minute and 24 hours") }
    });
    let length = violations.take("length", within);
    violations.finish(reason.zip(length))
}

fn said(field: &str, given: &str, violations: &mut Violations) -> Option<String> {
    let read = text(given, TEXT).and_then(|text| {
        if text.trim().is_empty() { Err("must not be blank".to_owned()) } else { Ok(text.to_owned()) }
    });
    violations.take(field, read)
}

/// An instant that does not lie in the future.
fn past(
    field: &str,
    given: Option<&prost_types::Timestamp>,
    now: Timestamp,
    violations: &mut Violations,
) -> Option<Timestamp> {
    let read = given
        .ok_or("must be set")
        .and_then(instant)
        .and_then(|at| if at <= now.plus(CLOCK_SKEW) { Ok(at) } else { Err("must not lie in the future") });
    violations.take(field, read)
}

fn notice(
    field: &str,
    given: Option<&proto::Notice>,
    now: Timestamp,
    violations: &mut Violations,
) -> Option<Notice> {
    let none = proto::Notice::default();
    let given = given.unwrap_or(&none);
    let facts = said(&format!("{field}.facts"), &given.facts, violations);
    let reasons = said(&format!("{field}.reasons"), &given.reasons, violations);
    let legal_basis = said(&format!("{field}.legal_basis"), &given.legal_basis, violations);
    let appeal_channel = said(&format!("{field}.appeal_channel"), &given.appeal_channel, violations);
    let until = given.appeal_until_time.as_ref().ok_or("must be set").and_then(instant);
    let until = until.and_then(|at| if at > now { Ok(at) } else { Err("must lie in the future") });
    let appeal_until = violations.take(&format!("{field}.appeal_until_time"), until);
    Some(Notice {
        facts: facts?,
        reasons: reasons?,
        legal_basis: legal_basis?,
        appeal_channel: appeal_channel?,
        appeal_until: appeal_until?,
    })
}

/// A term that begins now or later.
fn term(
    field: &str,
    given: Option<&proto::Term>,
    now: Timestamp,
    violations: &mut Violations,
) -> Option<Term> {
    let from = given.and_then(|given| given.from_time.as_ref()).map(instant).transpose();
    let from = from.and_then(|from| match from {
        Some(from) if from.plus(CLOCK_SKEW) < now => Err("must not lie in the past"),
        from => Ok(from.unwrap_or(now).max(now)),
    });
    let from = violations.take(&format!("{field}.from_time"), from);
    let until = violations.take(field, end(given));
    let (from, until) = from.zip(until)?;
    let ends_later = until.is_none_or(|until| until > from);
    violations.require(ends_later, &format!("{field}.until_time"), "must lie behind the beginning");
    Some(Term { from, until })
}

/// The end of a term, which is said exactly; none for good.
fn end(given: Option<&proto::Term>) -> Result<Option<Timestamp>, &'static str> {
    match given.and_then(|given| given.end.as_ref()) {
        Some(proto::term::End::UntilTime(until)) => instant(until).map(Some),
        Some(proto::term::End::Permanent(true)) => Ok(None),
        Some(proto::term::End::Permanent(false)) | None => {
            Err("must say `until_time`, or that it is `permanent`")
        }
    }
}

fn measure_faults(faults: Vec<MeasureFault>, within: &str, violations: &mut Violations) {
    for fault in faults {
        let field = match fault {
            MeasureFault::EndMissing | MeasureFault::EndSet => "term",
            MeasureFault::FunctionsMissing | MeasureFault::FunctionsSet => "functions",
        };
        violations.add(format!("{within}{field}"), fault);
    }
}

fn functions(field: &str, given: &[String], violations: &mut Violations) -> Option<BTreeSet<FunctionId>> {
    list(field, given, violations, |id| FunctionId::try_new(id).map_err(|fault| fault.to_string()))
}

fn names<K: Collection>(
    field: &str,
    given: &[String],
    violations: &mut Violations,
) -> Option<BTreeSet<Id<K>>> {
    list(field, given, violations, |id| name(id))
}

fn list<K>(
    field: &str,
    given: &[String],
    violations: &mut Violations,
    read: impl Fn(&str) -> Result<Id<K>, String>,
) -> Option<BTreeSet<Id<K>>> {
    if given.len() > MOST {
        violations.add(field, "must have at most 50 entries");
        return None;
    }
    let numbered = given.iter().enumerate();
    let ids: Vec<Option<Id<K>>> =
        numbered.map(|(index, id)| violations.take(&format!("{field}[{index}]"), read(id))).collect();
    ids.into_iter().collect()
}
