//! People with certificates, none of whom exists.

use greenroom_proto::identity::v1 as identity;

/// Somebody who holds a certificate, as the story knows them. Nobody like this exists: the address code is unassigned.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The name on the document.
    pub real_name: String,
    /// The number of the document.
    pub document_number: String,
    /// The number on the certificate.
    pub certificate_number: String,
}

impl Holder {
    /// A holder of a level-`level` certificate, born on `birth` (`YYYYMMDD`), told apart from others by `serial`.
    pub fn new(serial: u32, birth: &str, level: u8) -> Self {
        Self {
            real_name: format!("测试·甲{serial:03}"),
            document_number: fictitious_document(birth, serial),
            certificate_number: format!("S000033000001{:02}{level}{serial:06}", 25),
        }
    }

    /// Name and document, as identity takes them.
    pub fn claim(&self) -> identity::IdentityClaim {
        identity::IdentityClaim {
            real_name: self.real_name.clone(),
            document_type: identity::DocumentType::ResidentIdentityCard.into(),
            document_number: self.document_number.clone(),
        }
    }
}

/// A resident identity number with an address code that no place has, and a right check digit.
pub fn fictitious_document(birth: &str, serial: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const DIGITS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let body = format!("1099{:02}{birth}{:03}", serial / 1000 % 100, serial % 1000);
    let sum: u32 = body.chars().filter_map(|digit| digit.to_digit(10)).zip(WEIGHTS).map(|(d, w)| d * w).sum();
    let check = DIGITS.get(usize::try_from(sum % 11).unwrap_or_default()).copied().unwrap_or('X');
    format!("{body}{check}")
}
