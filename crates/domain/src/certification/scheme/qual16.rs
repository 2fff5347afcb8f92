//! 职业资格证书: the certificates of professional qualification that came before the skill levels.

use super::{Century, Class, Group, Part, Pattern, Scheme};

pub(super) const PATTERN: Pattern = Pattern {
    scheme: Scheme::Qual16,
    code: "QUAL16",
    groups: &[
        Group(Part::Year, 2, Class::Digits),
        // Province or ministry, city, institution, level and serial, in groups nobody confirms.
        Group(Part::Serial, 14, Class::Digits),
    ],
    fits: |_| true,
    century: Century::Since1990,
    first_year: None,
};
