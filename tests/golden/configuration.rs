//! The example configurations are complete and are accepted.

use greenroom_tests::with_tls;

/// Every key and section that stands in a file, switched on or as a comment.
fn keys(text: &'static str) -> Vec<&'static str> {
    let lines = text.lines().map(|line| line.trim_start_matches("# "));
    let section = |line: &'static str| {
        let many = line.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
        many.or_else(|| line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')))
    };
    lines
        .filter_map(|line| line.split_once(" = ").map(|(key, _)| key).or_else(|| section(line)))
        .filter(|key| !key.contains(' '))
        .collect()
}

/// The public fields of the structures in a source file.
fn fields(source: &str) -> Vec<&str> {
    let fields = source.lines().filter_map(|line| line.strip_prefix("    pub "));
    let fields = fields.filter_map(|line| line.split_once(": ").map(|(field, _)| field));
    fields.filter(|field| !field.contains('(')).collect()
}

#[test]
fn the_example_configurations_are_accepted() {
    let identity: greenroom_identity::Config =
        toml::from_str(include_str!("../../deploy/config/identity.toml")).unwrap();
    identity.check().unwrap();
    let certification: greenroom_certification::Config =
        toml::from_str(include_str!("../../deploy/config/certification.toml")).unwrap();
    certification.check().unwrap();
    let registry: greenroom_registry::Config =
        toml::from_str(include_str!("../../deploy/config/registry.toml")).unwrap();
    registry.check().unwrap();
}

/// An example with one of its sections of sources switched on, and how many lines that has. The section is a comment: there
/// is none by default.
fn with_source(example: &str, section: &str) -> (String, usize) {
    let (before, rest) = example.split_once(&format!("# [[{section}]]")).unwrap();
    let (own, after) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let on = |line: &&str| line.contains(" = ") || line.starts_with('[');
    let lines: Vec<&str> = own.lines().filter_map(|line| line.strip_prefix("# ").filter(on)).collect();
    (format!("{before}{after}\n[[{section}]]\n{}", lines.join("\n")), lines.len())
}

#[test]
fn the_example_of_a_certificate_source_is_accepted_and_shows_every_key() {
    let example = include_str!("../../deploy/config/certification.toml");
    let (text, lines) = with_source(example, "certificate_sources");
    let certification: greenroom_certification::Config = toml::from_str(&text).unwrap();
    certification.check().unwrap();
    let shown = certification.certificate_sources.first().unwrap();
    assert_eq!(lines, 14);
    let mut expected =
        greenroom_certification::CertificateSource::new("lookup", "http://127.0.0.1:7300", "registrar");
    expected.common.validity_days = Some(180);
    expected.common.recheck_lead_days = Some(14);
    expected.common.client_tls.clone_from(&shown.common.client_tls);
    assert!(
        shown.common.client_tls.as_ref().is_some_and(|tls| tls.ca.is_some() && tls.private_key.is_some())
    );
    assert_eq!(*shown, expected);
}

#[test]
fn the_example_of_a_proofing_source_is_accepted_and_shows_every_key() {
    let (text, lines) = with_source(include_str!("../../deploy/config/identity.toml"), "proofing_sources");
    let identity: greenroom_identity::Config = toml::from_str(&text).unwrap();
    identity.check().unwrap();
    let shown = identity.proofing_sources.first().unwrap();
    assert_eq!(lines, 12);
    let usual = greenroom_identity::ProofingSource::new("police", "http://127.0.0.1:7200");
    let (validity_days, recheck_lead_days) = (Some(180), Some(14));
    let client_tls = shown.client_tls.clone();
    assert!(client_tls.as_ref().is_some_and(|tls| tls.ca.is_some() && tls.private_key.is_some()));
    let expected =
        greenroom_identity::ProofingSource { validity_days, recheck_lead_days, client_tls, ..usual };
    assert_eq!(*shown, expected);
}

/// A key that no example shows is a key nobody finds.
#[test]
fn the_example_configurations_show_every_key() {
    let pairs = [
        (
            include_str!("../../deploy/config/identity.toml"),
            include_str!("../../services/identity/src/config.rs"),
        ),
        (
            include_str!("../../deploy/config/certification.toml"),
            include_str!("../../services/certification/src/config.rs"),
        ),
        (
            include_str!("../../deploy/config/registry.toml"),
            include_str!("../../services/registry/src/config.rs"),
        ),
    ];
    let sections = fields(include_str!("../../crates/rpc/src/tls/mod.rs"));
    assert!(sections.len() > 6, "{sections:?}");
    for (example, source) in pairs {
        let (own, shown) = (fields(source), keys(example));
        assert!(own.len() > 5, "{own:?}");
        let server_side: Vec<&str> = if own.contains(&"client_tls") {
            sections.clone()
        } else {
            sections.iter().copied().filter(|field| *field != "ca").collect()
        };
        for field in own.iter().chain(&server_side) {
            assert!(shown.contains(field), "the example does not show `{field}`");
        }
    }
}

#[test]
fn the_example_configurations_are_accepted_with_tls_as_well() {
    let text = with_tls(include_str!("../../deploy/config/identity.toml"));
    let identity: greenroom_identity::Config = toml::from_str(&text).unwrap();
    assert!(identity.tls.unwrap().client_ca.is_some());
    let text = with_tls(include_str!("../../deploy/config/certification.toml"));
    let certification: greenroom_certification::Config = toml::from_str(&text).unwrap();
    assert!(certification.tls.unwrap().client_ca.is_some());
    assert!(certification.client_tls.unwrap().private_key.is_some());
    let text = with_tls(include_str!("../../deploy/config/registry.toml"));
    let registry: greenroom_registry::Config = toml::from_str(&text).unwrap();
    assert!(registry.tls.unwrap().client_ca.is_some());
    assert!(registry.client_tls.unwrap().private_key.is_some());
}

/// `cargo run` is the README's first command.
#[test]
fn cargo_run_is_the_operators_tool() {
    let manifest: toml::Table = toml::from_str(include_str!("../../Cargo.toml")).unwrap();
    let members = manifest["workspace"]["default-members"].as_array().unwrap();
    assert_eq!(members.iter().map(|member| member.as_str().unwrap()).collect::<Vec<_>>(), ["crates/cli"]);
}
