//! Public keys that parse but protect nothing.

use crate::jwk::JwkFault;
use curve25519_dalek::edwards::CompressedEdwardsY;

/// The smallest RSA exponent accepted: 65537 (NIST SP 800-56B §6.2).
const SMALLEST_EXPONENT: u64 = 65_537;

/// Refuses what is no point of the curve, a second encoding of a point, and points of small order.
///
/// Off the curve a key verifies nothing; under one whose order divides the cofactor anybody signs any text.
pub(crate) fn refuse_weak_ed25519(x: &[u8; 32]) -> Result<(), JwkFault> {
    let encoded = CompressedEdwardsY(*x);
    let point = encoded.decompress().ok_or(JwkFault::Invalid)?;
    if point.is_small_order() || point.compress() != encoded { Err(JwkFault::Invalid) } else { Ok(()) }
}

/// Refuses a modulus outside 2048 to 4096 bits (longer ones only cost us time), an even one, and exponents that are
/// even, below 65537, or beyond 33 bits.
pub(crate) fn refuse_weak_rsa(n: &[u8], e: &[u8]) -> Result<(), JwkFault> {
    let zeros = n.first().map_or(0, |byte| byte.leading_zeros());
    let bits = (n.len() * 8).saturating_sub(usize::try_from(zeros).unwrap_or(0));
    if !(2048..=4096).contains(&bits) {
        return Err(JwkFault::ModulusSize { bits });
    }
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    let exponent = e.iter().fold(0_u64, |sum, byte| sum.saturating_mul(256).saturating_add(u64::from(*byte)));
    let fits = (SMALLEST_EXPONENT..1 << 33).contains(&exponent);
    if odd(n) && odd(e) && fits { Ok(()) } else { Err(JwkFault::Invalid) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::EIGHT_TORSION;

    #[test]
    fn a_number_that_is_no_point_of_the_curve_is_refused() {
        // Of the small numbers these are the first with no point above them.
        for low in [2, 7, 8, 11] {
            let mut y = [0; 32];
            y[0] = low;
            assert_eq!(refuse_weak_ed25519(&y), Err(JwkFault::Invalid), "{low}");
        }
    }

    #[test]
    fn keys_that_sign_for_anybody_are_refused() {
        for point in EIGHT_TORSION {
            let mut y = point.compress().to_bytes();
            assert_eq!(refuse_weak_ed25519(&y), Err(JwkFault::Invalid));
            y[31] ^= 0x80;
            assert_eq!(refuse_weak_ed25519(&y), Err(JwkFault::Invalid));
        }
        let mut base = [0x66; 32];
        base[0] = 0x58;
        assert_eq!(refuse_weak_ed25519(&base), Ok(()));
    }

    #[test]
    fn a_point_has_one_encoding() {
        for low in 0xed..=0xff {
            let mut y = [0xff; 32];
            (y[0], y[31]) = (low, 0x7f);
            assert_eq!(refuse_weak_ed25519(&y), Err(JwkFault::Invalid), "{low}");
        }
    }

    #[test]
    fn short_long_and_even_rsa_numbers_are_refused() {
        let f4 = [1, 0, 1];
        let modulus = |bits: usize| {
            let mut n = vec![0xff; bits.div_ceil(8)];
            if let Some(first) = n.first_mut() {
                *first = 0xff >> ((8 - bits % 8) % 8);
            }
            n
        };
        for bits in [0, 8, 1024, 2047, 4097, 16_384] {
            let n = modulus(bits);
            assert_eq!(refuse_weak_rsa(&n, &f4), Err(JwkFault::ModulusSize { bits }));
        }
        let good = modulus(2048);
        assert_eq!(refuse_weak_rsa(&good, &f4), Ok(()));
        for e in [&[][..], &[1], &[3], &[1, 0, 0], &[1, 0, 2], &[0xff, 0xff], &[2, 0, 0, 0, 1], &[0xff; 40]] {
            assert_eq!(refuse_weak_rsa(&good, e), Err(JwkFault::Invalid), "{e:?}");
        }
        let mut even = good;
        even[255] = 0xfe;
        assert_eq!(refuse_weak_rsa(&even, &f4), Err(JwkFault::Invalid));
    }
}
