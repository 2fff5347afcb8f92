use super::{BirthDate, DocumentNumber, DocumentType, NetworkNumber, PersonName};

/// Who a person is, as the suite was told. `Debug` shows nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonIdentity {
    /// A real name with a document.
    Document(NamedDocument),
    /// A network number (网号) alone: no plaintext identity was ever asked for.
    NetworkNumber(NetworkNumber),
}

/// A real name with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDocument {
    /// The real name, as it is compared.
    pub name: PersonName,
    /// The document.
    pub document: DocumentNumber,
}

impl PersonIdentity {
    /// The kind of document; none for a network number.
    pub const fn document_type(&self) -> Option<DocumentType> {
        match self {
            Self::Document(known) => Some(known.document.document_type()),
            Self::NetworkNumber(_) => None,
        }
    }

    /// The birth date, if the document's number tells it.
    pub fn birth_date(&self) -> Option<BirthDate> {
        match self {
            Self::Document(known) => known.document.birth_date(),
            Self::NetworkNumber(_) => None,
        }
    }

    /// Compares a claim field by field. About a network number nothing can be said.
    pub fn compare(&self, claim: &IdentityClaim) -> PersonMatch {
        match self {
            Self::Document(known) => PersonMatch::compare(&known.name, &known.document, claim),
            Self::NetworkNumber(_) => PersonMatch::NOT_ON_RECORD,
        }
    }
}

/// A name and a document as somebody claims them. A field that was not given is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdentityClaim {
    /// The real name, as printed on the document.
    pub name: Option<PersonName>,
    /// The kind of document.
    pub document_type: Option<DocumentType>,
    /// The document's number.
    pub document_number: Option<DocumentNumber>,
}

/// The outcome of comparing one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldMatch {
    /// Equal after normalisation.
    Match,
    /// Different.
    Mismatch,
    /// The claim says nothing about it.
    NotProvided,
    /// Nothing is known to compare it with: the person is known by a network number alone.
    NotOnRecord,
}

impl FieldMatch {
    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Match => "MATCH",
            Self::Mismatch => "MISMATCH",
            Self::NotProvided => "NOT_PROVIDED",
            Self::NotOnRecord => "NOT_ON_RECORD",
        }
    }

    fn of<T: PartialEq>(known: &T, claimed: Option<&T>) -> Self {
        match claimed {
            None => Self::NotProvided,
            Some(claimed) if claimed == known => Self::Match,
            Some(_) => Self::Mismatch,
        }
    }
}

/// How well a claim fits a known person, field by field: the number is not the person, so one boolean would not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonMatch {
    /// The name.
    pub name: FieldMatch,
    /// The kind of document.
    pub document_type: FieldMatch,
    /// The document's number. A number of another kind of document never matches.
    pub document_number: FieldMatch,
}

impl PersonMatch {
    /// The answer about a person whose name and document were never told.
    pub const NOT_ON_RECORD: Self = Self {
        name: FieldMatch::NotOnRecord,
        document_type: FieldMatch::NotOnRecord,
        document_number: FieldMatch::NotOnRecord,
    };

    /// Compares exactly; nothing is accepted for being similar.
    pub fn compare(name: &PersonName, document: &DocumentNumber, claim: &IdentityClaim) -> Self {
        Self {
            name: FieldMatch::of(name, claim.name.as_ref()),
            document_type: FieldMatch::of(&document.document_type(), claim.document_type.as_ref()),
            document_number: FieldMatch::of(document, claim.document_number.as_ref()),
        }
    }

    /// Whether every field was given and fits.
    pub fn is_complete(self) -> bool {
        [self.name, self.document_type, self.document_number]
            .into_iter()
            .all(|field| field == FieldMatch::Match)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(text: &str) -> DocumentNumber {
        DocumentNumber::parse(DocumentType::ResidentIdentityCard, text).unwrap()
    }

    fn claim(name: &str) -> IdentityClaim {
        IdentityClaim {
            name: Some(PersonName::normalise(name).unwrap()),
            document_type: Some(DocumentType::ResidentIdentityCard),
            document_number: Some(card("11010519491231002x")),
        }
    }

    #[test]
    fn the_right_number_under_a_wrong_name_is_not_the_person() {
        let known = PersonName::normalise("样例一").unwrap();
        let outcome = PersonMatch::compare(&known, &card("11010519491231002X"), &claim("样例二"));
        assert_eq!((outcome.name, outcome.document_number), (FieldMatch::Mismatch, FieldMatch::Match));
        assert!(!outcome.is_complete());
        assert!(PersonMatch::compare(&known, &card("11010519491231002X"), &claim("样例一")).is_complete());
    }

    #[test]
    fn what_was_not_given_is_not_a_match() {
        let known = PersonName::normalise("样例一").unwrap();
        let outcome = PersonMatch::compare(&known, &card("11010519491231002X"), &IdentityClaim::default());
        assert_eq!(outcome.document_type, FieldMatch::NotProvided);
        assert!(!outcome.is_complete());
    }

    #[test]
    fn no_claim_reaches_a_log() {
        let written = format!("{:?}", claim("样例一"));
        assert!(!written.contains("样例") && !written.contains("1949"), "{written}");
    }
}
