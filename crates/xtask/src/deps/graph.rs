//! Which package may depend on which.

/// A package of the workspace.
#[derive(Debug, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its folder, from the top of the tree.
    pub folder: String,
    /// What it depends on, inside and outside the workspace.
    pub dependencies: Vec<Dependency>,
    /// The text of its `Cargo.toml`.
    pub manifest: String,
}

impl Package {
    /// Where its manifest is, from the top of the tree.
    pub fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

/// One dependency of a package.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The package depended on.
    pub name: String,
    /// What for.
    pub kind: Kind,
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What is shipped: normal and build dependencies.
    Product,
    /// Tests alone.
    Tests,
}

/// What a package is in the architecture. Services and stores carry the name of their service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role<'a> {
    Domain,
    Auth,
    Proto,
    Feed,
    Rpc,
    Testkit,
    Store(&'a str),
    Service(&'a str),
    Cli,
    Tests,
    Xtask,
}

/// All that the rules may be built on.
const DOMAIN_MAY_USE: [&str; 1] = ["thiserror"];

/// What `package` depends on and may not.
pub fn violations(package: &Package, workspace: &[Package]) -> Vec<String> {
    let Some(user) = role(&package.folder) else {
        return vec![format!(
            "{}:1: `{}` has no place in the architecture; give it one in `crates/xtask/src/deps/graph.rs`",
            package.manifest_path(),
            package.name
        )];
    };
    let refused = package.dependencies.iter().filter_map(|dependency| {
        let rule = refusal(user, dependency, workspace)?;
        let place = format!("{}:{}", package.manifest_path(), line_of(&package.manifest, &dependency.name));
        Some(format!("{place}: `{}` may not depend on `{}`: {rule}", package.name, dependency.name))
    });
    refused.collect()
}

/// The rule that forbids a dependency, if one does.
fn refusal(user: Role, dependency: &Dependency, workspace: &[Package]) -> Option<&'static str> {
    let Some(package) = workspace.iter().find(|package| package.name == dependency.name) else {
        let foreign = user == Role::Domain && dependency.kind == Kind::Product;
        let known = DOMAIN_MAY_USE.contains(&dependency.name.as_str());
        return (foreign && !known).then_some("the rules are built on `thiserror` alone");
    };
    // A package without a role is reported by itself.
    let used = role(&package.folder)?;
    let service = |role| match role {
        Role::Service(name) | Role::Store(name) => Some(name),
        _ => None,
    };
    match (service(user), service(used)) {
        (Some(one), Some(other)) if one != other => Some("a service knows no other service"),
        _ if may_use(user, used) => None,
        _ if dependency.kind == Kind::Tests && tests_may_use(user, used) => None,
        _ if used == Role::Proto => Some("the wire format stays at the wire"),
        _ => Some(
            "dependencies point one way, domain <- auth <- rpc <- services <- cli, tests and domain <- feed <- store-* \
             <- services",
        ),
    }
}

fn may_use(user: Role, used: Role) -> bool {
    use Role::{Auth, Cli, Domain, Feed, Proto, Rpc, Service, Store, Testkit, Tests, Xtask};
    match (user, used) {
        (Auth | Feed | Testkit | Store(_), Domain)
        | (Rpc, Domain | Auth | Feed | Proto)
        | (Testkit, Auth | Feed | Proto | Rpc)
        | (Store(_), Feed)
        | (Service(_), Domain | Auth | Feed | Proto | Rpc)
        | (Cli, Domain | Auth | Feed | Proto | Rpc | Service(_) | Store(_)) => true,
        (Service(one), Store(other)) => one == other,
        (Tests, used) => used != Xtask && used != Tests,
        _ => false,
    }
}

/// Tests may also use `testkit` and what it is built from; the rules are tested without any of it.
fn tests_may_use(user: Role, used: Role) -> bool {
    user != Role::Domain && matches!(used, Role::Testkit | Role::Auth | Role::Feed | Role::Rpc)
}

fn role(folder: &str) -> Option<Role<'_>> {
    let parts: Vec<&str> = folder.split('/').collect();
    match parts.as_slice() {
        ["crates", "domain"] => Some(Role::Domain),
        ["crates", "auth"] => Some(Role::Auth),
        ["crates", "proto"] => Some(Role::Proto),
        ["crates", "feed"] => Some(Role::Feed),
        ["crates", "rpc"] => Some(Role::Rpc),
        ["crates", "testkit"] => Some(Role::Testkit),
        ["crates", "cli"] => Some(Role::Cli),
        ["crates", "xtask"] => Some(Role::Xtask),
        ["services", name] => Some(Role::Service(name)),
        ["services", name, "store-sqlite" | "store-postgres"] => Some(Role::Store(name)),
        ["tests"] => Some(Role::Tests),
        _ => None,
    }
}

/// The line of the manifest that names a dependency; the first line if it is not to be found.
fn line_of(manifest: &str, dependency: &str) -> usize {
    let names = |line: &str| {
        line.trim_start().strip_prefix(dependency).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    manifest.lines().position(names).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str) -> Package {
        let name = format!("greenroom-{}", folder.rsplit('/').next().unwrap());
        Package { name, folder: folder.to_owned(), ..Package::default() }
    }

    /// What is said when the package in `folder` depends on `name`.
    fn said(folder: &str, name: &str, kind: Kind) -> Vec<String> {
        let folders = [
            "crates/domain",
            "crates/auth",
            "crates/rpc",
            "crates/proto",
            "crates/feed",
            "crates/testkit",
            "services/identity",
            "services/registry",
            "services/identity/store-sqlite",
            "tests",
        ];
        let mut user = package(folder);
        user.dependencies.push(Dependency { name: name.to_owned(), kind });
        user.manifest = format!("[dependencies]\n{name}.workspace = true\n");
        violations(&user, &folders.map(package))
    }

    #[test]
    fn the_rules_use_nothing_that_could_do_input_or_output() {
        let said = said("crates/domain", "tokio", Kind::Product);

        assert_eq!(
            said,
            [
                "crates/domain/Cargo.toml:2: `greenroom-domain` may not depend on `tokio`: the rules are built on \
              `thiserror` alone"
            ]
        );
    }

    #[test]
    fn the_rules_may_be_tested_with_anything_outside_the_tree() {
        assert!(said("crates/domain", "proptest", Kind::Tests).is_empty());
        assert!(said("crates/domain", "thiserror", Kind::Product).is_empty());
        assert!(!said("crates/domain", "greenroom-testkit", Kind::Tests).is_empty());
    }

    #[test]
    fn a_service_knows_no_other_service_even_in_tests() {
        for kind in [Kind::Product, Kind::Tests] {
            let said = said("services/registry", "greenroom-identity", kind);

            assert!(said[0].ends_with("a service knows no other service"), "{said:?}");
        }
    }

    #[test]
    fn dependencies_point_one_way() {
        assert!(said("crates/rpc", "greenroom-auth", Kind::Product).is_empty());
        assert!(said("services/identity", "greenroom-store-sqlite", Kind::Product).is_empty());
        assert!(said("tests", "greenroom-registry", Kind::Product).is_empty());
        assert_eq!(said("crates/auth", "greenroom-rpc", Kind::Product).len(), 1);
        assert_eq!(said("crates/feed", "greenroom-identity", Kind::Product).len(), 1);
        assert_eq!(said("services/identity", "greenroom-tests", Kind::Tests).len(), 1);
    }

    #[test]
    fn the_wire_format_reaches_no_store_and_no_rule() {
        for folder in ["crates/domain", "crates/feed", "services/identity/store-sqlite"] {
            let said = said(folder, "greenroom-proto", Kind::Product);

            assert!(said[0].ends_with("the wire format stays at the wire"), "{said:?}");
        }
    }

    #[test]
    fn helpers_for_tests_are_not_shipped() {
        assert!(said("services/identity", "greenroom-testkit", Kind::Tests).is_empty());
        assert!(said("services/identity/store-sqlite", "greenroom-rpc", Kind::Tests).is_empty());
        assert_eq!(said("services/identity/store-sqlite", "greenroom-rpc", Kind::Product).len(), 1);
        assert_eq!(said("services/identity", "greenroom-testkit", Kind::Product).len(), 1);
    }

    #[test]
    fn a_package_in_an_unknown_place_is_reported() {
        assert!(said("crates/misc", "greenroom-domain", Kind::Product)[0].contains("has no place"));
    }

    #[test]
    fn a_dependency_is_not_taken_for_another_that_begins_like_it() {
        assert_eq!(line_of("tonic-prost.workspace = true\ntonic.workspace = true\n", "tonic"), 2);
    }
}
