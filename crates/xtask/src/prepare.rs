//! `sqlx`: checks every statement of every store against the real schema of its engine and keeps what the compiler
//! learnt, so that all other builds need no database.
//!
//! Each store is prepared by itself: the metadata of a statement has the same file name for both engines.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::failure::{Context, Failure, Result};
use crate::migrations::{self, Engine};
use crate::mirror::{self, Mode};
use crate::postgres::{Cluster, Programs};
use crate::{debian, run, say, workspace};

/// Brings `.sqlx` of the stores of the named services up to date, or checks that it is; no name means all.
pub fn prepare(mode: Mode, services: &[String]) -> Result<()> {
    let stores = stores(services)?;
    let scratch = tempfile::tempdir().context(|| "could not make a temporary folder".to_owned())?;
    let cluster = if stores.iter().any(|store| store.engine == Engine::Postgres) {
        Some(Cluster::start(Programs::find_or_install()?)?)
    } else {
        None
    };
    for store in &stores {
        say::step(&format!("sqlx: {}", store.package()), || {
            let url = store.database(&scratch, cluster.as_ref())?;
            let fresh = tempfile::tempdir().context(|| "could not make a temporary folder".to_owned())?;
            store.compile(&url, fresh.path())?;
            mirror::settle(mode, fresh.path(), &store.folder.join(".sqlx"), "cargo xtask sqlx")
        })?;
    }
    Ok(())
}

/// A package that compiles a service's statements for one engine.
struct Store {
    service: PathBuf,
    engine: Engine,
    folder: PathBuf,
}

fn stores(services: &[String]) -> Result<Vec<Store>> {
    let mut stores = Vec::new();
    for service in chosen(workspace::folders(&workspace::root().join("services"))?, services)? {
        migrations::check_pairs(&service)?;
        for engine in Engine::ALL {
            let folder = service.join(format!("store-{}", engine.name()));
            if folder.join("Cargo.toml").is_file() {
                stores.push(Store { service: service.clone(), engine, folder });
            }
        }
    }
    Ok(stores)
}

/// The folders that are named, or all of them. Fails if a name fits none.
fn chosen(folders: Vec<PathBuf>, names: &[String]) -> Result<Vec<PathBuf>> {
    let is = |name: &String| folders.iter().any(|folder| workspace::name(folder) == name);
    if let Some(unknown) = names.iter().find(|name| !is(name)) {
        return Err(Failure::new(format!("there is no service `{unknown}`")));
    }
    let wanted =
        |folder: &PathBuf| names.is_empty() || names.iter().any(|name| name == workspace::name(folder));
    Ok(folders.into_iter().filter(wanted).collect())
}

impl Store {
    fn service(&self) -> &str {
        workspace::name(&self.service)
    }

    fn package(&self) -> String {
        format!("greenroom-{}-store-{}", self.service(), self.engine.name())
    }

    /// The variable by which this store's statements find their database.
    fn variable(&self) -> String {
        format!("GREENROOM_{}_{}_URL", self.service(), self.engine.name()).to_uppercase()
    }

    /// Makes an empty database with this store's schema; returns its address.
    fn database(&self, scratch: &TempDir, cluster: Option<&Cluster>) -> Result<String> {
        let migrations = migrations::of(&self.service, self.engine)?;
        match (self.engine, cluster) {
            (Engine::Sqlite, _) => {
                let file = scratch.path().join(format!("{}.db", self.service()));
                sqlite(&file, &migrations)?;
                Ok(format!("sqlite://{}", file.display()))
            }
            (Engine::Postgres, Some(cluster)) => {
                cluster.create_database(self.service())?;
                migrations.iter().try_for_each(|file| cluster.apply(self.service(), file))?;
                Ok(cluster.url(self.service()))
            }
            (Engine::Postgres, None) => Err(Failure::new("no PostgreSQL server was started")),
        }
    }

    /// Compiles the store with a live database; the macros leave their metadata in `metadata`.
    fn compile(&self, url: &str, metadata: &Path) -> Result<()> {
        let settings = self.folder.join("sqlx.toml");
        let variable = self.variable();
        if !workspace::read(&settings)?.contains(&format!("\"{variable}\"")) {
            return Err(Failure::new(format!(
                "`{}` does not set `database-url-var = \"{variable}\"`",
                workspace::shown(&settings)
            )));
        }
        // The compiler does not know that the macros read the environment: only a newer source makes it run them again.
        touch(&self.folder.join("src/lib.rs"))?;
        run::run(
            run::cargo()
                .args(["check", "--quiet", "--all-targets", "--package", &self.package()])
                .env("SQLX_OFFLINE", "false")
                .env("SQLX_OFFLINE_DIR", metadata)
                .env(variable, url),
        )
    }
}

/// Runs migrations on a new SQLite file, each in one transaction, as the services do.
fn sqlite(database: &Path, migrations: &[PathBuf]) -> Result<()> {
    if run::find("sqlite3").is_none() {
        debian::install(&["sqlite3"], "the `sqlite3` program")?;
    }
    for migration in migrations {
        let failed = || format!("could not apply `{}`", workspace::shown(migration));
        let script = format!("BEGIN;\n{}\nCOMMIT;\n", workspace::read(migration)?);
        let input = database.with_extension("sql");
        fs::write(&input, script).context(failed)?;
        let output = Command::new("sqlite3")
            .args(["-batch", "-bail"])
            .arg(database)
            .stdin(Stdio::from(File::open(&input).context(failed)?))
            .output()
            .context(failed)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("{}: {}", failed(), said.trim_end())));
        }
    }
    // A service without migrations still has a database.
    File::options()
        .create(true)
        .append(true)
        .open(database)
        .context(|| "could not make a database".to_owned())
        .map(drop)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a source's time stamp is the system's own; no rule depends on it"
)]
fn touch(file: &Path) -> Result<()> {
    File::options()
        .append(true)
        .open(file)
        .and_then(|opened| opened.set_modified(std::time::SystemTime::now()))
        .context(|| format!("could not touch `{}`", workspace::shown(file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(engine: Engine) -> Store {
        let service = workspace::root().join("services/registry");
        Store { folder: service.join(format!("store-{}", engine.name())), service, engine }
    }

    #[test]
    fn services_are_chosen_by_name_and_all_by_none() {
        let folders = ["s/a", "s/b"].map(PathBuf::from).to_vec();

        assert_eq!(chosen(folders.clone(), &["b".to_owned()]).unwrap(), [PathBuf::from("s/b")]);
        assert_eq!(chosen(folders.clone(), &[]).unwrap(), folders);
        assert!(chosen(folders, &["c".to_owned()]).is_err());
    }

    #[test]
    fn packages_and_variables_are_named_after_service_and_engine() {
        assert_eq!(store(Engine::Postgres).package(), "greenroom-registry-store-postgres");
        assert_eq!(store(Engine::Sqlite).variable(), "GREENROOM_REGISTRY_SQLITE_URL");
    }
}
