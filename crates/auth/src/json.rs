//! JSON read strictly: one object, no member twice at any depth, little nesting.
//!
//! Two readers that disagree about which of two equal members counts have been used to slip one claim past the check
//! and another to the application (RFC 8725 §2.4, RFC 8259 §4), so a document that leaves the question open is refused.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Headers, claims and key sets nest three deep; the rest is somebody trying our stack.
const MAX_DEPTH: usize = 8;

/// Why a document was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonFault {
    /// Not JSON, or not an object, or nested too deeply.
    Malformed,
    /// A member occurs twice in one object.
    DuplicateMember,
}

/// Reads `bytes` as one JSON object with nothing after it.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, JsonFault> {
    let fault = Cell::new(JsonFault::Malformed);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0, fault: &fault }.deserialize(&mut reader).map_err(|_| fault.get())?;
    reader.end().map_err(|_| JsonFault::Malformed)?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(JsonFault::Malformed),
    }
}

/// Builds a value; notes in `fault` what serde's own error cannot carry.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    fault: &'a Cell<JsonFault>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                self.fault.set(JsonFault::DuplicateMember);
                return Err(A::Error::custom("member occurs twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<JsonFault> {
        parse_object(text.as_bytes()).err()
    }

    #[test]
    fn a_member_may_occur_once_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"{"a":{"b":[{"c":1,"c":2}]}}"#] {
            assert_eq!(fault(text), Some(JsonFault::DuplicateMember), "{text}");
        }
        assert_eq!(fault(r#"{"a":{"a":{"a":1}},"A":2}"#), None);
    }

    #[test]
    fn only_one_whole_object_is_read() {
        for text in ["", "null", "[]", "1", r#""a""#, "{}{}", "{} x", "{", r#"{"a":NaN}"#, "\u{feff}{}"] {
            assert_eq!(fault(text), Some(JsonFault::Malformed), "{text}");
        }
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}"), Err(JsonFault::Malformed));
    }

    #[test]
    fn deep_nesting_is_refused_before_it_costs_anything() {
        let nested = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert_eq!(fault(&nested(MAX_DEPTH - 1)), None);
        assert_eq!(fault(&nested(MAX_DEPTH)), Some(JsonFault::Malformed));
        assert_eq!(fault(&nested(100_000)), Some(JsonFault::Malformed));
    }

    #[test]
    fn numbers_keep_the_kind_they_were_written_in() {
        let object = parse_object(br#"{"whole":1,"float":1.0,"big":18446744073709551616}"#).unwrap();
        assert!(object["whole"].is_i64());
        assert!(!object["float"].is_i64() && !object["big"].is_i64());
    }
}
