//! The second a token states as that of its issue, and revocations in the same second.
//!
//! Tokens carry whole seconds, and a revocation refuses those issued up to its instant. A token issued after a revocation,
//! but in the same second, would look older than it is and be refused for the whole of its life. It states the second after
//! instead; and a further revocation reaches as far as tokens before it may have stated.

use crate::kernel::Timestamp;
use std::time::Duration;

/// How far ahead of the clock a token may state its issue. Verifiers grant a second more.
const AHEAD: Duration = Duration::from_secs(4);

/// How far beyond its decision a revocation reaches. A token may be on its way while the commit waits for its turn, or come
/// from a replica whose clock is ahead.
const REACH: Duration = Duration::from_secs(2);

const SECOND: i64 = 1_000_000;

/// What a token issued at `now` states as its issue, where those issued up to `refused` are refused: later than that, if
/// a few seconds make it so.
pub fn issue_time(now: Timestamp, refused: Option<Timestamp>) -> Timestamp {
    match refused {
        Some(refused) if second(now) <= refused && second_after(refused) <= furthest(now) => {
            second_after(refused)
        }
        _ => now,
    }
}

/// Up to which stated issue a revocation at `now` refuses tokens, where those up to `before` are refused already: none that
/// was issued until now is left out, whatever second it states, nor any that is under way.
pub fn refused_up_to(now: Timestamp, before: Option<Timestamp>) -> Timestamp {
    let reach = now.plus(REACH);
    match before {
        None => reach,
        Some(before) if before >= furthest(now) => before,
        Some(before) => second_after(before).min(furthest(now)).max(reach),
    }
}

/// The latest issue that any token issued until `now` may state.
pub(super) fn furthest(now: Timestamp) -> Timestamp {
    second(now).plus(AHEAD)
}

/// The first whole second after an instant.
pub(super) fn second_after(time: Timestamp) -> Timestamp {
    second(time).plus(Duration::from_secs(1))
}

fn second(time: Timestamp) -> Timestamp {
    Timestamp::from_micros(time.as_micros().div_euclid(SECOND).saturating_mul(SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::NO_TOKEN;
    use proptest::prelude::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn a_token_of_the_second_of_a_revocation_states_the_next_one() {
        for (now, refused, stated) in [
            (10_500_000, None, 10_500_000),
            (10_500_000, Some(9_999_999), 10_500_000),
            (10_500_000, Some(10_400_000), 11_000_000),
            (10_000_000, Some(10_000_000), 11_000_000),
            (10_500_000, Some(11_000_000), 12_000_000),
            // More than a verifier would accept yet: the token is as old as it is.
            (10_500_000, Some(14_000_000), 10_500_000),
        ] {
            assert_eq!(issue_time(at(now), refused.map(at)), at(stated), "{now} {refused:?}");
        }
        assert_eq!(issue_time(at(7), Some(NO_TOKEN)), at(7));
        assert_eq!(refused_up_to(at(7), Some(NO_TOKEN)), NO_TOKEN);
    }

    proptest! {
        /// What happens: time passes, a token is issued, or those so far are revoked.
        #[test]
        fn a_revocation_refuses_every_token_before_it_and_lets_those_after_the_next_second_live(
            steps in proptest::collection::vec((0_i64..400_000, any::<bool>()), 1..60),
        ) {
            let (mut now, mut refused, mut stated) = (at(10_000_000), None, Vec::new());
            for (passed, revokes) in steps {
                now = at(now.as_micros() + passed);
                if revokes {
                    let up_to = refused_up_to(now, refused);
                    prop_assert!(Some(up_to) >= refused && up_to >= now && up_to <= furthest(now));
                    prop_assert!(stated.iter().all(|time| second(*time) <= up_to));
                    refused = Some(up_to);
                } else {
                    let time = issue_time(now, refused);
                    prop_assert!(second(time) <= furthest(now));
                    stated.push(time);
                }
            }
            let later = second_after(now);
            let time = issue_time(later, refused);
            prop_assert!(refused.is_none_or(|refused| second(time) > refused));
        }
    }
}
