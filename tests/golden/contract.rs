//! The contract's own rules, beyond what its linter knows.

use prost::Message as _;
use prost_types::{EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use std::collections::BTreeMap;

fn files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(greenroom_proto::FILE_DESCRIPTOR_SET).unwrap();
    set.file.into_iter().filter(|file| file.package().starts_with("greenroom.")).collect()
}

fn values(all: &EnumDescriptorProto) -> BTreeMap<i32, String> {
    all.value.iter().map(|value| (value.number(), value.name().to_owned())).collect()
}

fn enums(name: &str) -> BTreeMap<String, BTreeMap<i32, String>> {
    let files = files();
    let named = files.iter().flat_map(|file| {
        let package = file.package().to_owned();
        file.enum_type.iter().filter(|e| e.name() == name).map(move |e| (package.clone(), values(e)))
    });
    named.collect()
}

#[test]
fn the_first_reasons_mean_the_same_in_every_service() {
    let reasons = enums("ErrorReason");
    assert_eq!(reasons.len(), 3);
    let frame = |package: &str| -> Vec<_> { reasons[package].range(..20).collect() };
    assert_eq!(frame("greenroom.identity.v1"), frame("greenroom.certification.v1"));
    assert_eq!(frame("greenroom.identity.v1"), frame("greenroom.registry.v1"));
}

#[test]
fn levels_are_the_same_on_both_sides_of_the_feed() {
    let both = enums("Level");
    assert_eq!(both["greenroom.certification.v1"], both["greenroom.registry.v1"]);
}

fn has(message: &str, field: &str) -> bool {
    let message = message.rsplit('.').next().unwrap_or_default();
    let files = files();
    let mut found = files.iter().flat_map(|file| &file.message_type).filter(|found| found.name() == message);
    found.any(|found| found.field.iter().any(|candidate| candidate.name() == field))
}

/// Every write can be repeated safely, and says how far the feed reached with it.
#[test]
fn every_write_takes_a_request_id_and_answers_a_revision() {
    const READS: [&str; 13] = [
        "Get",
        "List",
        "Check",
        "BatchCheck",
        "Watch",
        "Verify",
        "BatchVerify",
        "Match",
        "Resolve",
        "IssueToken",
        "Introspect",
        "Evaluate",
        "Simulate",
    ];
    // RFC 7009 knows none, and needs none: a token that is revoked already is answered alike. A person has one name for an
    // organization, however often it is asked for.
    const REPEATABLE: [&str; 2] = ["RevokeToken", "NamePerson"];
    for file in files() {
        for method in file.service.iter().flat_map(|service| &service.method) {
            if READS.iter().any(|verb| method.name().starts_with(verb)) {
                continue;
            }
            let repeatable = REPEATABLE.contains(&method.name());
            let input = if method.client_streaming() { "RollHeader" } else { method.input_type() };
            assert!(repeatable || has(input, "request_id"), "{} takes no request_id", method.name());
            assert!(has(method.output_type(), "revision"), "{} answers no revision", method.name());
        }
    }
}

/// `describe` is the manual: it needs every comment in the descriptor set.
#[test]
fn the_descriptor_set_carries_a_comment_for_every_method() {
    for file in files() {
        let info = file.source_code_info.clone().unwrap_or_default();
        let commented: Vec<&[i32]> = info
            .location
            .iter()
            .filter(|location| !location.leading_comments().trim().is_empty())
            .map(|location| location.path.as_slice())
            .collect();
        for (s, service) in file.service.iter().enumerate() {
            for (m, method) in service.method.iter().enumerate() {
                let path = [6, i32::try_from(s).unwrap(), 2, i32::try_from(m).unwrap()];
                assert!(commented.contains(&path.as_slice()), "{} has no comment", method.name());
            }
        }
    }
}
