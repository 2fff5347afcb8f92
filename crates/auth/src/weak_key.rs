//! Public keys that parse but protect nothing.

use crate::jwk::JwkFault;

/// The `y` of every Ed25519 point whose order divides the cofactor, little end first, sign bit cleared.
///
/// A signature under such a key can be made by anybody for any text. The library does not refuse them. Orders: 4, 1, 2,
/// 8 and 8; the two points of each `y` differ in the sign bit only.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// The smallest RSA exponent accepted: 65537 (NIST SP 800-56B §6.2).
const SMALLEST_EXPONENT: u64 = 65_537;

/// Refuses points of small order and encodings of `y` that are not below the field's prime 2^255 - 19.
pub(crate) fn refuse_weak_ed25519(x: &[u8; 32]) -> Result<(), JwkFault> {
    let mut y = *x;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    let [low, middle @ .., high] = y;
    let not_reduced = low >= 0xed && middle.iter().all(|byte| *byte == 0xff) && high == 0x7f;
    if not_reduced || SMALL_ORDER.contains(&y) { Err(JwkFault::Invalid) } else { Ok(()) }
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

    #[test]
    fn keys_that_sign_for_anybody_are_refused() {
        for mut y in SMALL_ORDER {
            assert_eq!(refuse_weak_ed25519(&y), Err(JwkFault::Invalid));
            y[31] |= 0x80;
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
