//! The parts that the answers of all sources have, read with suspicion.

use super::{Answer, Failure};
use crate::wire::{self, CLOCK_SKEW};
use greenroom_domain::kernel::Timestamp;
use std::time::Duration;

/// The longest ticket, in characters.
const LONGEST_TICKET: usize = 256;

/// The wait a source gets that names none.
const USUAL_WAIT: Duration = Duration::from_mins(1);

/// The bounds of a wait.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The source needs time.
pub fn pending<O>(ticket: String, retry_after: Option<&prost_types::Duration>) -> Result<Answer<O>, Failure> {
    if ticket.is_empty() || ticket.chars().count() > LONGEST_TICKET || ticket.chars().any(char::is_control) {
        return Err(Failure::Malformed("its ticket is not 1 to 256 characters"));
    }
    let wait = match retry_after {
        None => USUAL_WAIT,
        Some(told) => wire::length(told).map_err(|_| Failure::Malformed("its wait is no length of time"))?,
    };
    Ok(Answer::Pending { ticket, wait: wait.clamp(SHORTEST_WAIT, LONGEST_WAIT) })
}

/// When the check was made, as told at `now`. A little ahead of this clock counts as now.
pub fn check_time(
    told: Option<&prost_types::Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let Some(told) = told else { return Ok(None) };
    let at = wire::instant(told).map_err(|_| Failure::Malformed("its check time is no instant"))?;
    if at > now.plus(CLOCK_SKEW) {
        return Err(Failure::Malformed("its check time lies in the future"));
    }
    Ok(Some(at.min(now)))
}

/// SHA-256 of the source's own answer, if it told one.
pub fn artefact(told: &[u8]) -> Result<Option<[u8; 32]>, Failure> {
    (!told.is_empty())
        .then(|| told.try_into().map_err(|_| Failure::Malformed("its artefact is no SHA-256")))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_not_empty_not_long_and_one_line() {
        for ticket in [String::new(), "t".repeat(257), "a\nb".to_owned()] {
            assert!(pending::<()>(ticket, None).is_err());
        }
    }

    #[test]
    fn waits_are_kept_within_bounds() {
        for (told, wait) in [(None, 60), (Some(0), 1), (Some(30), 30), (Some(1_000_000), 86_400)] {
            let retry_after = told.map(|seconds| prost_types::Duration { seconds, nanos: 0 });
            let ticket = "t".repeat(256);
            let expected = Answer::Pending { ticket: ticket.clone(), wait: Duration::from_secs(wait) };
            assert_eq!(pending::<()>(ticket, retry_after.as_ref()), Ok(expected));
        }
        let negative = prost_types::Duration { seconds: -1, nanos: 0 };
        assert!(pending::<()>("t".to_owned(), Some(&negative)).is_err());
    }

    #[test]
    fn a_clock_a_little_ahead_counts_as_now_and_one_further_ahead_is_refused() {
        let now = Timestamp::from_micros(1_793_592_000_000_000);
        let told = |ahead| wire::timestamp(now.plus(Duration::from_secs(ahead)));
        assert_eq!(check_time(Some(&told(5)), now), Ok(Some(now)));
        assert!(check_time(Some(&told(6)), now).is_err());
        assert_eq!(check_time(None, now), Ok(None));
        let never = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
        assert!(check_time(Some(&never), now).is_err());
    }

    #[test]
    fn an_artefact_has_thirty_two_bytes_or_none() {
        assert_eq!(artefact(&[]), Ok(None));
        assert_eq!(artefact(&[7; 32]), Ok(Some([7; 32])));
        assert!(artefact(&[7; 31]).is_err());
    }
}
