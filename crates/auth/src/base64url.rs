//! base64url without padding (RFC 7515 §2), read strictly: one text for one value.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The bytes of `text`, or nothing for padding, foreign characters, white space or stray bits at the end.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// `bytes` as text.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_text() {
        assert_eq!(decode("AQ"), Some(vec![1]));
        for other in ["AQ==", "AR", "A Q", "AQ\n", "A", "A+", "A/", "ＡＱ"] {
            assert_eq!(decode(other), None, "{other:?}");
        }
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
    }
}
