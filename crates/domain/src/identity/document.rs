use super::BirthDate;
use crate::kernel::{Date, normalise_code};
use std::fmt;
use thiserror::Error;

/// The kinds of identity documents that streamers hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentType {
    /// 居民身份证: 18 characters with a check character (GB 11643).
    ResidentIdentityCard,
    /// 港澳居民居住证: the same form, beginning 81 (Hong Kong) or 82 (Macao).
    HongKongMacaoResidencePermit,
    /// 台湾居民居住证: the same form, beginning 83.
    TaiwanResidencePermit,
    /// 外国人永久居留身份证, since 2023-12-01: the same form, beginning 9 (GA 2102).
    ForeignPermanentResidentCard,
    /// The same card before that date, valid until it expires: three letters and twelve digits.
    ForeignPermanentResidentCardOld,
    /// 护照: no check digit to rely on.
    Passport,
    /// 回乡证, 台胞证 and other travel permits: no check digit to rely on.
    TravelPermit,
}

impl DocumentType {
    /// Every kind of document.
    pub const ALL: [Self; 7] = [
        Self::ResidentIdentityCard,
        Self::HongKongMacaoResidencePermit,
        Self::TaiwanResidencePermit,
        Self::ForeignPermanentResidentCard,
        Self::ForeignPermanentResidentCardOld,
        Self::Passport,
        Self::TravelPermit,
    ];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResidentIdentityCard => "RESIDENT_IDENTITY_CARD",
            Self::HongKongMacaoResidencePermit => "HONG_KONG_MACAO_RESIDENCE_PERMIT",
            Self::TaiwanResidencePermit => "TAIWAN_RESIDENCE_PERMIT",
            Self::ForeignPermanentResidentCard => "FOREIGN_PERMANENT_RESIDENT_CARD",
            Self::ForeignPermanentResidentCardOld => "FOREIGN_PERMANENT_RESIDENT_CARD_OLD",
            Self::Passport => "PASSPORT",
            Self::TravelPermit => "TRAVEL_PERMIT",
        }
    }

    /// The kind with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|document_type| document_type.code() == code)
    }

    /// The document's own name.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::ResidentIdentityCard => "居民身份证",
            Self::HongKongMacaoResidencePermit => "港澳居民居住证",
            Self::TaiwanResidencePermit => "台湾居民居住证",
            Self::ForeignPermanentResidentCard => "外国人永久居留身份证",
            Self::ForeignPermanentResidentCardOld => "外国人永久居留身份证(旧版)",
            Self::Passport => "护照",
            Self::TravelPermit => "通行证",
        }
    }

    const fn form(self) -> Form {
        match self {
            Self::ResidentIdentityCard
            | Self::HongKongMacaoResidencePermit
            | Self::TaiwanResidencePermit
            | Self::ForeignPermanentResidentCard => Form::Citizen,
            Self::ForeignPermanentResidentCardOld => Form::OldCard,
            // No source confirms one form for all countries; the limits only keep obvious slips out.
            Self::Passport => Form::Free { shortest: 5, longest: 15 },
            Self::TravelPermit => Form::Free { shortest: 6, longest: 12 },
        }
    }

    /// Whether the first digits fit the kind of document.
    ///
    /// Never more than this: address codes change while old numbers stay, so no list of regions can be right.
    fn fits_prefix(self, text: &str) -> bool {
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
        match self {
            Self::ResidentIdentityCard => !begins(&["81", "82", "83", "9"]),
            Self::HongKongMacaoResidencePermit => begins(&["81", "82"]),
            Self::TaiwanResidencePermit => begins(&["83"]),
            Self::ForeignPermanentResidentCard => begins(&["9"]),
            Self::ForeignPermanentResidentCardOld | Self::Passport | Self::TravelPermit => true,
        }
    }
}

/// The shapes a number can have.
#[derive(Clone, Copy)]
enum Form {
    /// 6 digits of address, 8 of birth, 3 of sequence, 1 check character.
    Citizen,
    /// 3 letters of nationality, 12 digits.
    OldCard,
    /// Letters and digits.
    Free { shortest: usize, longest: usize },
}

/// What is wrong with a document number. The message never repeats any part of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum DocumentFault {
    /// Nothing is left after normalisation.
    #[error("the number is empty")]
    Empty,
    /// The length does not fit the kind of document.
    #[error("the number has {found} characters, {} expected", span(*shortest, *longest))]
    Length {
        /// How many characters there are after normalisation.
        found: usize,
        /// The least that fits.
        shortest: usize,
        /// The most that fits.
        longest: usize,
    },
    /// A character that cannot stand where it stands.
    #[error("the number has a character that cannot stand there")]
    Character,
    /// The first digits belong to another kind of document.
    #[error("the number begins like that of another kind of document")]
    Prefix,
    /// The birth date inside the number is not in the calendar.
    #[error("the birth date inside the number is not in the calendar")]
    BirthDate,
    /// The check character does not fit the other seventeen.
    #[error("the check character does not fit the rest of the number")]
    CheckDigit,
}

impl DocumentFault {
    /// The stable code of the fault.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "NUMBER_EMPTY",
            Self::Length { .. } => "LENGTH_WRONG",
            Self::Character => "CHARACTER_WRONG",
            Self::Prefix => "PREFIX_WRONG",
            Self::BirthDate => "BIRTH_DATE_WRONG",
            Self::CheckDigit => "CHECK_DIGIT_WRONG",
        }
    }

    /// The message in Chinese.
    pub fn chinese(self) -> String {
        match self {
            Self::Empty => "证件号码为空".to_owned(),
            Self::Length { found, shortest, longest } if shortest == longest => {
                format!("证件号码为{found}位，应为{longest}位")
            }
            Self::Length { found, shortest, longest } => {
                format!("证件号码为{found}位，应为{shortest}至{longest}位")
            }
            Self::Character => "证件号码含有不应出现的字符".to_owned(),
            Self::Prefix => "证件号码开头与证件类型不符".to_owned(),
            Self::BirthDate => "证件号码中的出生日期不存在".to_owned(),
            Self::CheckDigit => "证件号码校验码错误".to_owned(),
        }
    }
}

fn span(shortest: usize, longest: usize) -> String {
    if shortest == longest { format!("{longest} are") } else { format!("{shortest} to {longest} are") }
}

/// The number of an identity document, in its one normalised form and well-formed for its kind.
///
/// Well-formed is not genuine: eighteen correct digits do not make a person. `Debug` shows no digit.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentNumber {
    document_type: DocumentType,
    text: Box<str>,
}

impl DocumentNumber {
    /// Normalises and checks a number; tells every fault at once.
    ///
    /// Normalisation is one step: full-width characters become ASCII, spaces and hyphens are removed, letters become
    /// capitals (so `x` becomes `X`).
    pub fn parse(document_type: DocumentType, given: &str) -> Result<Self, Vec<DocumentFault>> {
        let text = normalise_code(given);
        let faults = faults(document_type, &text);
        if faults.is_empty() { Ok(Self { document_type, text: text.into() }) } else { Err(faults) }
    }

    /// The kind of document.
    pub const fn document_type(&self) -> DocumentType {
        self.document_type
    }

    /// The plain number. Only for encryption and for the keyed hash it is found by.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The birth date inside the number, if this kind of number carries a whole one.
    ///
    /// The old card of foreign residents carries two digits of the year only, passports and permits nothing.
    pub fn birth_date(&self) -> Option<BirthDate> {
        match self.document_type.form() {
            Form::Citizen => birth_of(&self.text).map(BirthDate::new),
            Form::OldCard | Form::Free { .. } => None,
        }
    }
}

impl fmt::Debug for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentNumber({}, redacted)", self.document_type.code())
    }
}

fn faults(document_type: DocumentType, text: &str) -> Vec<DocumentFault> {
    if text.is_empty() {
        return vec![DocumentFault::Empty];
    }
    let mut faults = Vec::new();
    let (shortest, longest) = match document_type.form() {
        Form::Citizen => (18, 18),
        Form::OldCard => (15, 15),
        Form::Free { shortest, longest } => (shortest, longest),
    };
    let found = text.chars().count();
    if !(shortest..=longest).contains(&found) {
        faults.push(DocumentFault::Length { found, shortest, longest });
    }
    if !characters_fit(document_type.form(), text) {
        faults.push(DocumentFault::Character);
    }
    if !document_type.fits_prefix(text) {
        faults.push(DocumentFault::Prefix);
    }
    // The last two look at fixed places, which mean something only if length and characters are right.
    let regular =
        !faults.iter().any(|f| matches!(f, DocumentFault::Length { .. } | DocumentFault::Character));
    if regular && matches!(document_type.form(), Form::Citizen) {
        if birth_of(text).is_none() {
            faults.push(DocumentFault::BirthDate);
        }
        if !check_character_fits(text) {
            faults.push(DocumentFault::CheckDigit);
        }
    }
    faults
}

fn characters_fit(form: Form, text: &str) -> bool {
    match form {
        Form::Citizen => text
            .char_indices()
            .all(|(place, c)| c.is_ascii_digit() || (place == text.len().saturating_sub(1) && c == 'X')),
        Form::OldCard => text
            .char_indices()
            .all(|(place, c)| if place < 3 { c.is_ascii_uppercase() } else { c.is_ascii_digit() }),
        Form::Free { .. } => text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
    }
}

fn birth_of(text: &str) -> Option<Date> {
    Date::parse_compact(text.get(6..14)?).ok()
}

/// ISO 7064 MOD 11-2, as GB 11643 prescribes it: doubling after each character, the remainder must come to 1.
fn check_character_fits(text: &str) -> bool {
    let sum = text.chars().try_fold(0, |sum: u32, c| {
        let value = if c == 'X' { 10 } else { c.to_digit(10)? };
        Some((sum * 2 + value) % 11)
    });
    sum == Some(1)
}

#[cfg(test)]
mod tests;
