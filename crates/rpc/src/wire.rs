//! Small conversions between the contract's well-known types and the domain's values.

use greenroom_domain::kernel::{Collection, Date, Id, Timestamp};
use prost_types::Duration as WireDuration;
use std::time::Duration;

/// How far a clock may be ahead of this one: an instant of so near a future counts as now.
pub const CLOCK_SKEW: Duration = Duration::from_secs(5);

/// An instant on the wire.
pub fn timestamp(instant: Timestamp) -> prost_types::Timestamp {
    let micros = instant.as_micros();
    prost_types::Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: i32::try_from(micros.rem_euclid(1_000_000)).unwrap_or_default() * 1_000,
    }
}

/// An instant from the wire, cut to microseconds. `Err` says what is wrong with it.
pub fn instant(timestamp: &prost_types::Timestamp) -> Result<Timestamp, &'static str> {
    if !(0..1_000_000_000).contains(&timestamp.nanos) {
        return Err("nanos must lie between 0 and 999999999");
    }
    // The years 0001 to 9999, as google.protobuf.Timestamp has them.
    if !(-62_135_596_800..=253_402_300_799).contains(&timestamp.seconds) {
        return Err("must lie between the years 0001 and 9999");
    }
    Ok(Timestamp::from_micros(timestamp.seconds * 1_000_000 + i64::from(timestamp.nanos) / 1_000))
}

/// A length of time on the wire.
pub fn duration(length: Duration) -> WireDuration {
    WireDuration {
        seconds: i64::try_from(length.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(length.subsec_nanos()).unwrap_or_default(),
    }
}

/// A length of time from the wire. Negative lengths are refused.
pub fn length(duration: &WireDuration) -> Result<Duration, &'static str> {
    let seconds = u64::try_from(duration.seconds).map_err(|_| "must not be negative")?;
    let nanos = u32::try_from(duration.nanos).map_err(|_| "must not be negative")?;
    if nanos >= 1_000_000_000 {
        return Err("nanos must lie below 1000000000");
    }
    Ok(Duration::new(seconds, nanos))
}

/// A day from the wire, `YYYY-MM-DD`.
pub fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|fault| fault.to_string())
}

/// A resource name from the wire, such as `persons/…`.
pub fn name<K: Collection>(text: &str) -> Result<Id<K>, String> {
    Id::parse_name(text).map_err(|_| format!("must be a name of the form `{}/…`", K::COLLECTION))
}

/// An enum value from the wire; the zero value and unknown numbers are refused.
pub fn enum_value<E: TryFrom<i32> + PartialEq + Default>(number: i32) -> Result<E, &'static str> {
    match E::try_from(number) {
        Ok(value) if value != E::default() => Ok(value),
        Ok(_) => Err("must be set"),
        Err(_) => Err("is not a value this service knows"),
    }
}

/// A text whose length in characters lies within bounds, without control characters.
pub fn text(value: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<&str, String> {
    let count = value.chars().count();
    if !lengths.contains(&count) {
        return Err(format!("must have {} to {} characters, has {count}", lengths.start(), lengths.end()));
    }
    if value.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    Ok(value)
}
