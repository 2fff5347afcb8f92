//! What an integrator's source says, read with suspicion.

use super::{Certificates, Outcome};
use greenroom_domain::certification::{CheckedField, Differences, EvidenceResult, SourceAuthentication};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::certification::source::v1 as told;
use greenroom_proto::certification::source::v1::{CheckOutcome, CheckVerdict, FieldVerdict};
use greenroom_rpc::source::answer::{artefact, check_time};
use greenroom_rpc::source::{Answer, Asked, Failure};

/// What came of a check, as told at `now`.
pub fn outcome(told: &CheckOutcome, now: Timestamp) -> Asked<Certificates> {
    let compared = compared(told)?;
    let at = |verdict| compared.iter().filter(move |(_, said)| *said == verdict).map(|(field, _)| *field);
    let differences: Differences = at(FieldVerdict::Mismatch).collect();
    let verdict = verdict(told.verdict)?;
    match verdict {
        EvidenceResult::Match if !differences.is_empty() => {
            return Err(Failure::Malformed("it matches, though a field differs"));
        }
        EvidenceResult::Match
            if !CheckedField::ESSENTIAL
                .iter()
                .all(|field| at(FieldVerdict::Match).any(|it| it == *field)) =>
        {
            return Err(Failure::Malformed("it matches without having compared holder, job type and level"));
        }
        EvidenceResult::NotFound if compared.iter().any(|(_, said)| *said != FieldVerdict::Unspecified) => {
            return Err(Failure::Malformed("it has compared what it has not found"));
        }
        // A number of somebody else that was withdrawn says nothing of this holder's.
        EvidenceResult::Revoked if differences.fields().any(|field| field == CheckedField::Holder) => {
            return Err(Failure::Malformed("it tells of a revocation of somebody else's certificate"));
        }
        _ => {}
    }
    Ok(Answer::Outcome(Outcome {
        verdict,
        differences,
        checked_at: check_time(told.check_time.as_ref(), now)?,
        artefact_sha256: artefact(&told.artefact_sha256)?,
        authentication: authentication(told.authentication)?,
    }))
}

fn verdict(number: i32) -> Result<EvidenceResult, Failure> {
    match CheckVerdict::try_from(number) {
        Ok(CheckVerdict::Match) => Ok(EvidenceResult::Match),
        Ok(CheckVerdict::Mismatch) => Ok(EvidenceResult::Mismatch),
        Ok(CheckVerdict::NotFound) => Ok(EvidenceResult::NotFound),
        Ok(CheckVerdict::Revoked) => Ok(EvidenceResult::Revoked),
        Ok(CheckVerdict::Unspecified) | Err(_) => Err(Failure::Malformed("its verdict is none")),
    }
}

fn compared(told: &CheckOutcome) -> Result<Vec<(CheckedField, FieldVerdict)>, Failure> {
    let Some(fields) = &told.comparison else { return Ok(Vec::new()) };
    let said = [
        (CheckedField::Holder, fields.holder),
        (CheckedField::Standard, fields.standard),
        (CheckedField::JobType, fields.job_type),
        (CheckedField::Level, fields.level),
        (CheckedField::Issuer, fields.issuer),
        (CheckedField::IssueDate, fields.issue_date),
    ];
    let read = |(field, number)| match FieldVerdict::try_from(number) {
        Ok(verdict) => Ok((field, verdict)),
        Err(_) => Err(Failure::Malformed("what it says of a field is unknown")),
    };
    said.into_iter().map(read).collect()
}

fn authentication(number: i32) -> Result<Option<SourceAuthentication>, Failure> {
    use told::SourceAuthentication as Told;
    match Told::try_from(number) {
        Ok(Told::Unspecified) => Ok(None),
        Ok(Told::MutualTls) => Ok(Some(SourceAuthentication::MutualTls)),
        Ok(Told::SignedAnswer) => Ok(Some(SourceAuthentication::SignedAnswer)),
        Ok(Told::ServerTls) => Ok(Some(SourceAuthentication::ServerTls)),
        Err(_) => Err(Failure::Malformed("its authentication is unknown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_proto::certification::source::v1::FieldComparison;

    const NOW: Timestamp = Timestamp::from_micros(1_793_592_000_000_000);

    fn fits() -> FieldComparison {
        let same = i32::from(FieldVerdict::Match);
        FieldComparison { holder: same, job_type: same, level: same, ..Default::default() }
    }

    fn said(verdict: CheckVerdict, comparison: Option<FieldComparison>) -> CheckOutcome {
        CheckOutcome { verdict: verdict.into(), comparison, ..Default::default() }
    }

    #[test]
    fn what_a_source_compared_is_read_field_by_field() {
        let differs = i32::from(FieldVerdict::Mismatch);
        let told = said(
            CheckVerdict::Mismatch,
            Some(FieldComparison { holder: differs, issue_date: differs, ..fits() }),
        );
        let Ok(Answer::Outcome(read)) = outcome(&told, NOW) else { panic!("no outcome") };
        assert_eq!(
            (read.verdict, read.differences.code().as_str()),
            (EvidenceResult::Mismatch, "HOLDER ISSUE_DATE")
        );
        let silent = said(CheckVerdict::Mismatch, None);
        let Ok(Answer::Outcome(read)) = outcome(&silent, NOW) else { panic!("no outcome") };
        assert!(read.differences.is_empty());
        for verdict in [CheckVerdict::Match, CheckVerdict::Revoked] {
            assert!(outcome(&said(verdict, Some(fits())), NOW).is_ok());
        }
        assert!(outcome(&said(CheckVerdict::NotFound, None), NOW).is_ok());
        assert!(outcome(&said(CheckVerdict::Revoked, None), NOW).is_ok());
    }

    #[test]
    fn an_answer_that_is_not_one_is_told_as_such() {
        let differs = i32::from(FieldVerdict::Mismatch);
        let seconds = NOW.as_micros() / 1_000_000;
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let matched = || said(CheckVerdict::Match, Some(fits()));
        let hostile = [
            CheckOutcome::default(),
            CheckOutcome { verdict: 77, ..matched() },
            said(CheckVerdict::Match, None),
            said(CheckVerdict::Match, Some(FieldComparison { holder: 0, ..fits() })),
            said(CheckVerdict::Match, Some(FieldComparison { job_type: 0, ..fits() })),
            said(CheckVerdict::Match, Some(FieldComparison { level: 0, ..fits() })),
            said(CheckVerdict::Match, Some(FieldComparison { issuer: differs, ..fits() })),
            said(CheckVerdict::Match, Some(FieldComparison { issuer: 9, ..fits() })),
            said(CheckVerdict::NotFound, Some(fits())),
            said(CheckVerdict::Revoked, Some(FieldComparison { holder: differs, ..fits() })),
            CheckOutcome { check_time: at(seconds + 6), ..matched() },
            CheckOutcome { check_time: at(i64::MAX), ..matched() },
            CheckOutcome { artefact_sha256: vec![1; 31], ..matched() },
            CheckOutcome { authentication: 9, ..matched() },
        ];
        for told in hostile {
            assert!(matches!(outcome(&told, NOW), Err(Failure::Malformed(_))), "{told:?}");
        }
    }
}
