//! A source for demonstrations and tests. It proves nothing.

use super::{Answer, Asked, Failure, Inquiry, Question, Source};
use std::time::Duration;
use tonic::Code;

/// The ticket of a check that needs time.
const TICKET: &str = "sandbox";

/// How many questions of a check stay without answer where the source is out at first.
const OUT_FOR: i64 = 2;

/// What the sandbox comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripted {
    /// It is as claimed.
    Match,
    /// It is not as claimed.
    Mismatch,
    /// There is no such thing.
    NotFound,
    /// It was withdrawn, where that can be.
    Revoked,
}

/// What can be asked of the sandbox.
pub trait Sandboxed: Inquiry {
    /// The number that decides.
    fn number(subject: &Self::Subject) -> &str;

    /// The outcome.
    fn scripted(outcome: Scripted) -> Self::Outcome;
}

/// What the sandbox does is decided by the three characters before the last one of the number. The last one does not
/// count: many numbers have a check digit there.
///
/// | characters | outcome |
/// |---|---|
/// | `901` | it is not as claimed |
/// | `902` | no such thing |
/// | `903` | it needs a minute, then it is a match |
/// | `904` | no answer twice, then it is a match |
/// | `905` | never an answer |
/// | `906` | the source refuses |
/// | `907` | it was withdrawn, where that can be |
/// | others | a match |
pub struct Sandbox;

enum Script {
    At(Scripted),
    Later,
    OutAtFirst,
    AlwaysOut,
    Refuses,
}

fn script(number: &str) -> Script {
    let mut last = number.chars().rev().skip(1);
    match (last.next(), last.next(), last.next()) {
        (Some('1'), Some('0'), Some('9')) => Script::At(Scripted::Mismatch),
        (Some('2'), Some('0'), Some('9')) => Script::At(Scripted::NotFound),
        (Some('3'), Some('0'), Some('9')) => Script::Later,
        (Some('4'), Some('0'), Some('9')) => Script::OutAtFirst,
        (Some('5'), Some('0'), Some('9')) => Script::AlwaysOut,
        (Some('6'), Some('0'), Some('9')) => Script::Refuses,
        (Some('7'), Some('0'), Some('9')) => Script::At(Scripted::Revoked),
        _ => Script::At(Scripted::Match),
    }
}

#[tonic::async_trait]
impl<I: Sandboxed> Source<I> for Sandbox {
    async fn check(&self, question: &Question<'_, I::Subject>) -> Asked<I> {
        let outcome = |scripted| Ok(Answer::Outcome(I::scripted(scripted)));
        match script(I::number(question.subject)) {
            Script::At(scripted) => outcome(scripted),
            Script::Later => Ok(Answer::Pending { ticket: TICKET.to_owned(), wait: Duration::from_mins(1) }),
            Script::OutAtFirst if question.attempt > OUT_FOR => outcome(Scripted::Match),
            Script::OutAtFirst | Script::AlwaysOut => Err(Failure::Outage(Code::Unavailable)),
            Script::Refuses => Err(Failure::Refused(Code::PermissionDenied)),
        }
    }

    async fn get(&self, _: &Question<'_, I::Subject>) -> Asked<I> {
        Ok(Answer::Outcome(I::scripted(Scripted::Match)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers;

    impl Inquiry for Numbers {
        const SOURCE: &'static str = "source";
        const JOB: &'static str = "job";
        type Id = ();
        type Subject = String;
        type Outcome = Scripted;
        type Verdict = Scripted;
        type Kind = ();

        fn verdict(outcome: &Scripted) -> Scripted {
            *outcome
        }
    }

    impl Sandboxed for Numbers {
        fn number(subject: &String) -> &str {
            subject
        }

        fn scripted(outcome: Scripted) -> Scripted {
            outcome
        }
    }

    #[tokio::test]
    async fn the_characters_before_the_last_decide() {
        let ask = async |number: &str, attempt| {
            let subject = number.to_owned();
            let question = Question { check_id: "c", ticket: "", attempt, subject: &subject };
            Source::<Numbers>::check(&Sandbox, &question).await
        };
        let outcome = |scripted| Ok(Answer::Outcome(scripted));
        assert_eq!(ask("sample9011", 1).await, outcome(Scripted::Mismatch));
        assert_eq!(ask("sample9021", 1).await, outcome(Scripted::NotFound));
        assert!(matches!(ask("sample9031", 1).await, Ok(Answer::Pending { .. })));
        assert_eq!(ask("sample9041", 2).await, Err(Failure::Outage(Code::Unavailable)));
        assert_eq!(ask("sample9041", 3).await, outcome(Scripted::Match));
        assert_eq!(ask("sample9051", 99).await, Err(Failure::Outage(Code::Unavailable)));
        assert_eq!(ask("sample9061", 1).await, Err(Failure::Refused(Code::PermissionDenied)));
        assert_eq!(ask("sample9071", 1).await, outcome(Scripted::Revoked));
        assert_eq!(ask("sample1901", 1).await, outcome(Scripted::Match));
    }
}
