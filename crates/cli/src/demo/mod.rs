//! `greenroom demo`: the whole journey on this machine, through public methods alone.

mod actor;
mod cast;
mod cut;
mod decisions;
mod paste;
mod stage;
mod suspension;

pub use paste::program;

use crate::failure::Result;
use crate::folder::{DEFAULT_PORT, Folder, Places};
use crate::import::{self, Languages, Rolls};
use crate::reach::clock;
use crate::refusal;
use crate::say::{self, Steps};
use crate::suite::{Configs, Signals, Suite, present};
use actor::{ACADEMY, Actor, PLATFORM, VISITOR};
use cast::{Cast, Person};
use clap::Args;
use cut::Marketer;
use decisions::{News, Shown};
use greenroom_proto::certification::v1::{RollImport, RollRowVerdict};
use greenroom_rpc::telemetry::{self, LogFormat};
use std::collections::BTreeSet;
use std::path::Path;

/// A roll with every kind of mistake that rolls have.
const SAMPLE: &[u8] = include_bytes!("../../../../services/certification/data/rolls/sample.csv");
/// How many rows are looked through for different kinds of mistakes.
const BAD_ROWS: i32 = 200;

/// Arguments of `greenroom demo`.
#[derive(Args, Debug)]
#[command(
    after_help = "Everything the demo does goes through the public methods, and may be done again on the same folder.

Examples:
  greenroom demo
  greenroom demo --exit
  greenroom demo --data-dir /tmp/greenroom --port-base 8101"
)]
pub struct Demo {
    /// Ends after the demo instead of staying up
    #[arg(long)]
    exit: bool,
    /// The first of the three ports
    #[arg(long, value_name = "PORT", default_value_t = DEFAULT_PORT, value_parser = clap::value_parser!(u16).range(1..=65533))]
    port_base: u16,
    /// What the services log, in the syntax of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "error", env = "GREENROOM_LOG")]
    log: String,
}

impl Demo {
    /// Runs the demo.
    pub async fn run(&self, data_dir: &Path) -> Result<()> {
        telemetry::init(&self.log, LogFormat::Text);
        let mut folder = Folder::open(data_dir)?;
        folder.settle_on(self.port_base)?;
        let places = folder.places().clone();
        let mut signals = Signals::listen()?;
        let mut steps = Steps::new();
        steps.next("identity, certification and registry start");
        let suite = Suite::start(Configs::in_folder(&places, self.port_base)).await?;
        let shown = tokio::select! {
            shown = show(&places, self.port_base, &mut steps) => shown,
            () = signals.asked() => {
                drop(steps);
                return suite.stop().await;
            }
        };
        drop(steps);
        if let Err(failure) = shown {
            // What went wrong in the demo is what to tell.
            drop(suite.stop().await);
            return Err(failure);
        }
        if self.exit {
            return suite.stop().await;
        }
        say::note("\nThe suite stays up; Ctrl-C ends it.");
        suite.run_to_the_end(&mut signals).await
    }
}

async fn show(places: &Places, base: u16, steps: &mut Steps) -> Result<()> {
    steps.next("the operator makes a platform and an evaluation organisation, and accredits the latter");
    let credential = places.credential("suite-operator");
    present(&credential)?;
    let operator = Actor::new(&credential, base)?;
    let platform = actor::take_part(&operator, &PLATFORM, places, base).await?;
    let academy = actor::take_part(&operator, &ACADEMY, places, base).await?;
    stage::accredit(&operator).await?;
    let sample = import_sample(&academy, steps).await?;
    let (shown, allowed) = decide(&platform, &academy, steps).await?;
    let cuts = cut_sessions(&platform, &academy, steps).await?;
    steps.next("another platform is suspended and reinstated, several times");
    let visitor = actor::take_part(&operator, &VISITOR, places, base).await?;
    let refusals = suspension::measure(&operator, VISITOR.id, &visitor).await?;
    steps.finish();
    say::out(&sample)?;
    say::out(&shown)?;
    say::out(&cuts)?;
    say::out(&refusals)?;
    say::out("all three services, the caller and the watcher run on this machine, over loopback")?;
    let token = platform.registry_tokens.bearer().await;
    let token = token.map_err(|status| refusal::describe("IssueToken", &status))?;
    let client = PLATFORM.id;
    say::out(&format!(
        "\n{}",
        paste::lines(&paste::Paste { places, base, client, streamer: &allowed, token: &token })
    ))
}

/// Imports the sample roll; tells what came of it.
async fn import_sample(academy: &Actor, steps: &mut Steps) -> Result<String> {
    steps.next("the organisation imports a roll with mistakes in it");
    let (plan, _) = stage::import_roll(academy, "sample.csv", SAMPLE).await?;
    let mut told = import::totals_table(&plan);
    told.push('\n');
    told.push_str(&first_of_each_kind(academy, &plan).await?);
    Ok(told)
}

async fn first_of_each_kind(academy: &Actor, plan: &RollImport) -> Result<String> {
    let mut rolls = Rolls::new(academy.certification.clone());
    let mut codes = BTreeSet::new();
    let mut first = Vec::new();
    for verdict in [RollRowVerdict::Ambiguous, RollRowVerdict::Invalid] {
        for row in import::rows(&mut rolls, &plan.name, verdict, BAD_ROWS).await? {
            if row.findings.first().is_some_and(|finding| codes.insert(finding.code.clone())) {
                first.push(row);
            }
        }
    }
    Ok(import::rows_table(&first, Languages::Both))
}

/// Enrols the cast and decides for everybody. Answers the table and the streamer that is allowed.
async fn decide(platform: &Actor, academy: &Actor, steps: &mut Steps) -> Result<(String, String)> {
    let clock = clock();
    let cast = Cast::on(clock.now().beijing_date());
    steps.next("persons are registered, proven and certified; their accounts are enrolled");
    let roll = cast::roll(cast.all());
    let (_, mut certified) = stage::import_roll(academy, "cast.csv", roll.as_bytes()).await?;
    if let Some(revision) = stage::record_not_found(academy, &cast.unpublished, clock.now()).await? {
        certified = revision;
    }
    let mut shown = Vec::new();
    let mut proven = String::new();
    for person in cast.all() {
        let (streamer, revision) = enrol(platform, person).await?;
        proven = revision;
        shown.push(Shown { label: person.label.clone(), streamer });
    }
    steps.next("the platform sets its policy and asks who may sell");
    stage::set_policy(platform, clock.now()).await?;
    let allowed = shown.first().map(|it| it.streamer.clone()).unwrap_or_default();
    for revision in [&certified, &proven] {
        decisions::check(platform, &allowed, revision, News::Usual).await?;
    }
    let mut decided = decisions::check_all(platform, &shown).await?;
    let impatient = decisions::check(platform, &allowed, "", News::OfThisInstant).await?;
    decided.push(impatient.decision.unwrap_or_default());
    shown.push(Shown {
        label: "the first one, if news may be no older than a microsecond".to_owned(),
        streamer: allowed.clone(),
    });
    Ok((decisions::table(shown.iter().zip(&decided)), allowed))
}

async fn enrol(platform: &Actor, person: &Person) -> Result<(String, String)> {
    let (name, revision) = stage::register(platform, person).await?;
    Ok((stage::enrol(platform, person, &name).await?, revision))
}

/// Opens sessions, revokes what they rest on, and tells how long the cuts took.
async fn cut_sessions(platform: &Actor, academy: &Actor, steps: &mut Steps) -> Result<String> {
    steps.next("marketers are certified and enrolled");
    let persons = new_marketers(academy).await?;
    let roll = cast::roll(&persons);
    let (_, certified) = stage::import_roll(academy, "marketers.csv", roll.as_bytes()).await?;
    let mut marketers = Vec::new();
    let mut proven = String::new();
    for person in persons {
        let (streamer, revision) = enrol(platform, &person).await?;
        proven = revision;
        marketers.push(Marketer { person, streamer });
    }
    // The last one is left for people to try things on.
    marketers.pop();
    if let Some(first) = marketers.first() {
        decisions::check(platform, &first.streamer, &proven, News::Usual).await?;
    }
    steps.next(format!("{} live sessions open; their certificates are revoked", marketers.len()));
    let cuts = cut::cut_all(platform, academy, &marketers, &certified).await?;
    let mut told = cut::table(&cuts);
    if let Some(last) = cuts.last() {
        let after = decisions::check(platform, &last.streamer, &last.revision, News::Usual).await?;
        let shown = Shown { label: "a marketer after the cut".to_owned(), streamer: last.streamer.clone() };
        told = format!("{}\n{told}", decisions::table([(&shown, &after.decision.unwrap_or_default())]));
    }
    Ok(told)
}

/// The marketers with the certificates of the first run that has not been.
async fn new_marketers(academy: &Actor) -> Result<Vec<Person>> {
    let today = clock().now().beijing_date();
    let mut run = 0;
    loop {
        let persons = cast::marketers(today, run);
        let number = persons.first().and_then(|it| it.paper.as_ref()).map(|it| it.number.clone());
        if stage::certificate(academy, &number.unwrap_or_default()).await?.is_none() {
            return Ok(persons);
        }
        run += 1;
    }
}
