//! A source for demonstrations and tests. It proves nothing.

use super::{Answer, Failure, Outcome, Question, Source};
use greenroom_domain::identity::{
    Age, NamedDocument, PersonIdentity, ProofingAuthentication, ProofingResult,
};
use std::time::Duration;
use tonic::Code;

/// The ticket of a check that needs time.
const TICKET: &str = "sandbox";

/// How many questions of a check stay without answer where the source is out at first.
const OUT_FOR: i64 = 2;

/// What the sandbox does is decided by the three characters before the last one of the document's or the network number.
/// The last one does not count: many documents have a check digit there.
///
/// | characters | outcome |
/// |---|---|
/// | `901` | they do not belong together |
/// | `902` | no such document or number |
/// | `903` | it needs a minute, then it is a match |
/// | `904` | no answer twice, then it is a match |
/// | `905` | never an answer |
/// | `906` | the source refuses |
/// | others | a match |
pub struct Sandbox;

enum Rule {
    At(ProofingResult),
    Later,
    OutAtFirst,
    AlwaysOut,
    Refuses,
}

fn rule(identity: &PersonIdentity) -> Rule {
    let number = match identity {
        PersonIdentity::Document(NamedDocument { document, .. }) => document.expose(),
        PersonIdentity::NetworkNumber(number) => number.expose(),
    };
    let mut last = number.chars().rev().skip(1);
    match (last.next(), last.next(), last.next()) {
        (Some('1'), Some('0'), Some('9')) => Rule::At(ProofingResult::Mismatch),
        (Some('2'), Some('0'), Some('9')) => Rule::At(ProofingResult::NotFound),
        (Some('3'), Some('0'), Some('9')) => Rule::Later,
        (Some('4'), Some('0'), Some('9')) => Rule::OutAtFirst,
        (Some('5'), Some('0'), Some('9')) => Rule::AlwaysOut,
        (Some('6'), Some('0'), Some('9')) => Rule::Refuses,
        _ => Rule::At(ProofingResult::Match),
    }
}

const fn outcome(verdict: ProofingResult) -> Answer {
    Answer::Outcome(Outcome {
        verdict,
        checked_at: None,
        artefact_sha256: None,
        authentication: Some(ProofingAuthentication::Local),
        document_valid_until: None,
        age: Age::Unknown,
    })
}

#[tonic::async_trait]
impl Source for Sandbox {
    async fn check(&self, question: &Question<'_>) -> Result<Answer, Failure> {
        match rule(question.identity) {
            Rule::At(verdict) => Ok(outcome(verdict)),
            Rule::Later => Ok(Answer::Pending { ticket: TICKET.to_owned(), wait: Duration::from_mins(1) }),
            Rule::OutAtFirst if question.attempt > OUT_FOR => Ok(outcome(ProofingResult::Match)),
            Rule::OutAtFirst | Rule::AlwaysOut => Err(Failure::Outage(Code::Unavailable)),
            Rule::Refuses => Err(Failure::Refused(Code::PermissionDenied)),
        }
    }

    async fn get(&self, _: &Question<'_>) -> Result<Answer, Failure> {
        Ok(outcome(ProofingResult::Match))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::identity::NetworkNumber;

    #[tokio::test]
    async fn the_characters_before_the_last_decide() {
        let ask = async |number: &str, attempt| {
            let identity = PersonIdentity::NetworkNumber(NetworkNumber::parse(number).unwrap());
            let question = Question { check_id: "c", ticket: "", attempt, identity: &identity };
            Sandbox.check(&question).await
        };
        assert_eq!(ask("sample9011", 1).await, Ok(outcome(ProofingResult::Mismatch)));
        assert_eq!(ask("sample9021", 1).await, Ok(outcome(ProofingResult::NotFound)));
        assert!(matches!(ask("sample9031", 1).await, Ok(Answer::Pending { .. })));
        assert_eq!(ask("sample9041", 2).await, Err(Failure::Outage(Code::Unavailable)));
        assert_eq!(ask("sample9041", 3).await, Ok(outcome(ProofingResult::Match)));
        assert_eq!(ask("sample9051", 99).await, Err(Failure::Outage(Code::Unavailable)));
        assert_eq!(ask("sample9061", 1).await, Err(Failure::Refused(Code::PermissionDenied)));
        assert_eq!(ask("sample1901", 1).await, Ok(outcome(ProofingResult::Match)));
    }
}
