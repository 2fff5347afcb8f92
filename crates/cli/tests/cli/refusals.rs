use crate::support::{Place, bad, binary, text};
use std::net::TcpListener;

#[test]
fn a_taken_port_is_told_with_the_way_out_and_leaves_nothing_half_made() {
    let place = Place::new();
    let taken = place.ports.base + 1;
    let _other = TcpListener::bind(("127.0.0.1", taken)).unwrap();

    let said = bad(&place.run_suite(&["demo", "--exit"]));

    assert!(said.contains(&format!("port {taken}")) && said.contains("--port-base"), "{said}");
    assert!(!place.data().join("identity.db").exists());
}

#[test]
fn a_file_in_place_of_the_data_folder_is_told_by_name() {
    let place = Place::new();
    std::fs::write(place.data(), "").unwrap();

    let said = bad(&place.run_suite(&["up"]));

    assert!(said.contains(text(&place.data())) && said.contains("--data-dir"), "{said}");
}

#[test]
fn a_folder_in_use_is_refused_with_the_port_of_its_user() {
    let place = Place::new();
    let up = place.up();

    let said = bad(&place.run_suite(&["demo", "--exit"]));

    assert!(said.contains("already runs") && said.contains(&place.ports.base.to_string()), "{said}");
    assert_eq!(up.end_by("INT"), Some(0));
}

#[test]
fn a_folder_without_its_keys_is_refused_by_name() {
    let place = Place::new();
    assert_eq!(place.up().end_by("INT"), Some(0));
    std::fs::remove_file(place.data().join("identity.keys")).unwrap();

    let said = bad(&place.run_suite(&["up"]));

    assert!(said.contains("identity.keys"), "{said}");
}

#[test]
fn without_a_suite_a_token_is_refused_with_the_way_to_start_one() {
    let place = Place::new();

    let said = bad(&place.run(&["token", "--audience", "greenroom-registry"]));

    assert!(said.contains("suite-operator.json") && said.contains("greenroom up"), "{said}");
}

#[test]
fn a_suite_that_does_not_run_is_told_as_such() {
    let place = Place::new();
    assert_eq!(place.up().end_by("TERM"), Some(0));

    let said = bad(&place.run(&["call", "ListOrganizations"]));

    assert!(said.contains("UNAVAILABLE") && said.contains("is the suite running?"), "{said}");
}

#[test]
fn wrong_json_is_told_with_the_place() {
    let said = bad(&binary(&["call", "CheckPermission", "{\"streamer\":1}"]).output().unwrap());

    assert!(said.contains("line 1 column") && said.contains("describe CheckPermission"), "{said}");
}

#[test]
fn a_folder_without_a_credential_is_refused_by_name() {
    for client in ["certification", "suite-operator"] {
        let place = Place::new();
        assert_eq!(place.up().end_by("INT"), Some(0));
        let file = place.data().join(format!("credentials/{client}.json"));
        std::fs::remove_file(&file).unwrap();

        let said = bad(&place.run_suite(&["demo", "--exit"]));

        assert!(said.contains(text(&file)) && said.contains("restore it"), "{said}");
    }
}
