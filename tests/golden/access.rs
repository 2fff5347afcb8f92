//! Who may call what. `access.txt` is what was agreed; a change of it is a change of the product.

use greenroom_auth::Access;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

fn entries() -> BTreeMap<&'static str, (&'static str, Access)> {
    let audience = |audience, entries: Vec<(&'static str, Access)>| {
        let own = entries.into_iter().filter(|(method, _)| method.starts_with("/greenroom."));
        own.map(move |(method, access)| (method, (audience, access))).collect::<Vec<_>>()
    };
    let all = [
        audience(greenroom_identity::AUDIENCE, greenroom_identity::access_entries().collect()),
        audience(greenroom_certification::AUDIENCE, greenroom_certification::access_entries().collect()),
        audience(greenroom_registry::AUDIENCE, greenroom_registry::access_entries().collect()),
    ];
    all.into_iter().flatten().collect()
}

fn table() -> String {
    let mut table = String::new();
    for (method, (_, access)) in entries() {
        let who = match access {
            Access::Public => "anybody".to_owned(),
            Access::AnyClient => "any client".to_owned(),
            Access::Scope { scope, roles } if roles == greenroom_auth::ANY_ROLE => scope.to_owned(),
            Access::Scope { scope, roles } => {
                let roles: Vec<_> = roles.iter().map(|role| role.code()).collect();
                format!("{scope} as {}", roles.join(" or "))
            }
        };
        writeln!(table, "{method}: {who}").unwrap();
    }
    table
}

#[test]
fn who_may_call_what_is_what_was_agreed() {
    let agreed = include_str!("access.txt");
    assert!(table() == agreed, "if this change is meant, make tests/golden/access.txt read:\n\n{}", table());
}

#[test]
fn only_what_hands_out_tokens_is_open_to_anybody() {
    let open: Vec<_> = entries()
        .into_iter()
        .filter(|(_, (_, access))| *access == Access::Public)
        .map(|(method, _)| method)
        .collect();
    assert_eq!(
        open,
        [
            "/greenroom.identity.v1.TokenService/IssueToken",
            "/greenroom.identity.v1.TokenService/ListSigningKeys",
        ]
    );
}

/// A scope that no token can carry would lock its methods; one that no method asks for would be granted for nothing.
#[test]
fn the_scopes_that_tokens_carry_are_those_that_methods_ask_for() {
    let asked: BTreeSet<(String, &str)> = entries()
        .into_values()
        .filter_map(|(audience, access)| match access {
            Access::Scope { scope, .. } => Some((scope.to_owned(), audience)),
            Access::Public | Access::AnyClient => None,
        })
        .collect();
    let catalogue = greenroom_identity::scope_catalogue().iter();
    let carried: BTreeSet<(String, &str)> = catalogue
        .flat_map(|(scope, audiences)| audiences.iter().map(|audience| ((*scope).to_owned(), *audience)))
        .collect();
    assert_eq!(asked, carried);
}

/// A client may be given the scopes that some method lets its organization in by, and no others.
#[test]
fn the_roles_a_scope_serves_are_those_that_methods_ask_for() {
    let mut asked: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
    for (_, access) in entries().into_values() {
        if let Access::Scope { scope, roles } = access {
            asked.entry(scope).or_default().extend(roles);
        }
    }
    for (scope, roles) in asked {
        let served: BTreeSet<_> = greenroom_identity::roles_of_scope(scope).iter().collect();
        assert_eq!(served, roles, "make RESERVED in the identity service's scopes.rs say so of `{scope}`");
    }
}

/// The manual of the identity service names the roles as well.
#[test]
fn the_manual_names_the_roles_of_every_method_of_identity() {
    for (method, (audience, access)) in entries() {
        let Access::Scope { roles, .. } = access else { continue };
        if audience != greenroom_identity::AUDIENCE || roles == greenroom_auth::ANY_ROLE {
            continue;
        }
        let comment = comment_of(method);
        for role in roles {
            assert!(comment.contains(role.code()), "{method} needs {}: {comment}", role.code());
        }
    }
}

/// Every method of the contract says in its comment which scope and roles it needs; the table says the same.
#[test]
fn the_manual_names_the_scope_of_every_method() {
    for (method, (_, access)) in entries() {
        let Access::Scope { scope, .. } = access else { continue };
        let comment = comment_of(method);
        assert!(
            comment.contains(&format!("`{scope}`")),
            "{method} needs `{scope}`; its comment says: {comment}"
        );
    }
}

fn comment_of(method: &str) -> String {
    use prost::Message as _;
    let set = prost_types::FileDescriptorSet::decode(greenroom_proto::FILE_DESCRIPTOR_SET).unwrap();
    let (service, method) = method.trim_start_matches('/').split_once('/').unwrap();
    for file in &set.file {
        for (s, candidate) in file.service.iter().enumerate() {
            let Some(m) = candidate.method.iter().position(|m| m.name() == method) else { continue };
            if format!("{}.{}", file.package(), candidate.name()) == service {
                let path = [6, i32::try_from(s).unwrap(), 2, i32::try_from(m).unwrap()];
                let info = file.source_code_info.clone().unwrap_or_default();
                let found = info.location.iter().find(|location| location.path == path).cloned();
                return found.unwrap_or_default().leading_comments().to_owned();
            }
        }
    }
    String::new()
}
