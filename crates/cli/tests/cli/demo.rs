use crate::support::{Place, bad, err, good};
use std::process::Command;

#[test]
fn the_demo_shows_all_four_outcomes_and_may_be_run_again_on_the_same_data() {
    let place = Place::new();

    let output = place.run_suite(&["demo", "--exit"]);
    let first = good(&output);
    assert!(err(&output).contains("  done  identity, certification and registry start"), "{}", err(&output));
    assert!(!first.contains("  done  "), "progress belongs on standard error");
    let second = good(&place.run_suite(&["demo", "--exit"]));

    let expected = include_str!("../../../../services/certification/data/rolls/expected.csv");
    let rows = |verdict: &str| expected.lines().filter(|row| row.split(',').nth(1) == Some(verdict)).count();
    let totals = |told: &str| -> Vec<usize> {
        let line = told.lines().find(|line| line.contains("sample.csv")).unwrap();
        line.split(['│', '┆']).filter_map(|cell| cell.trim().parse().ok()).collect()
    };
    let (good, doubtful, wrong) = (rows("CREATE"), rows("AMBIGUOUS"), rows("INVALID"));
    let all = good + doubtful + wrong;
    assert_eq!(totals(&first), [all, good, 0, 0, doubtful, wrong, 0]);
    assert_eq!(totals(&second).iter().skip(1).sum::<usize>(), all);

    for told in [&first, &second] {
        for word in
            ["ALLOW", "DENY", "NOT_YET", "UNDETERMINED", "ask again", "LEGAL", "POLICY", "CERT_REVOKED"]
        {
            assert!(told.contains(word), "`{word}` is missing in\n{told}");
        }
        for code in [
            "GUARDIAN_CONSENT_MISSING",
            "LEVEL_TOO_LOW",
            "IDENTITY_UNVERIFIED",
            "CERT_NOT_FOUND",
            "AGE_UNKNOWN",
        ] {
            assert!(told.contains(code), "`{code}` is missing in\n{told}");
        }
        assert!(told.contains("须经监护人同意") && told.contains("20 sessions"), "{told}");
    }
}

#[test]
fn the_demo_on_other_ports_finds_its_data_again() {
    let mut place = Place::new();
    good(&place.run_suite(&["demo", "--exit"]));
    place.ports = greenroom_testkit::ports::Ports::claim();

    let told = good(&place.run_suite(&["demo", "--exit"]));

    assert!(told.contains(&format!("127.0.0.1:{} greenroom.registry", place.ports.base + 2)), "{told}");
}

#[test]
fn a_demo_whose_credentials_are_gone_says_what_to_bring_back() {
    let place = Place::new();
    good(&place.run_suite(&["demo", "--exit"]));
    std::fs::remove_file(place.data().join("credentials/demo-platform.json")).unwrap();

    let said = bad(&place.run_suite(&["demo", "--exit"]));

    assert!(said.contains("demo-platform.json") && said.contains("bring the file back"), "{said}");
}

#[test]
fn the_lines_to_paste_work_while_the_demo_stays_up() {
    let place = Place::new();
    let (demo, told) = place.demo();
    let new_token = told.lines().find(|line| line.starts_with("TOKEN=$(")).unwrap();
    let call = told.lines().find(|line| line.contains(" call ")).unwrap();
    let script = format!("{new_token}\ntest -n \"$TOKEN\" && {call}");

    let answered = good(&Command::new("bash").args(["-c", &script]).output().unwrap());

    assert!(answered.contains("OUTCOME_ALLOW"), "{answered}");
    assert_eq!(demo.end_by("TERM"), Some(0));
}
