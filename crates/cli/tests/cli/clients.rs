use crate::support::{Place, bad, good, text};
use std::os::unix::fs::PermissionsExt as _;

const ORGANIZATION: &str = r#"{"organization_id":"acme","organization":{"display_name":"Acme","roles":["ORGANIZATION_ROLE_PLATFORM"]}}"#;

#[test]
fn credentials_are_made_used_changed_and_shown_before_they_end() {
    let place = Place::new();
    let up = place.up();
    good(&place.run(&["call", "CreateOrganization", ORGANIZATION]));
    let file = place.folder.path().join("acme.json");
    let create =
        ["client", "create", "acme-backend", "--display-name", "Acme backend", "--scope", "clients.read"];
    let key_out = ["--organization", "organizations/acme", "--ends-in", "10d", "--key-out", text(&file)];

    good(&place.run(&[&create[..], &key_out].concat()));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let own = ["call", "ListClients", "--credential", text(&file)];
    assert!(good(&place.run(&own)).contains("clients/acme-backend"));
    let before = std::fs::read(&file).unwrap();
    assert!(bad(&place.run(&[&create[..], &key_out].concat())).contains("there already"));
    assert_eq!(std::fs::read(&file).unwrap(), before);

    let ending = good(&place.run(&["clients", "ending"]));
    assert!(ending.contains("clients/acme-backend") && ending.contains("PUBLIC_KEY"), "{ending}");
    assert!(!good(&place.run(&["client", "ending", "--within", "5d"])).contains("acme-backend"));

    // A credential of another client is never written over.
    let rotate = ["client", "rotate-secret", "acme-backend", "--out"];
    let operator = place.data().join("credentials/suite-operator.json");
    let said = bad(&place.run(&[&rotate[..], &[text(&operator)]].concat()));
    assert!(said.contains("another client, `suite-operator`"), "{said}");
    // Nor the only copy of a private key.
    let said = bad(&place.run(&[&rotate[..], &[text(&file)]].concat()));
    assert!(said.contains("holds the private key of `acme-backend`"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    // A key is not made pointless by a secret nobody asked for.
    let secret = place.folder.path().join("secret.json");
    let said = bad(&place.run(&[&rotate[..], &[text(&secret)]].concat()));
    assert!(said.contains("has no secret to rotate") && !secret.exists(), "{said}");
    let told = good(&place.run(&[&rotate[..], &[text(&secret), "--first"]].concat()));
    assert_eq!(told.trim(), format!("clients/acme-backend {}", text(&secret)));
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    let own = ["call", "ListClients", "--credential", text(&secret)];
    assert!(good(&place.run(&own)).contains("clients/acme-backend"));
    assert_eq!(up.end_by("INT"), Some(0));
}

#[test]
fn a_key_is_followed_by_the_next_and_a_client_may_begin_with_a_secret() {
    let place = Place::new();
    let up = place.up();
    good(&place.run(&["call", "CreateOrganization", ORGANIZATION]));
    let files = ["first", "next", "till"].map(|name| place.folder.path().join(format!("{name}.json")));
    let [first, next, till] = files.each_ref().map(|file| text(file));
    let create =
        |id| ["client", "create", id, "--organization", "organizations/acme", "--display-name", "Acme"];
    let scope = ["--scope", "clients.read"];

    good(&place.run(&[&create("backend")[..], &scope, &["--key-out", first]].concat()));
    good(&place.run(&["client", "rotate-key", "clients/backend", "--key-out", next, "--ends-in", "90d"]));
    good(&place.run(&[&create("till")[..], &scope, &["--secret-out", till]].concat()));
    for file in [first, next, till] {
        let own = good(&place.run(&["call", "ListClients", "--credential", file]));
        assert!(own.contains("clients/backend"), "{own}");
    }
    assert_eq!(up.end_by("INT"), Some(0));
}

#[test]
fn a_client_that_is_refused_leaves_no_credential_behind() {
    let place = Place::new();
    let up = place.up();
    let file = place.folder.path().join("acme.json");
    let create = ["client", "create", "acme", "--display-name", "Acme", "--scope", "clients.read"];

    let key_out = ["--organization", "organizations/nobody", "--key-out", text(&file)];
    let said = bad(&place.run(&[&create[..], &key_out].concat()));

    assert!(said.contains("ORGANIZATION_NOT_FOUND"), "{said}");
    assert!(!file.exists());
    assert_eq!(up.end_by("INT"), Some(0));
}
