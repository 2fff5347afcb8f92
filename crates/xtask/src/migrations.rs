//! Which migration files make a service's schema, and in which order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result, none_of};
use crate::workspace;

/// A database engine, by the name that folders and packages use for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// The production engine.
    Postgres,
}

impl Engine {
    /// All engines.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// As in `store-sqlite` and `migrations/sqlite`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A service's migrations for one engine in the order of their numbers: the feed's, which every service has, and its
/// own. Fails if two have the same number.
pub fn of(service: &Path, engine: Engine) -> Result<Vec<PathBuf>> {
    let feed = workspace::root().join("crates/feed");
    let mut files = Vec::new();
    for owner in [&feed, service] {
        files.extend(workspace::files(&owner.join("migrations").join(engine.name()), &["sql"])?);
    }
    in_order(files)
}

/// Fails unless both engines have migrations of the same names.
pub fn check_pairs(service: &Path) -> Result<()> {
    let names = |engine| -> Result<Vec<String>> {
        Ok(of(service, engine)?.iter().map(|file| workspace::name(file).to_owned()).collect())
    };
    let [sqlite, postgres] = Engine::ALL.map(names);
    let text = format!("the migrations of `{}` differ between the engines", workspace::shown(service));
    none_of(&text, &unpaired(&sqlite?, &postgres?))
}

fn unpaired(sqlite: &[String], postgres: &[String]) -> Vec<String> {
    let missing = |from: &[String], than: &[String], engine: Engine| -> Vec<String> {
        let gone = than.iter().filter(|name| !from.contains(name));
        gone.map(|name| format!("{name} is missing for {}", engine.name())).collect()
    };
    let mut findings = missing(sqlite, postgres, Engine::Sqlite);
    findings.extend(missing(postgres, sqlite, Engine::Postgres));
    findings
}

fn in_order(files: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    let mut numbered: BTreeMap<u32, PathBuf> = BTreeMap::new();
    for file in files {
        let Some(number) = number(workspace::name(&file)) else {
            return Err(Failure::new(format!("`{}` does not begin with a number", workspace::shown(&file))));
        };
        if let Some(other) = numbered.insert(number, file.clone()) {
            let (one, other) = (workspace::shown(&file), workspace::shown(&other));
            return Err(Failure::new(format!("`{one}` and `{other}` have the same number")));
        }
    }
    Ok(numbered.into_values().collect())
}

/// The number of `0003_add_suspension.sql`.
fn number(name: &str) -> Option<u32> {
    name.split_once('_').and_then(|(number, _)| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_run_in_the_order_of_their_numbers_wherever_they_live() {
        let files = ["own/0010_c.sql", "own/0002_b.sql", "feed/0001_a.sql"].map(PathBuf::from).to_vec();

        let ordered = in_order(files).unwrap();

        assert_eq!(ordered, ["feed/0001_a.sql", "own/0002_b.sql", "own/0010_c.sql"].map(PathBuf::from));
    }

    #[test]
    fn two_migrations_of_one_number_are_refused() {
        let files = ["own/0001_b.sql", "feed/0001_a.sql"].map(PathBuf::from).to_vec();

        assert!(in_order(files).unwrap_err().to_string().ends_with("have the same number"));
    }

    #[test]
    fn a_migration_without_a_number_is_refused() {
        assert!(in_order(vec![PathBuf::from("create.sql")]).is_err());
    }

    #[test]
    fn a_migration_for_one_engine_alone_is_named() {
        let findings =
            unpaired(&["0001_a.sql".to_owned()], &["0001_a.sql".to_owned(), "0002_b.sql".to_owned()]);

        assert_eq!(findings, ["0002_b.sql is missing for sqlite"]);
    }
}
