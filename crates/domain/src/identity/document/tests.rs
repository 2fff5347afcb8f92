use super::*;

fn faults_of(document_type: DocumentType, text: &str) -> Vec<DocumentFault> {
    DocumentNumber::parse(document_type, text).err().unwrap_or_default()
}

#[test]
fn the_sample_numbers_of_each_kind_are_well_formed() {
    for (document_type, text) in [
        (DocumentType::ResidentIdentityCard, "11010519491231002X"),
        (DocumentType::HongKongMacaoResidencePermit, "810000190001010018"),
        (DocumentType::HongKongMacaoResidencePermit, "82000019000101001X"),
        (DocumentType::TaiwanResidencePermit, "830000190001010011"),
        (DocumentType::ForeignPermanentResidentCard, "911840190001010017"),
        (DocumentType::ForeignPermanentResidentCardOld, "USA110000010101"),
        (DocumentType::Passport, "E12345678"),
        (DocumentType::TravelPermit, "H1234567801"),
    ] {
        assert_eq!(faults_of(document_type, text), [], "{}", document_type.code());
    }
}

#[test]
fn an_unassigned_address_code_is_no_fault() {
    assert_eq!(faults_of(DocumentType::ResidentIdentityCard, "00000020050101001X"), []);
}

#[test]
fn the_same_number_written_otherwise_is_the_same() {
    let plain = DocumentNumber::parse(DocumentType::ResidentIdentityCard, "11010519491231002X").unwrap();
    let copied =
        DocumentNumber::parse(DocumentType::ResidentIdentityCard, " １１０105-19491231 002ｘ").unwrap();
    assert_eq!(plain, copied);
    assert_eq!(copied.expose(), "11010519491231002X");
}

#[test]
fn a_fault_is_told_in_both_languages_without_any_digit_of_the_number() {
    let fault = DocumentFault::Length { found: 10, shortest: 18, longest: 18 };
    assert_eq!(fault.to_string(), "the number has 10 characters, 18 are expected");
    assert_eq!(fault.chinese(), "证件号码为10位，应为18位");
}

#[test]
fn every_fault_is_told_at_once() {
    assert_eq!(
        faults_of(DocumentType::TaiwanResidencePermit, "110105194913310020"),
        [DocumentFault::Prefix, DocumentFault::BirthDate, DocumentFault::CheckDigit]
    );
    assert_eq!(
        faults_of(DocumentType::ResidentIdentityCard, "9X01051949"),
        [
            DocumentFault::Length { found: 10, shortest: 18, longest: 18 },
            DocumentFault::Character,
            DocumentFault::Prefix
        ]
    );
    assert_eq!(faults_of(DocumentType::Passport, " - "), [DocumentFault::Empty]);
}

#[test]
fn any_single_changed_character_is_noticed() {
    let text = "11010519491231002X";
    for place in 0..text.len() {
        for digit in '0'..='9' {
            let mut changed: Vec<char> = text.chars().collect();
            if changed[place] == digit {
                continue;
            }
            changed[place] = digit;
            let changed: String = changed.into_iter().collect();
            assert!(!faults_of(DocumentType::ResidentIdentityCard, &changed).is_empty(), "{changed}");
        }
    }
}

#[test]
fn a_number_of_one_kind_does_not_pass_for_another() {
    assert_eq!(faults_of(DocumentType::ResidentIdentityCard, "810000190001010018"), [DocumentFault::Prefix]);
    assert_eq!(
        faults_of(DocumentType::ForeignPermanentResidentCard, "11010519491231002X"),
        [DocumentFault::Prefix]
    );
}

#[test]
fn the_birth_date_is_read_where_the_number_carries_one() {
    let card = DocumentNumber::parse(DocumentType::ResidentIdentityCard, "11010519491231002X").unwrap();
    assert_eq!(card.birth_date().map(|birth| birth.expose().to_string()).as_deref(), Some("1949-12-31"));
    let passport = DocumentNumber::parse(DocumentType::Passport, "E12345678").unwrap();
    assert!(passport.birth_date().is_none());
}

#[test]
fn no_digit_of_a_number_reaches_a_log() {
    let number = DocumentNumber::parse(DocumentType::ResidentIdentityCard, "11010519491231002X").unwrap();
    assert_eq!(format!("{number:?}"), "DocumentNumber(RESIDENT_IDENTITY_CARD, redacted)");
    assert!(!format!("{:?}", number.birth_date()).contains("1949"));
}

#[test]
fn characters_beyond_ascii_are_a_fault_and_no_panic() {
    assert!(
        faults_of(DocumentType::ResidentIdentityCard, "一一〇一〇五一九四九一二三一〇〇二X")
            .contains(&DocumentFault::Character)
    );
    assert!(
        faults_of(DocumentType::ForeignPermanentResidentCardOld, "ÄÖÜ110000010101")
            .contains(&DocumentFault::Character)
    );
}

#[test]
fn codes_lead_back_to_their_values() {
    for document_type in DocumentType::ALL {
        assert_eq!(DocumentType::from_code(document_type.code()), Some(document_type));
    }
}
