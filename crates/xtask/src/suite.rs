//! `test`: every test of the tree on both database engines, on a machine that has nothing but Rust.

use clap::Args;

use crate::failure::Result;
use crate::postgres::{Cluster, Programs};
use crate::{clients, run, say};
use std::path::PathBuf;

/// Tests find PostgreSQL by this variable; without it those that need a server fail and say so.
const URL: &str = "GREENROOM_TEST_POSTGRES_URL";
/// Packages that need a server, for both runners.
const POSTGRES_PACKAGES: &str = "greenroom-*-store-postgres";
/// The same for the runner that can select by more than packages: those, and tests that say so in their name.
const POSTGRES_TESTS: &str = "package(/-store-postgres$/) or (test(/postgres/) and not package(xtask))";

/// Tests with other people's clients find them by this variable; without it they fail and say so.
const CLIENTS: &str = "GREENROOM_OUTSIDE_CLIENTS";
/// Such tests say so in their name.
const OUTSIDE_TESTS: &str = "(test(/outside/) and not package(xtask))";

/// The package whose tests start the programs of others.
const PROCESS_TESTS: &str = "greenroom-tests";

/// What to test.
#[derive(Args, Debug, Default)]
pub struct Suite {
    /// Leave out what needs a PostgreSQL server.
    #[arg(long)]
    without_postgres: bool,
    /// Leave out what needs clients from the Python registry.
    #[arg(long)]
    without_outside_clients: bool,
    /// Handed to the test runner as they are, for example `-- -p greenroom-domain revoked`.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Where the tests' PostgreSQL is.
enum Server {
    /// Started here, stopped when dropped.
    Own(Cluster),
    /// Named by the caller.
    Given,
    /// The caller does without.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Nextest,
    Cargo,
}

/// Runs the tests. The runner's summary is the last thing printed.
pub fn test(suite: &Suite) -> Result<()> {
    let server = server(suite)?;
    if starts_programs(suite) {
        say::step("build the programs that tests start", || {
            run::run(run::cargo().args(["build", "--quiet", "--workspace", "--bins"]))
        })?;
    }
    let clients = outside_clients(suite)?;
    let (runner, runner_name) = runner()?;
    // Nextest leaves out the examples in documentation.
    if runner == Runner::Nextest && suite.arguments.is_empty() {
        say::step("examples in the documentation", || {
            run::run(run::cargo().args(["test", "--quiet", "--workspace", "--doc"]))
        })?;
    }
    say::line(&format!("tests: {runner_name}, {}{}", engines(&server), left_out(suite)));
    let mut command = run::cargo();
    command.args(words(runner, suite));
    if let Server::Own(cluster) = &server {
        command.env(URL, cluster.url("postgres"));
    }
    if let Some(folder) = clients {
        command.env(CLIENTS, folder);
    }
    run::run(&mut command)
}

fn server(suite: &Suite) -> Result<Server> {
    if suite.without_postgres {
        Ok(Server::None)
    } else if run::variable(URL).is_some() {
        Ok(Server::Given)
    } else {
        say::step("start PostgreSQL", || Cluster::start(Programs::find_or_install()?)).map(Server::Own)
    }
}

/// Where other people's clients are, if tests that use them may be among those asked for.
fn outside_clients(suite: &Suite) -> Result<Option<PathBuf>> {
    if suite.without_outside_clients || !starts_programs(suite) {
        return Ok(None);
    }
    say::step("install other people's clients", clients::prepare).map(Some)
}

fn left_out(suite: &Suite) -> &'static str {
    if suite.without_outside_clients { "; NOT RUN: tests with `outside` in their name" } else { "" }
}

fn runner() -> Result<(Runner, String)> {
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    match run::output(run::cargo().args(["nextest", "--version"])) {
        Ok(said) => Ok((Runner::Nextest, first_line(said))),
        Err(_) => Ok((Runner::Cargo, run::output(run::cargo().arg("--version")).map(first_line)?)),
    }
}

fn engines(server: &Server) -> String {
    match server {
        Server::Own(cluster) => format!("SQLite and {}", cluster.description()),
        Server::Given => format!("SQLite and the PostgreSQL server that {URL} names"),
        Server::None => format!(
            "SQLite alone; NOT RUN: the packages {POSTGRES_PACKAGES} and tests with `postgres` in their name"
        ),
    }
}

/// Packages named by the caller replace the whole workspace.
fn names_packages(suite: &Suite) -> bool {
    suite.arguments.iter().any(|word| word.starts_with("-p") || word.starts_with("--package"))
}

/// Whether tests that start other packages' programs may be among those asked for.
fn starts_programs(suite: &Suite) -> bool {
    !names_packages(suite) || suite.arguments.iter().any(|word| word.contains(PROCESS_TESTS))
}

/// What cargo is told.
fn words(runner: Runner, suite: &Suite) -> Vec<String> {
    let mut words: Vec<&str> = match runner {
        Runner::Nextest => vec!["nextest", "run"],
        Runner::Cargo => vec!["test"],
    };
    let named = names_packages(suite);
    if !named {
        words.push("--workspace");
    }
    let left_out = [
        (suite.without_postgres, POSTGRES_TESTS, "postgres"),
        (suite.without_outside_clients, OUTSIDE_TESTS, "outside"),
    ];
    let left_out: Vec<_> = left_out.into_iter().filter(|(leave, ..)| *leave).collect();
    let filters: Vec<&str> = left_out.iter().map(|(_, filter, _)| *filter).collect();
    let exclusion = format!("not ({})", filters.join(" or "));
    match runner {
        Runner::Nextest if !filters.is_empty() => words.extend(["-E", &exclusion]),
        Runner::Cargo if !named && suite.without_postgres => words.extend(["--exclude", POSTGRES_PACKAGES]),
        _ => {}
    }
    words.extend(suite.arguments.iter().map(String::as_str));
    if runner == Runner::Cargo && !left_out.is_empty() {
        if !words.contains(&"--") {
            words.push("--");
        }
        words.extend(left_out.iter().flat_map(|(_, _, word)| ["--skip", word]));
    }
    words.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(without_postgres: bool, arguments: &[&str]) -> Suite {
        let arguments = arguments.iter().map(|&word| word.to_owned()).collect();
        Suite { without_postgres, without_outside_clients: false, arguments }
    }

    #[test]
    fn the_whole_workspace_is_tested_by_default() {
        assert_eq!(words(Runner::Nextest, &suite(false, &[])), ["nextest", "run", "--workspace"]);
        assert_eq!(words(Runner::Cargo, &suite(false, &[])), ["test", "--workspace"]);
    }

    #[test]
    fn a_named_package_replaces_the_workspace() {
        let words = words(Runner::Nextest, &suite(false, &["-p", "greenroom-domain", "revoked"]));

        assert_eq!(words, ["nextest", "run", "-p", "greenroom-domain", "revoked"]);
    }

    #[test]
    fn programs_are_built_for_tests_that_start_them() {
        assert!(starts_programs(&suite(false, &["revoked"])));
        assert!(starts_programs(&suite(false, &["-p", "greenroom-tests"])));
        assert!(!starts_programs(&suite(false, &["-p", "greenroom-domain"])));
    }

    #[test]
    fn both_runners_can_do_without_a_server() {
        let cargo = words(Runner::Cargo, &suite(true, &[]));
        assert_eq!(
            cargo,
            ["test", "--workspace", "--exclude", POSTGRES_PACKAGES, "--", "--skip", "postgres"]
        );

        let nextest = words(Runner::Nextest, &suite(true, &[]));
        assert_eq!(nextest.last().unwrap(), &format!("not ({POSTGRES_TESTS})"));
    }

    #[test]
    fn both_runners_can_do_without_outside_clients() {
        let suite = Suite { without_outside_clients: true, ..suite(false, &[]) };
        assert_eq!(words(Runner::Cargo, &suite), ["test", "--workspace", "--", "--skip", "outside"]);
        assert_eq!(words(Runner::Nextest, &suite).last().unwrap(), &format!("not ({OUTSIDE_TESTS})"));
        assert!(left_out(&suite).contains("NOT RUN"));
    }

    #[test]
    fn what_is_not_run_is_said() {
        assert!(engines(&Server::None).contains("NOT RUN"));
    }
}
