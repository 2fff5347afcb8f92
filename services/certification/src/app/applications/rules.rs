//! What a standard asks of an assessment, as the rules take it.

use crate::standards::KnownStandard;
use greenroom_domain::certification::{AssessmentPart, AssessmentRules, PartRule, RetakeTerms, Stated};
use greenroom_domain::occupation::Level;

/// What the standard asks for one level.
pub(super) fn rules(_known: &KnownStandard, level: Level) -> AssessmentRules {
    let part = |part, confirmed, minimum, odd_assessors| PartRule {
        part,
        applies: Stated { value: (), confirmed },
        pass_mark: Stated { value: 60, confirmed: false },
        minimum_assessors: Stated { value: minimum, confirmed: false },
        odd_assessors,
    };
    let mut parts =
        vec![part(AssessmentPart::Theory, true, 2, false), part(AssessmentPart::Skills, true, 3, true)];
    if level >= Level::Two {
        parts.push(part(AssessmentPart::ComprehensiveReview, true, 3, true));
    }
    let retake = RetakeTerms { attempts: 1, within_months: 12 };
    AssessmentRules { parts, retake: Some(Stated { value: retake, confirmed: false }) }
}
