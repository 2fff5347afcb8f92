//! `test`: every test of the tree on both database engines, on a machine that has nothing but Rust.

use clap::Args;

use crate::failure::Result;
use crate::postgres::{Cluster, Programs};
use crate::{run, say};

/// Tests find PostgreSQL by this variable; without it those that need a server fail and say so.
const URL: &str = "GREENROOM_TEST_POSTGRES_URL";
/// Packages that need a server, for both runners.
const POSTGRES_PACKAGES: &str = "greenroom-*-store-postgres";
/// The same for the runner that can select by more than packages: those, and tests that say so in their name.
const POSTGRES_TESTS: &str = "package(/-store-postgres$/) or (test(/postgres/) and not package(xtask))";

/// The package whose tests start the programs of others.
const PROCESS_TESTS: &str = "greenroom-tests";

/// What to test.
#[derive(Args, Debug, Default)]
pub struct Suite {
    /// Leave out what needs a PostgreSQL server.
    #[arg(long)]
    without_postgres: bool,
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
    let (runner, runner_name) = runner()?;
    // Nextest leaves out the examples in documentation.
    if runner == Runner::Nextest && suite.arguments.is_empty() {
        say::step("examples in the documentation", || {
            run::run(run::cargo().args(["test", "--quiet", "--workspace", "--doc"]))
        })?;
    }
    say::line(&format!("tests: {runner_name}, {}", engines(&server)));
    let mut command = run::cargo();
    command.args(words(runner, suite));
    if let Server::Own(cluster) = &server {
        command.env(URL, cluster.url("postgres"));
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
    let exclusion = format!("not ({POSTGRES_TESTS})");
    match (suite.without_postgres, runner) {
        (true, Runner::Nextest) => words.extend(["-E", &exclusion]),
        (true, Runner::Cargo) if !named => words.extend(["--exclude", POSTGRES_PACKAGES]),
        _ => {}
    }
    words.extend(suite.arguments.iter().map(String::as_str));
    if suite.without_postgres && runner == Runner::Cargo {
        if !words.contains(&"--") {
            words.push("--");
        }
        words.extend(["--skip", "postgres"]);
    }
    words.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(without_postgres: bool, arguments: &[&str]) -> Suite {
        Suite { without_postgres, arguments: arguments.iter().map(|&word| word.to_owned()).collect() }
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
    fn what_is_not_run_is_said() {
        assert!(engines(&Server::None).contains("NOT RUN"));
    }
}
