use crate::support::{Place, bad, binary, good, text, up_configured};

/// Writes the three configuration files of a suite in the place's own folder.
fn configure(place: &Place) -> std::path::PathBuf {
    let folder = place.folder.path().join("config");
    std::fs::create_dir_all(&folder).unwrap();
    let data = place.folder.path().display();
    let [identity, certification, registry] =
        [0, 1, 2].map(|more| format!("127.0.0.1:{}", place.ports.base + more));
    let files = [
        (
            "identity.toml",
            format!(
                "database_url = \"sqlite:{data}/i.db\"\nkeys_file = \"{data}/i.keys\"\n\
                 credentials_dir = \"{data}/credentials\"\nlisten = \"{identity}\"\nissuer = \"http://{identity}\"\n"
            ),
        ),
        (
            "certification.toml",
            format!(
                "database_url = \"sqlite:{data}/c.db\"\nkeys_file = \"{data}/c.keys\"\n\
                 credential_file = \"{data}/credentials/certification.json\"\nlisten = \"{certification}\"\n\
                 issuer = \"http://{identity}\"\nidentity_url = \"http://{identity}\"\n"
            ),
        ),
        (
            "registry.toml",
            format!(
                "database_url = \"sqlite:{data}/r.db\"\ncredential_file = \"{data}/credentials/registry.json\"\n\
                 listen = \"{registry}\"\nissuer = \"http://{identity}\"\nidentity_url = \"http://{identity}\"\n\
                 certification_url = \"http://{certification}\"\n"
            ),
        ),
    ];
    for (name, content) in files {
        std::fs::write(folder.join(name), content).unwrap();
    }
    folder
}

#[test]
fn a_configured_suite_runs_answers_and_is_verified() {
    let place = Place::new();
    let config = configure(&place);
    let up = up_configured(&config);
    let credential = place.folder.path().join("credentials/suite-operator.json");
    let identity = format!("http://127.0.0.1:{}", place.ports.base);

    let call = ["call", "ListOrganizations", "--address", &identity, "--identity", &identity];
    let answered = good(&place.run(&[&call[..], &["--credential", text(&credential)]].concat()));
    assert!(answered.contains("organizations/suite"), "{answered}");
    assert_eq!(up.end_by("TERM"), Some(0));

    let told = good(&binary(&["verify", "--config-dir", text(&config)]).output().unwrap());
    assert!(told.contains("as written"), "{told}");
}

#[test]
fn an_unknown_key_in_a_configuration_is_told_with_its_file() {
    let place = Place::new();
    let config = configure(&place);
    std::fs::write(config.join("registry.toml"), "colour = \"blue\"\n").unwrap();

    let said = bad(&binary(&["up", "--config-dir", text(&config)]).output().unwrap());

    assert!(said.contains("registry.toml") && said.contains("colour"), "{said}");
}
