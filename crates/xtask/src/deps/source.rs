//! Which modules of the domain a service's code names.

/// The crate of the rules.
const DOMAIN: &str = "greenroom_domain";
/// Its modules that belong to one service each; the others are for everybody.
const OWNED: [&str; 3] = ["certification", "identity", "registry"];

/// The places in a service's source where it uses another service's rules.
pub fn violations(service: &str, file: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for (offset, module) in uses(&without_comments(text)) {
        let line = text.get(..offset).unwrap_or_default().lines().count().max(1);
        if module == "as" {
            findings.push(format!("{file}:{line}: `{DOMAIN}` under another name hides which rules are used"));
        } else if OWNED.contains(&module.as_str()) && module != service {
            findings.push(format!(
                "{file}:{line}: `{DOMAIN}::{module}` are the rules of another service; {service} says what it needs in \
                 its own terms"
            ));
        }
    }
    findings
}

/// Blanks out what follows `//` on each line; offsets stay as they are. Rust's own lexer is not needed: the crate's name
/// does not occur in strings.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let kept = line.find("//").unwrap_or(line.len());
        code.push_str(line.get(..kept).unwrap_or(line));
        code.extend(
            line.get(kept..).unwrap_or_default().bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
        );
    }
    code
}

/// The first path segment after the crate's name wherever that is used, with its offset; `as` for a renamed crate.
fn uses(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (start, name) in code.match_indices(DOMAIN) {
        let after = start + name.len();
        let rest = code.get(after..).unwrap_or_default();
        let trimmed = rest.trim_start();
        if trimmed.starts_with("as ") {
            found.push((start, "as".to_owned()));
        } else if let Some(path) = trimmed.strip_prefix("::") {
            segments(path, after + rest.len() - path.len(), &mut found);
        }
    }
    found
}

/// The first segments of a path or of a `{…}` group of paths that begins at `offset`.
fn segments(path: &str, offset: usize, found: &mut Vec<(usize, String)>) {
    let trimmed = path.trim_start();
    let offset = offset + path.len() - trimmed.len();
    let Some(group) = trimmed.strip_prefix('{') else {
        found.push((offset, identifier(trimmed)));
        return;
    };
    let (mut depth, mut begun) = (0_usize, true);
    for (index, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return,
            '}' => depth -= 1,
            ',' if depth == 0 => begun = true,
            _ if begun && depth == 0 && !letter.is_whitespace() => {
                found.push((offset + 1 + index, identifier(group.get(index..).unwrap_or_default())));
                begun = false;
            }
            _ => {}
        }
    }
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_may_use_its_own_rules_and_the_common_ones() {
        let text = "use greenroom_domain::kernel::Timestamp;\nuse greenroom_domain::{occupation, registry::decide};\n";

        assert!(violations("registry", "a.rs", text).is_empty());
    }

    #[test]
    fn another_services_rules_are_reported_with_their_line() {
        let text = "use std::fmt;\nuse greenroom_domain::identity::AgeBand;\n";

        let findings = violations("registry", "services/registry/src/a.rs", text);

        assert!(
            findings[0].starts_with("services/registry/src/a.rs:2: `greenroom_domain::identity`"),
            "{findings:?}"
        );
    }

    #[test]
    fn groups_over_several_lines_are_looked_into() {
        let text = "use greenroom_domain::{\n    kernel::{Id, Timestamp},\n    certification::{\n        Certificate,\n    },\n};\n";

        let findings = violations("registry", "a.rs", text);

        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("a.rs:3:"), "{findings:?}");
    }

    #[test]
    fn a_path_in_the_middle_of_code_counts() {
        let text = "fn f() {\n    let x = greenroom_domain::identity::f();\n}\n";

        assert!(violations("certification", "a.rs", text)[0].starts_with("a.rs:2:"));
    }

    #[test]
    fn comments_may_name_what_they_like() {
        assert!(
            violations(
                "registry",
                "a.rs",
                "//! See greenroom_domain::identity.\n// 等级 greenroom_domain::identity\n"
            )
            .is_empty()
        );
    }

    #[test]
    fn the_crate_keeps_its_name() {
        assert!(
            violations("registry", "a.rs", "use greenroom_domain as rules;\n")[0].contains("another name")
        );
    }
}
