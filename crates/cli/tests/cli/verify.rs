use crate::support::{Place, bad, good, out};
use sqlx::{Connection as _, SqliteConnection};

/// Changes a database behind the suite's back.
fn tamper(place: &Place, service: &str, statement: &'static str) {
    let url = format!("sqlite:{}", place.data().join(format!("{service}.db")).display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let done = sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        assert!(done.rows_affected() > 0, "nothing was changed");
        connection.close().await.unwrap();
    });
}

#[test]
fn what_the_demo_left_behind_is_verified_and_a_changed_byte_is_found() {
    let place = Place::new();
    good(&place.run_suite(&["demo", "--exit"]));

    let told = good(&place.run(&["verify"]));
    for service in ["identity", "certification", "registry"] {
        assert!(told.contains(service), "{told}");
    }

    tamper(&place, "certification", LEVEL_RAISED);
    let output = place.run(&["verify"]);
    let said = bad(&output);
    assert!(said.contains("certification") && said.contains("certificates/"), "{said}\n{}", out(&output));
}

#[test]
fn an_event_that_was_changed_is_named_by_its_number() {
    let place = Place::new();
    assert_eq!(place.up().end_by("INT"), Some(0));

    tamper(&place, "identity", EVENT_CHANGED);

    let said = bad(&place.run(&["verify"]));
    assert!(said.contains("identity") && said.contains("event 2"), "{said}");
}

#[test]
fn a_folder_without_a_suite_is_not_called_good() {
    let place = Place::new();

    let said = bad(&place.run(&["verify"]));

    assert!(said.contains("identity.db"), "{said}");
    assert!(!place.data().join("identity.db").exists());
}

/// The smallest lie: level 4 becomes level 1.
const LEVEL_RAISED: &str = "UPDATE certificates SET level = 'LEVEL_1' WHERE id = (SELECT MIN(id) FROM certificates WHERE level = 'LEVEL_4')";
/// One byte of one event.
const EVENT_CHANGED: &str = "UPDATE feed_events SET payload = X'00' || SUBSTR(payload, 2) WHERE seq = 2";
