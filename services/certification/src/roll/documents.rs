//! Kinds of documents as rolls name them.

use greenroom_proto::identity::v1::DocumentType;

/// What people write for each kind. The names of old travel permits lead to one kind, as the identity service has it.
const NAMES: &[(&str, DocumentType)] = &[
    ("居民身份证", DocumentType::ResidentIdentityCard),
    ("身份证", DocumentType::ResidentIdentityCard),
    ("二代身份证", DocumentType::ResidentIdentityCard),
    ("港澳居民居住证", DocumentType::HongKongMacaoResidencePermit),
    ("台湾居民居住证", DocumentType::TaiwanResidencePermit),
    ("外国人永久居留身份证", DocumentType::ForeignPermanentResidentCard),
    ("外国人永久居留身份证(旧版)", DocumentType::ForeignPermanentResidentCardOld),
    ("护照", DocumentType::Passport),
    ("通行证", DocumentType::TravelPermit),
    ("港澳居民来往内地通行证", DocumentType::TravelPermit),
    ("回乡证", DocumentType::TravelPermit),
    ("台湾居民来往大陆通行证", DocumentType::TravelPermit),
    ("台胞证", DocumentType::TravelPermit),
];

/// The kind of document a roll names: in Chinese, or by the contract's name of it.
pub fn document_type_of(text: &str) -> Option<DocumentType> {
    let plain: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let chinese = NAMES.iter().find(|(name, _)| *name == plain).map(|(_, kind)| *kind);
    chinese.or_else(|| {
        let name = plain.to_ascii_uppercase();
        let kind = DocumentType::from_str_name(&format!("DOCUMENT_TYPE_{name}"));
        kind.filter(|kind| *kind != DocumentType::Unspecified)
    })
}

/// The ASCII character a full-width form stands for.
fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_chinese_names_and_the_contracts() {
        assert_eq!(document_type_of(" 居民身份证"), Some(DocumentType::ResidentIdentityCard));
        assert_eq!(
            document_type_of("外国人永久居留身份证(旧版)"),
            Some(DocumentType::ForeignPermanentResidentCardOld)
        );
        assert_eq!(document_type_of("passport"), Some(DocumentType::Passport));
        assert_eq!(document_type_of("军官证"), None);
        assert_eq!(document_type_of("unspecified"), None);
    }
}
