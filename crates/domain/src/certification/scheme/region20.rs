//! An earlier or provincial scheme, seen in the wild.

use super::{Century, Class, Group, LEVELS, Part, Pattern, Scheme};

pub(super) const PATTERN: Pattern = Pattern {
    scheme: Scheme::Region20,
    code: "REGION20",
    groups: &[
        Group(Part::Mark, 1, Class::OneOf("R")),
        // Filed with the ministry, a province, a city or a county.
        Group(Part::FilingRoute, 1, Class::OneOf("GSCX")),
        // N employer, W third party.
        Group(Part::IssuerClass, 1, Class::OneOf("NW")),
        Group(Part::Province, 2, Class::Digits),
        Group(Part::Place, 4, Class::Digits),
        // Another numbering than that of LEVEL22.
        Group(Part::IssuerCode, 3, Class::Digits),
        Group(Part::Year, 2, Class::Digits),
        Group(Part::Level, 1, LEVELS),
        Group(Part::Serial, 5, Class::Digits),
    ],
    fits: |_| true,
    century: Century::Twenties,
    first_year: Some(2019),
};
