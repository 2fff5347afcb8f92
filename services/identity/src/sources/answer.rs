//! What an integrator's source says, read with suspicion.

use super::{Answer, Failure, Outcome};
use crate::wire::{CLOCK_SKEW, birth_date};
use greenroom_domain::identity::{Age, PersonIdentity, ProofingAuthentication, ProofingResult};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::identity::source::v1::{
    AgeStatement, CheckOutcome, CheckPending, CheckVerdict, SourceAuthentication,
};
use greenroom_rpc::wire;
use std::time::Duration;

/// The longest ticket, in characters.
const LONGEST_TICKET: usize = 256;

/// The wait a source gets that names none.
const USUAL_WAIT: Duration = Duration::from_mins(1);

/// The bounds of a wait.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The source needs time.
pub fn pending(pending: CheckPending) -> Result<Answer, Failure> {
    let ticket = pending.ticket;
    if ticket.is_empty() || ticket.chars().count() > LONGEST_TICKET || ticket.chars().any(char::is_control) {
        return Err(Failure::Malformed("its ticket is not 1 to 256 characters"));
    }
    let wait = match &pending.retry_after {
        None => USUAL_WAIT,
        Some(told) => wire::length(told).map_err(|_| Failure::Malformed("its wait is no length of time"))?,
    };
    Ok(Answer::Pending { ticket, wait: wait.clamp(SHORTEST_WAIT, LONGEST_WAIT) })
}

/// What came of the check of `identity`, as told at `now`.
pub fn outcome(told: &CheckOutcome, identity: &PersonIdentity, now: Timestamp) -> Result<Answer, Failure> {
    let last_day = &told.document_valid_until;
    let document_valid_until = match identity {
        _ if last_day.is_empty() => None,
        PersonIdentity::Document(_) => Some(
            wire::date(last_day).map_err(|_| Failure::Malformed("its last day of validity is no date"))?,
        ),
        PersonIdentity::NetworkNumber(_) => {
            return Err(Failure::Malformed("it tells the last day of a document that was not asked about"));
        }
    };
    let artefact = told.artefact_sha256.as_slice();
    let artefact_sha256 = (!artefact.is_empty())
        .then(|| artefact.try_into().map_err(|_| Failure::Malformed("its artefact is no SHA-256")))
        .transpose()?;
    Ok(Answer::Outcome(Outcome {
        verdict: verdict(told.verdict)?,
        checked_at: told.check_time.as_ref().map(|time| instant(time, now)).transpose()?,
        artefact_sha256,
        authentication: authentication(told.authentication)?,
        document_valid_until,
        age: age(told, now)?,
    }))
}

fn verdict(number: i32) -> Result<ProofingResult, Failure> {
    match CheckVerdict::try_from(number) {
        Ok(CheckVerdict::Match) => Ok(ProofingResult::Match),
        Ok(CheckVerdict::Mismatch) => Ok(ProofingResult::Mismatch),
        Ok(CheckVerdict::NotFound) => Ok(ProofingResult::NotFound),
        Ok(CheckVerdict::Unspecified) | Err(_) => Err(Failure::Malformed("its verdict is none")),
    }
}

/// A little ahead of this clock counts as now.
fn instant(time: &prost_types::Timestamp, now: Timestamp) -> Result<Timestamp, Failure> {
    let at = wire::instant(time).map_err(|_| Failure::Malformed("its check time is no instant"))?;
    if at > now.plus(CLOCK_SKEW) {
        return Err(Failure::Malformed("its check time lies in the future"));
    }
    Ok(at.min(now))
}

fn authentication(number: i32) -> Result<Option<ProofingAuthentication>, Failure> {
    match SourceAuthentication::try_from(number) {
        Ok(SourceAuthentication::Unspecified) => Ok(None),
        Ok(SourceAuthentication::MutualTls) => Ok(Some(ProofingAuthentication::MutualTls)),
        Ok(SourceAuthentication::SignedAnswer) => Ok(Some(ProofingAuthentication::SignedAnswer)),
        Err(_) => Err(Failure::Malformed("its authentication is unknown")),
    }
}

fn age(told: &CheckOutcome, now: Timestamp) -> Result<Age, Failure> {
    let stated = match AgeStatement::try_from(told.age_statement) {
        Ok(AgeStatement::Unspecified) => Age::Unknown,
        Ok(AgeStatement::Adult) => Age::Adult,
        Err(_) => return Err(Failure::Malformed("its statement of the age is unknown")),
    };
    if told.birth_date.is_empty() {
        return Ok(stated);
    }
    let born = birth_date(&told.birth_date, now).map_err(|_| Failure::Malformed("its birth date is none"))?;
    Age::Born(born).learn(stated, now).ok_or(Failure::Malformed("it contradicts itself about the age"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::identity::NetworkNumber;

    fn now() -> Timestamp {
        Timestamp::from_micros(1_793_592_000_000_000)
    }

    fn document() -> PersonIdentity {
        use greenroom_domain::identity::{DocumentNumber, DocumentType, NamedDocument, PersonName};
        PersonIdentity::Document(NamedDocument {
            name: PersonName::normalise("样例米娜").unwrap(),
            document: DocumentNumber::parse(DocumentType::Passport, "E12345678").unwrap(),
        })
    }

    fn matched() -> CheckOutcome {
        CheckOutcome { verdict: CheckVerdict::Match.into(), ..Default::default() }
    }

    #[test]
    fn an_answer_that_is_not_one_is_told_as_such() {
        let seconds = now().as_micros() / 1_000_000;
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let hostile = [
            CheckOutcome::default(),
            CheckOutcome { verdict: 77, ..matched() },
            CheckOutcome { check_time: at(seconds + 6), ..matched() },
            CheckOutcome { check_time: at(i64::MAX), ..matched() },
            CheckOutcome { artefact_sha256: vec![1; 31], ..matched() },
            CheckOutcome { authentication: 9, ..matched() },
            CheckOutcome { document_valid_until: "2026-02-30".to_owned(), ..matched() },
            CheckOutcome { birth_date: "2027-01-01".to_owned(), ..matched() },
            CheckOutcome { birth_date: "soon".to_owned(), ..matched() },
            CheckOutcome { age_statement: 5, ..matched() },
            CheckOutcome { birth_date: "2015-01-01".to_owned(), age_statement: 1, ..matched() },
        ];
        for told in hostile {
            assert!(matches!(outcome(&told, &document(), now()), Err(Failure::Malformed(_))), "{told:?}");
        }
        let number = PersonIdentity::NetworkNumber(NetworkNumber::parse("aB12345678").unwrap());
        let valid = CheckOutcome { document_valid_until: "2030-01-01".to_owned(), ..matched() };
        assert!(outcome(&valid, &number, now()).is_err() && outcome(&valid, &document(), now()).is_ok());
        for ticket in [String::new(), "t".repeat(257), "a\nb".to_owned()] {
            assert!(pending(CheckPending { ticket, retry_after: None }).is_err());
        }
    }

    #[test]
    fn a_clock_a_little_ahead_counts_as_now_and_waits_are_kept_within_bounds() {
        let ahead = wire::timestamp(now().plus(Duration::from_secs(5)));
        let told = CheckOutcome { check_time: Some(ahead), ..matched() };
        let Ok(Answer::Outcome(read)) = outcome(&told, &document(), now()) else { panic!("no outcome") };
        assert_eq!(read.checked_at, Some(now()));
        for (told, wait) in [(None, 60), (Some(0), 1), (Some(30), 30), (Some(1_000_000), 86_400)] {
            let retry_after = told.map(|seconds| prost_types::Duration { seconds, nanos: 0 });
            let ticket = "t".repeat(256);
            let expected = Answer::Pending { ticket: ticket.clone(), wait: Duration::from_secs(wait) };
            assert_eq!(pending(CheckPending { ticket, retry_after }), Ok(expected));
        }
        let negative = Some(prost_types::Duration { seconds: -1, nanos: 0 });
        assert!(pending(CheckPending { ticket: "t".to_owned(), retry_after: negative }).is_err());
    }
}
