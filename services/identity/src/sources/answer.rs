//! What an integrator's source says, read with suspicion.

use super::{Identities, Outcome};
use crate::wire::birth_date;
use greenroom_domain::identity::{Age, PersonIdentity, ProofingAuthentication, ProofingResult};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::identity::source::v1::{AgeStatement, CheckOutcome, CheckVerdict, SourceAuthentication};
use greenroom_rpc::source::answer::{artefact, check_time};
use greenroom_rpc::source::{Answer, Asked, Failure};
use greenroom_rpc::wire;

/// What came of the check of `identity`, as told at `now`.
pub fn outcome(told: &CheckOutcome, identity: &PersonIdentity, now: Timestamp) -> Asked<Identities> {
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
    Ok(Answer::Outcome(Outcome {
        verdict: verdict(told.verdict)?,
        checked_at: check_time(told.check_time.as_ref(), now)?,
        artefact_sha256: artefact(&told.artefact_sha256)?,
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
    }
}
