//! An edition of the legal rules on the wire.

use super::optional;
use greenroom_domain::registry::{Basis, Category, CategoryNeed, Confirmation, Phrase, RuleSet};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::wire::timestamp;

/// An edition.
pub fn rules(rules: &RuleSet) -> proto::RuleSet {
    let each = rules.reasons.iter().map(|(code, of)| proto::LegalRule {
        code: super::decision::code(*code).into(),
        basis: Some(basis(of)),
    });
    proto::RuleSet {
        edition: rules.edition.clone(),
        effective_time: Some(timestamp(rules.effective_from)),
        effective_until_time: optional(rules.effective_until),
        rules: each.collect(),
        categories: rules.categories.values().map(category).collect(),
    }
}

fn category(category: &Category) -> proto::ProductCategory {
    let needs = category.needs.iter().map(|(need, of)| proto::CategoryNeed {
        kind: kind(need).into(),
        qualification_domain: match need {
            CategoryNeed::Qualification(domain) => domain.to_string(),
            _ => String::new(),
        },
        basis: Some(basis(of)),
    });
    proto::ProductCategory {
        category: category.id.to_string(),
        display_name: Some(phrase(&category.name)),
        needs: needs.collect(),
    }
}

fn basis(basis: &Basis) -> proto::LegalBasis {
    let confirmation = match basis.confirmation {
        Confirmation::Confirmed => proto::RuleConfirmation::Confirmed,
        Confirmation::Unconfirmed => proto::RuleConfirmation::Unconfirmed,
    };
    proto::LegalBasis {
        text: Some(phrase(&basis.text)),
        source: basis.source.clone(),
        confirmation: confirmation.into(),
        in_force_time: optional(basis.in_force_from),
    }
}

fn phrase(phrase: &Phrase) -> proto::LocalizedText {
    proto::LocalizedText { en: phrase.english.clone(), zh: phrase.chinese.clone() }
}

const fn kind(need: &CategoryNeed) -> proto::CategoryNeedKind {
    match need {
        CategoryNeed::Licence => proto::CategoryNeedKind::Licence,
        CategoryNeed::Qualification(_) => proto::CategoryNeedKind::Qualification,
        CategoryNeed::InstitutionStaff => proto::CategoryNeedKind::InstitutionStaff,
        CategoryNeed::NoEndorsement => proto::CategoryNeedKind::NoEndorsement,
        CategoryNeed::NotLive => proto::CategoryNeedKind::NotLive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_told_with_its_codes_and_names() {
        let book = crate::rules::built_in().unwrap();
        for edition in book.editions() {
            let told = rules(edition);
            assert_eq!(told.rules.len(), edition.reasons.len());
            let needs = edition.categories.values().flat_map(|category| &category.needs);
            let said = told.categories.iter().flat_map(|category| &category.needs);
            for ((need, _), said) in needs.zip(said) {
                assert_eq!(said.kind().as_str_name(), format!("CATEGORY_NEED_KIND_{}", need.code()));
            }
        }
    }
}
