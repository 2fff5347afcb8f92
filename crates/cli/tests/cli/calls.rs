use crate::support::{Place, bad, good, text};
use serde_json::Value;

#[test]
fn a_token_and_calls_of_every_kind_work_on_a_running_suite() {
    let place = Place::new();
    let up = place.up();

    let token =
        good(&place.run(&["token", "--audience", "greenroom-identity", "--scope", "organizations.read"]));
    assert_eq!(token.trim().split('.').count(), 3, "{token}");
    assert_eq!(token.lines().count(), 1);

    let listed: Value = serde_json::from_str(&good(&place.run(&["call", "ListOrganizations"]))).unwrap();
    assert_eq!(listed["organizations"][0]["name"], "organizations/suite");

    let keys: Value = serde_json::from_str(&good(&place.run(&["call", "ListSigningKeys"]))).unwrap();
    assert!(keys["jwks"].as_str().unwrap().contains("OKP"));

    let standards = good(&place.run(&["standard", "list"]));
    assert!(standards.contains("standards/internet-marketer-2021") && standards.contains("live-salesperson"));
    let shown = good(&place.run(&["standards", "show", "internet-marketer-2021"]));
    for told in [
        "直播销售员",
        "120 h",
        "1-experienced",
        "COMPREHENSIVE_REVIEW",
        "60 of 100 (unconfirmed)",
        "within 12 months",
    ] {
        assert!(shown.contains(told), "{told} not in {shown}");
    }
    let said = bad(&place.run(&["standard", "show", "nothing"]));
    assert!(said.contains("NOT_FOUND STANDARD_NOT_FOUND"), "{said}");

    let said = bad(&place.run(&["call", "GetIssuer", r#"{"name":"issuers/nobody"}"#]));
    assert!(said.contains("NOT_FOUND ISSUER_NOT_FOUND") && said.contains("issuer = "), "{said}");

    let said = bad(&place.run(&["call", "CreateOrganization", r#"{"organization_id":"NO!"}"#]));
    assert!(
        said.contains("INVALID_ARGUMENT FIELDS_INVALID") && said.contains("field organization_id"),
        "{said}"
    );

    let said = bad(&place.run(&["call", "PlanRollImport"]));
    assert!(said.contains("greenroom import"), "{said}");

    assert_eq!(up.end_by("INT"), Some(0));
}

#[test]
fn a_roll_is_planned_shown_and_applied() {
    let place = Place::new();
    good(&place.run_suite(&["demo", "--exit"]));
    let roll = place.folder.path().join("roll.csv");
    let rows = "name,document_type,document_number,job_type,level,certificate_number,issue_date\n\
                演示·一,护照,X7654321,直播销售员,四级/中级工,S000033DEMO01244700001,2024-06-03\n\
                演示·二,护照,X7654322,直播销售员,三级/高级工,S000033DEMO01244700002,2024-06-03\n";
    std::fs::write(&roll, rows).unwrap();
    let up = place.up();
    let import = ["import", text(&roll), "--issuer", "issuers/demo-academy"];
    let credential = place.data().join("credentials/demo-academy.json");
    let with = |more: &[&str]| place.run(&[&import, more, &["--credential", text(&credential)]].concat());

    let planned = good(&with(&["--zh"]));
    assert!(planned.contains("LEVEL_CONFLICT") && planned.contains("digest"), "{planned}");
    assert!(bad(&with(&["--apply"])).contains("--yes"));
    let applied = good(&with(&["--apply", "--yes"]));
    assert!(applied.contains("applied"), "{applied}");

    assert_eq!(up.end_by("INT"), Some(0));
}

/// Whatever the answer is: the method is found, the call carries a token where one is asked for, and a refusal is told.
#[test]
fn every_method_that_is_listed_can_be_called() {
    let place = Place::new();
    let up = place.up();
    let listed = good(&place.run(&["list"]));
    let methods =
        listed.lines().filter(|line| line.starts_with(' ')).filter_map(|line| line.split_whitespace().next());
    // Those that watch do not end.
    let methods: Vec<_> =
        methods.filter(|name| !name.contains(".Watch") && !name.contains("PlanRollImport")).collect();
    assert!(methods.len() > 60, "{listed}");
    for method in methods {
        let output = place.run(&["call", method]);
        if output.status.success() {
            serde_json::from_str::<Value>(&good(&output)).unwrap();
            continue;
        }
        let said = bad(&output);
        assert!(said.contains(method.split('.').nth(1).unwrap()), "{method}: {said}");
        assert!(!said.contains("TOKEN_MISSING"), "{method}: {said}");
    }
    assert_eq!(up.end_by("INT"), Some(0));
}
