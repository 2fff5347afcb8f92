//! Which fields of a resource an update means (AIP-134).

use crate::violations::Violations;
use prost_types::FieldMask;

/// The fields that change.
#[derive(Debug)]
pub struct Mask(Vec<&'static str>);

impl Mask {
    /// Reads an `update_mask`. `fields` are those that can change, each with whether the request sets it: an empty mask means
    /// every field that is set.
    pub fn read(
        given: Option<&FieldMask>,
        fields: &[(&'static str, bool)],
        violations: &mut Violations,
    ) -> Self {
        let paths = given.map(|mask| mask.paths.as_slice()).unwrap_or_default();
        if paths.is_empty() {
            return Self(fields.iter().filter(|(_, set)| *set).map(|(field, _)| *field).collect());
        }
        let mut named = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            match fields.iter().find(|(field, _)| field == path) {
                Some((field, _)) => named.push(*field),
                None => {
                    violations.add(format!("update_mask.paths[{index}]"), "is no field that can be changed");
                }
            }
        }
        Self(named)
    }

    /// Whether the field changes.
    pub fn names(&self, field: &str) -> bool {
        self.0.contains(&field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_mask_means_what_is_set_and_another_only_what_it_names() {
        let mut violations = Violations::new();
        let fields = [("display_name", true), ("roles", false)];
        let of = |paths: &[&str], violations: &mut Violations| {
            let paths = paths.iter().map(|path| (*path).to_owned()).collect();
            let mask = Mask::read(Some(&FieldMask { paths }), &fields, violations);
            (mask.names("display_name"), mask.names("roles"))
        };
        assert_eq!(of(&[], &mut violations), (true, false));
        assert_eq!(of(&["roles", "roles"], &mut violations), (false, true));
        assert!(violations.is_empty());
        of(&["state", "roles", "*"], &mut violations);
        assert_eq!(violations.len(), 2);
    }
}
