use crate::support::{Place, bad, good, text};

/// The ids in the table, with their states.
fn listed(place: &Place) -> Vec<(String, String)> {
    let told = good(&place.run(&["keys", "list"]));
    let cells = told.lines().map(|line| line.split(['│', '┆', '|']).map(str::trim).collect::<Vec<_>>());
    let rows = cells.filter(|row| row.len() > 4 && row[1].len() == 8 && row[1] != "master k");
    rows.map(|row| (row[1].to_owned(), row[2].to_owned())).collect()
}

#[test]
fn the_master_key_of_a_running_suite_is_rotated_staged_and_kept_until_it_may_be_forgotten() {
    let place = Place::new();
    let up = place.up();
    let first = listed(&place);
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0].1, "present");

    let rotated = good(&place.run(&["keys", "rotate-master"]));
    assert!(rotated.contains("(new); 1 rows wrapped with it"), "{rotated}");
    let states: Vec<_> = listed(&place).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, ["former", "present"]);
    let said = bad(&place.run(&["keys", "forget-master", &first[0].0]));
    assert!(said.contains("too new"), "{said}");

    let staged = good(&place.run(&["keys", "rotate-master", "--stage"]));
    assert_eq!(listed(&place)[2].1, "staged");
    let id = staged.trim().strip_prefix("staged ").unwrap();
    // It was never used.
    good(&place.run(&["keys", "forget-master", id]));
    let resumed = good(&place.run(&["keys", "rotate-master", "--resume"]));
    assert!(resumed.contains("; 0 rows"), "{resumed}");

    // The service knows the new keys: it goes on, and so it does when it is started again.
    good(&place.run(&["call", "ListOrganizations"]));
    assert_eq!(up.end_by("INT"), Some(0));
    good(&place.run(&["verify"]));
    assert_eq!(place.up().end_by("INT"), Some(0));
}

#[test]
fn keys_are_those_of_the_configuration_that_is_named() {
    let place = Place::new();
    let config = place.folder.path().join("identity.toml");
    let folder = place.folder.path().display();
    let file = format!(
        "database_url = \"sqlite:{folder}/i.db\"\nkeys_file = \"{folder}/i.keys\"\ncredentials_dir = \"{folder}/c\"\n"
    );
    std::fs::write(&config, file).unwrap();

    let said = bad(&place.run(&["keys", "rotate-master", "--config", text(&config)]));

    assert!(said.contains("i.keys"), "{said}");
    assert!(!place.folder.path().join("i.db").exists(), "a rotation makes no database");
}
