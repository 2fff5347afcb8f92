//! Real programs, and clients that other people wrote.

use super::suite::{Demo, call, outside, script, services_alone};
use serde_json::{Value, json};
use std::process::Command;

/// What a command printed, if it succeeded.
fn output(command: &mut Command) -> String {
    let done = command.output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{command:?}\n{text}\n{}", String::from_utf8_lossy(&done.stderr));
    text
}

#[test]
fn the_demo_ends_by_itself_on_a_signal_and_a_process_for_each_service_takes_over_its_data() {
    let demo = Demo::start();
    let streamer = demo.streamer();
    let before = demo.check(&streamer);
    assert_eq!(before["decision"]["outcome"], "OUTCOME_ALLOW");
    let (folder, ports) = demo.stop();
    let base = ports.base;

    let services = services_alone(folder.path(), base, "");
    let after = call(
        folder.path(),
        base,
        "demo-platform",
        "PermissionService.CheckPermission",
        &json!({"streamer": streamer}),
    );
    assert_eq!(after["decision"]["outcome"], "OUTCOME_ALLOW");
    assert_eq!(after["decision"]["verifiedLevel"], before["decision"]["verifiedLevel"]);
    for service in services {
        service.terminate();
    }
}

#[test]
fn outside_grpcurl_of_2022_lists_describes_and_calls_with_the_lines_the_demo_prints() {
    let demo = Demo::start();
    let lines = demo.pasted("grpcurl ");
    assert!(lines.len() >= 4, "{lines:?}");
    let path = format!("{}:{}", outside("").display(), std::env!("PATH"));
    for line in lines.iter().filter(|line| !line.contains("WatchLiveSessions")) {
        let paste = format!("{}\n{line}", demo.pasted("TOKEN=eyJ").join("\n"));
        let printed = output(Command::new("bash").args(["-ec", &paste]).env("PATH", &path));
        if line.contains("describe") {
            assert!(printed.contains("A refusal is an answer, not an error"), "{printed}");
        } else if line.contains("CheckPermission") {
            assert!(printed.contains("OUTCOME_ALLOW"), "{printed}");
        }
    }
    // Error details are readable, because reflection shows their messages.
    let address = format!("127.0.0.1:{}", demo.base + 2);
    let refused = Command::new(outside("grpcurl"))
        .args(["-plaintext", "-d", "{}", &address, "greenroom.registry.v1.PermissionService/CheckPermission"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("google.rpc.ErrorInfo") && told.contains("TOKEN_MISSING"), "{told}");
}

/// The walk stands in the README for people to paste; ports and the program's place are all that differs here.
#[test]
fn outside_grpcurl_walks_through_the_readme() {
    let demo = Demo::start();
    let readme = include_str!("../../README.md");
    let walk =
        readme.split("<!-- walk -->").nth(1).and_then(|rest| rest.split("<!-- /walk -->").next()).unwrap();
    let lines: Vec<&str> = walk.lines().filter(|line| !line.starts_with("```")).collect();
    let mut script = lines.join(
        "
",
    );
    script =
        script.replace("target/release/greenroom", &super::suite::program("greenroom").display().to_string());
    for (offset, port) in (0..).zip(["7101", "7102", "7103"]) {
        script = script.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{}", demo.base + offset));
    }
    let path = format!("{}:{}", outside("").display(), std::env!("PATH"));
    let walked = Command::new("bash")
        .args(["-eo", "pipefail", "-c", &script])
        .current_dir(&demo.folder)
        .env("PATH", path)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&walked.stdout);
    assert!(walked.status.success(), "{printed}\n{}", String::from_utf8_lossy(&walked.stderr));
    let places: Vec<_> = [
        "OUTCOME_ALLOW",
        "LIVE_SESSION_STATE_OPEN",
        "CERTIFICATE_STATE_REVOKED",
        "OUTCOME_DENY",
        "LIVE_SESSION_STATE_ENDED",
    ]
    .map(|word| printed.find(word))
    .into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}\n{printed}");
}

#[test]
fn outside_grpcurl_describes_every_method_of_every_service() {
    let demo = Demo::start();
    for port in demo.base..demo.base + 3 {
        let address = format!("127.0.0.1:{port}");
        let grpcurl = |words: &[&str]| {
            output(Command::new(outside("grpcurl")).arg("-plaintext").arg(&address).args(words))
        };
        let services = grpcurl(&["list"]);
        assert!(services.lines().count() >= 5, "{services}");
        for service in services.lines().filter(|service| service.starts_with("greenroom.")) {
            for method in grpcurl(&["list", service]).lines() {
                let manual = grpcurl(&["describe", method]);
                assert!(manual.lines().filter(|line| line.starts_with("//")).count() >= 2, "{manual}");
            }
        }
    }
}

#[test]
fn outside_an_oauth_library_finds_its_way_from_the_metadata_document_to_a_decision() {
    let demo = Demo::start();
    let streamer = demo.streamer();
    let issuer = format!("http://127.0.0.1:{}", demo.base);
    let registry = format!("127.0.0.1:{}", demo.base + 2);
    let client = |id: &str, credential: Value| {
        let mut request = json!({
            "clientId": id,
            "requestId": greenroom_tests::request_id(),
            "client": {
                "organization": "organizations/demo-platform",
                "displayName": "backend in another language",
                "scopes": ["permissions.check", "persons.read"],
            },
        });
        request.as_object_mut().unwrap().extend(credential.as_object().unwrap().clone());
        call(demo.folder.path(), demo.base, "suite-operator", "ClientService.CreateClient", &request)
    };
    let check = |id: &str, proof: &str| -> Value {
        let printed = output(
            Command::new(outside("python"))
                .arg(script("oauth_client.py"))
                .args([&issuer, &registry, id, proof, &streamer]),
        );
        serde_json::from_str(&printed).unwrap()
    };

    let created = client("with-secret", json!({"generatedSecret": {}}));
    let answer = check("with-secret", &format!("secret:{}", created["clientSecret"].as_str().unwrap()));
    assert_eq!(
        (&answer["outcome"], &answer["audience"]),
        (&json!("OUTCOME_ALLOW"), &json!("greenroom-registry"))
    );

    let folder = demo.folder.path().join("outside");
    let made: Value = serde_json::from_str(&output(
        Command::new(outside("python")).arg(script("make_key.py")).arg(&folder),
    ))
    .unwrap();
    client("with-key", json!({"publicJwk": made["jwk"]}));
    let proof = format!("key:{}:{}", folder.display(), made["kid"].as_str().unwrap());
    assert_eq!(check("with-key", &proof)["outcome"], "OUTCOME_ALLOW");
}
