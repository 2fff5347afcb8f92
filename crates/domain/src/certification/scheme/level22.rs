//! 职业技能等级证书: the present scheme of skill level certificates.

use super::{Century, Class, Group, LEVELS, Part, Pattern, Scheme};

pub(super) const PATTERN: Pattern = Pattern {
    scheme: Scheme::Level22,
    code: "LEVEL22",
    groups: &[
        // Y 用人单位 (employer), S 社会培训评价组织 (social organisation).
        Group(Part::IssuerClass, 1, Class::OneOf("YS")),
        // 0000 for those that a province filed first.
        Group(Part::IssuerCode, 4, Class::Digits),
        Group(Part::Province, 2, Class::Digits),
        // Set by the province; the published example has letters here.
        Group(Part::Site, 6, Class::Alphanumeric),
        Group(Part::Year, 2, Class::Digits),
        Group(Part::Level, 1, LEVELS),
        Group(Part::Serial, 6, Class::Digits),
    ],
    fits: |_| true,
    century: Century::Twenties,
    // The occupation itself was announced in July 2020.
    first_year: Some(2019),
};
