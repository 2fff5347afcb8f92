//! The project's own commands: `cargo xtask --help`.
//!
//! Continuous integration runs `cargo xtask ci` and nothing else, so that what passes here passes there.

mod clients;
mod debian;
mod deps;
mod failure;
mod generate;
mod interrupt;
mod lint;
mod map;
mod migrations;
mod mirror;
mod postgres;
mod prepare;
mod run;
mod sample_roll;
mod say;
mod suite;
mod workspace;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::failure::Result;
use crate::mirror::Mode;
use crate::suite::Suite;

/// Builds, checks and tests the tree.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test on SQLite and PostgreSQL.
    ///
    /// Starts a PostgreSQL server of its own, installing Debian's if there is none, unless
    /// GREENROOM_TEST_POSTGRES_URL names one whose superuser it may be.
    Test(Suite),
    /// Check format, code and contract with their linters.
    Lint,
    /// Make the Rust code of the contract in `proto`.
    Gen(Upkeep),
    /// Check all statements against real databases and keep what the compiler learnt in `.sqlx`.
    Sqlx {
        #[command(flatten)]
        upkeep: Upkeep,
        /// Services to prepare; all if none is named.
        services: Vec<String>,
    },
    /// Check that dependencies point the way the architecture says, and that no file is too long.
    CheckDeps,
    /// Make the sample certificate roll and what each of its rows must come to.
    SampleRoll(Upkeep),
    /// Check the folder table in `README.md` against the folders.
    CheckMap,
    /// All of the above, changing nothing: exactly what continuous integration runs.
    Ci,
}

/// What all commands that keep committed files up to date take.
#[derive(Args, Clone, Copy)]
struct Upkeep {
    /// Change nothing; fail if something is out of date.
    #[arg(long)]
    check: bool,
}

impl Upkeep {
    fn mode(self) -> Mode {
        if self.check { Mode::Check } else { Mode::Write }
    }
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    match interrupt::listen().and_then(|()| perform(task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::failed(&failure);
            interrupt::exit_code().map_or(ExitCode::FAILURE, ExitCode::from)
        }
    }
}

fn perform(task: Task) -> Result<()> {
    match task {
        Task::Test(suite) => suite::test(&suite),
        Task::Lint => lint::lint(),
        Task::Gen(upkeep) => gen_step(upkeep.mode()),
        Task::Sqlx { upkeep, services } => prepare::prepare(upkeep.mode(), &services),
        Task::CheckDeps => say::step("check-deps", deps::check),
        Task::SampleRoll(upkeep) => sample_roll_step(upkeep.mode()),
        Task::CheckMap => say::step("check-map", map::check),
        Task::Ci => ci(),
    }
}

fn gen_step(mode: Mode) -> Result<()> {
    say::step("gen", || generate::generate(mode))
}

fn sample_roll_step(mode: Mode) -> Result<()> {
    say::step("sample-roll", || sample_roll::sample_roll(mode))
}

/// The tests come last: the end of the output is the runner's summary.
fn ci() -> Result<()> {
    lint::lint()?;
    gen_step(Mode::Check)?;
    sample_roll_step(Mode::Check)?;
    say::step("check-deps", deps::check)?;
    say::step("check-map", map::check)?;
    prepare::prepare(Mode::Check, &[])?;
    suite::test(&Suite::default())
}
