//! What a standard asks of an assessment, as the rules take it.

use greenroom_domain::certification::{
    AssessmentRules, Assessors, Confirmation, Parity, PartRule, PartRules, RetakeTerms, Sourced,
    StandardText, Stated,
};
use greenroom_domain::occupation::Level;

/// What the standard asks for one level. None where it tells no part, or no pass mark of one: nothing can be concluded.
pub(super) fn rules(text: &StandardText, level: Level) -> Option<AssessmentRules> {
    let parts: Option<Vec<PartRule>> = text.parts_of(level).map(part).collect();
    let retake = text.retake.as_ref().map(|rule| {
        let terms = RetakeTerms { attempts: rule.value.attempts, within_months: rule.value.within_months };
        stated(rule, terms)
    });
    parts.filter(|parts| !parts.is_empty()).map(|parts| AssessmentRules { parts, retake })
}

fn part(rules: &PartRules) -> Option<PartRule> {
    let pass_mark = rules.pass_mark.as_ref()?;
    // Somebody assesses, also where the standard does not tell how many.
    let (assessors, confirmed) = match &rules.assessors {
        Some(told) => (told.value, told.confirmation == Confirmation::Confirmed),
        None => (Assessors { minimum: 1, parity: Parity::Any }, false),
    };
    Some(PartRule {
        part: rules.part,
        applies: stated(&rules.levels, ()),
        pass_mark: stated(pass_mark, pass_mark.value),
        minimum_assessors: Stated { value: assessors.minimum, confirmed },
        odd_assessors: assessors.parity == Parity::Odd,
    })
}

fn stated<T, V>(source: &Sourced<T>, value: V) -> Stated<V> {
    Stated { value, confirmed: source.confirmation == Confirmation::Confirmed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::Standards;
    use greenroom_domain::certification::AssessmentPart;
    use greenroom_domain::kernel::StandardId;

    #[test]
    fn the_comprehensive_review_is_for_the_two_highest_levels_alone() {
        let standards = Standards::load(None).unwrap();
        let known = standards.get(&StandardId::try_new("internet-marketer-2021").unwrap()).unwrap();
        for (level, review) in [
            (Level::Five, false),
            (Level::Four, false),
            (Level::Three, false),
            (Level::Two, true),
            (Level::One, true),
        ] {
            let rules = rules(&known.text, level).unwrap();
            assert_eq!(rules.part(AssessmentPart::ComprehensiveReview).is_some(), review, "{level:?}");
            assert!(rules.part(AssessmentPart::Theory).is_some_and(|rule| rule.applies.confirmed));
        }
        assert!(rules(&known.text, Level::Chief).is_none(), "nothing is told of it");
    }
}
