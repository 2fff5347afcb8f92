//! Claims read by type: what is missing and what is malformed are different faults, and neither counts as absent.

use std::time::Duration;

use greenroom_domain::kernel::{Collection, Id, Timestamp};
use serde_json::{Map, Value};

use crate::fault::TokenFault;

/// How far the clocks of issuer and verifier may differ.
pub const LEEWAY: Duration = Duration::from_secs(5);

/// The longest identifier (`jti`) accepted, in characters.
const MAX_IDENTIFIER: usize = 128;

/// The last second of the year 9999; nothing later is a date anybody meant.
const LAST_SECOND: i64 = 253_402_300_799;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// The claims of one token.
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// A claim, if it is there. `null` is a value and never of the right type.
    pub(crate) fn optional(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim that must be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<&Value, TokenFault> {
        self.optional(name).ok_or(TokenFault::ClaimMissing { name })
    }

    /// A claim that must be there and be text.
    pub(crate) fn text(&self, name: &'static str) -> Result<&str, TokenFault> {
        self.required(name)?.as_str().ok_or(TokenFault::ClaimMalformed { name })
    }

    /// A claim that must be there and be the id of a resource.
    pub(crate) fn id<K: Collection>(&self, name: &'static str) -> Result<Id<K>, TokenFault> {
        Id::try_new(self.text(name)?).map_err(|_| TokenFault::ClaimMalformed { name })
    }

    /// A claim that must be there and name the token: 1 to 128 visible ASCII characters.
    pub(crate) fn identifier(&self, name: &'static str) -> Result<&str, TokenFault> {
        let text = self.text(name)?;
        let fits =
            (1..=MAX_IDENTIFIER).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(text) } else { Err(TokenFault::ClaimMalformed { name }) }
    }

    /// The one audience. A list is read if it has exactly one member (RFC 7519 §4.1.3 allows both forms for one
    /// audience); with more, somebody else could replay the token to us, or we to them (RFC 8725 §3.9).
    pub(crate) fn audience(&self) -> Result<&str, TokenFault> {
        let malformed = TokenFault::ClaimMalformed { name: "aud" };
        match self.required("aud")? {
            Value::String(one) => Ok(one),
            Value::Array(list) => match list.as_slice() {
                [Value::String(one)] => Ok(one),
                [_, _, ..] => Err(TokenFault::WrongAudience),
                _ => Err(malformed),
            },
            _ => Err(malformed),
        }
    }

    /// A time that must be there: whole seconds since the epoch, 1970 to 9999. Fractions, which RFC 7519 would allow,
    /// are refused: nobody needs them, and readers round them differently.
    pub(crate) fn time(&self, name: &'static str) -> Result<Timestamp, TokenFault> {
        let seconds = self.required(name)?.as_i64().filter(|seconds| (0..=LAST_SECOND).contains(seconds));
        seconds.map(from_seconds).ok_or(TokenFault::ClaimMalformed { name })
    }

    /// A time that may be missing, but not malformed.
    pub(crate) fn optional_time(&self, name: &'static str) -> Result<Option<Timestamp>, TokenFault> {
        self.optional(name).map(|_| self.time(name)).transpose()
    }
}

/// Refuses what has expired or not begun at `now`, [`LEEWAY`] granted on both sides.
pub(crate) fn check_times(
    expire_time: Timestamp,
    start_times: [Option<Timestamp>; 2],
    now: Timestamp,
) -> Result<(), TokenFault> {
    if now >= expire_time.plus(LEEWAY) {
        return Err(TokenFault::Expired { expire_time });
    }
    match start_times.into_iter().flatten().max() {
        Some(start_time) if start_time > now.plus(LEEWAY) => Err(TokenFault::NotYetValid { start_time }),
        _ => Ok(()),
    }
}

/// The whole seconds since the epoch of an instant, as a token carries them: the part of a second is dropped.
pub(crate) fn to_seconds(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(MICROS_PER_SECOND)
}

fn from_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_mul(MICROS_PER_SECOND))
}
