//! Versions and features live in the root manifest, so that there is one build of every dependency.

/// The dependency lines of a package's manifest that say more than `name.workspace = true`.
pub fn violations(path: &str, manifest: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut inside = false;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        let wrong = match section(line) {
            Some(name) => {
                inside = name.ends_with("dependencies");
                // `[dependencies.name]` is the long form.
                name.contains("dependencies.")
            }
            None => inside && !line.is_empty() && !line.starts_with('#') && !is_inherited(line),
        };
        if wrong {
            findings.push(format!(
                "{path}:{}: write `name.workspace = true` here, and version and features in the root manifest",
                index + 1
            ));
        }
    }
    findings
}

fn section(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

fn is_inherited(line: &str) -> bool {
    line.split_once('=')
        .is_some_and(|(name, value)| name.trim_end().ends_with(".workspace") && value.trim() == "true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inherited_dependencies_are_fine() {
        let manifest = "[package]\nname = \"a\"\n[dependencies]\n# why\ntokio.workspace = true\n\n[dev-dependencies]\n\
                        proptest.workspace = true\n[lints]\nworkspace = true\n";

        assert!(violations("a/Cargo.toml", manifest).is_empty());
    }

    #[test]
    fn versions_and_features_of_a_package_of_its_own_are_reported() {
        let manifest = "[dependencies]\nserde = \"1\"\ntokio = { workspace = true, features = [\"fs\"] }\n\
                        [dependencies.toml]\nworkspace = true\n";

        let findings = violations("a/Cargo.toml", manifest);

        let places: Vec<_> = findings.iter().map(|it| it.split(": ").next().unwrap()).collect();
        assert_eq!(places, ["a/Cargo.toml:2", "a/Cargo.toml:3", "a/Cargo.toml:4"]);
    }
}
