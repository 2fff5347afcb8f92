//! `check-deps`: the architecture, checked by a program.
//!
//! `domain <- auth <- rpc <- services <- cli, tests` and `domain <- feed <- store-* <- services`. The rules read no
//! clock and no database, a service knows no other service, and only the wire's side knows the wire format.

mod graph;
mod manifest;
mod source;

use std::path::PathBuf;

use serde::Deserialize;

use crate::failure::{Context, Result, none_of};
use crate::{run, workspace};
use graph::{Dependency, Kind, Package};

/// The hard limit; under 300 is wanted.
const MAX_LINES: usize = 500;
const GENERATED: &str = "crates/proto/src/gen/";

/// Fails and names every violation with its place.
pub fn check() -> Result<()> {
    let packages = packages()?;
    let mut findings = Vec::new();
    for package in &packages {
        findings.extend(graph::violations(package, &packages));
        findings.extend(manifest::violations(&package.manifest_path(), &package.manifest));
    }
    findings.extend(foreign_rules()?);
    findings.extend(long_files()?);
    none_of("the architecture is not kept", &findings)
}

/// What is read of `cargo metadata`.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<MetadataDependency>,
}

#[derive(Deserialize)]
struct MetadataDependency {
    name: String,
    kind: Option<String>,
}

fn packages() -> Result<Vec<Package>> {
    let json = run::output(run::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Metadata =
        serde_json::from_str(&json).context(|| "could not read what `cargo metadata` said".to_owned())?;
    metadata.packages.into_iter().map(package).collect()
}

fn package(said: MetadataPackage) -> Result<Package> {
    let folder = said.manifest_path.parent().map(workspace::shown).unwrap_or_default();
    let manifest = workspace::read(&said.manifest_path)?;
    let dependencies = said.dependencies.into_iter().map(|it| Dependency {
        name: it.name,
        kind: if it.kind.as_deref() == Some("dev") { Kind::Tests } else { Kind::Product },
    });
    Ok(Package { name: said.name, folder, dependencies: dependencies.collect(), manifest })
}

/// Each service uses its own module of the domain.
fn foreign_rules() -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for service in workspace::folders(&workspace::root().join("services"))? {
        for file in workspace::files(&service, &["rs"])? {
            let text = workspace::read(&file)?;
            findings.extend(source::violations(workspace::name(&service), &workspace::shown(&file), &text));
        }
    }
    Ok(findings)
}

fn long_files() -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for folder in ["crates", "proto", "services", "tests"] {
        for file in workspace::files(&workspace::root().join(folder), &["proto", "rs", "sql"])? {
            let shown = workspace::shown(&file);
            if !shown.starts_with(GENERATED) {
                findings.extend(too_long(&shown, workspace::read(&file)?.lines().count()));
            }
        }
    }
    Ok(findings)
}

fn too_long(file: &str, lines: usize) -> Option<String> {
    (lines > MAX_LINES).then(|| format!("{file}:{lines}: {lines} lines; the limit is {MAX_LINES}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_as_long_as_the_limit_and_no_longer() {
        assert_eq!(too_long("a.rs", MAX_LINES), None);
        assert_eq!(too_long("a.rs", 501).unwrap(), "a.rs:501: 501 lines; the limit is 500");
    }

    #[test]
    fn the_packages_of_this_tree_are_read_with_their_folders() {
        let packages = packages().unwrap();

        let own = packages.iter().find(|package| package.name == "xtask").unwrap();
        assert_eq!(own.folder, "crates/xtask");
        assert!(own.dependencies.iter().any(|it| it.name == "clap" && it.kind == Kind::Product));
    }
}
