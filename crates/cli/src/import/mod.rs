//! `greenroom import`: a certificate roll, first as a plan, then approved, applied, watched or rolled back.

mod show;
mod work;

pub use show::{Languages, rows_table, totals_table};
pub use work::{Rolls, apply, pieces, plan, rows};

use crate::failure::{Context as _, Failure, Result};
use crate::folder::Places;
use crate::reach::{Reach, Service};
use crate::say;
use clap::{Args, ValueEnum};
use greenroom_proto::certification::v1::{
    RollCoverage, RollEncoding, RollHeader, RollImport, RollImportState, RollRowVerdict,
};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use tokio::sync::oneshot;
use uuid::Uuid;

const BYTES_BAR: &str = "{msg} {bar:40} {bytes}/{total_bytes} {elapsed}";
/// How the name of an import begins.
const IMPORTS: &str = "rollImports/";

/// Whether a roll holds everything.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Coverage {
    /// Every certificate of the issuer under the standard; others on record are withdrawn from being verified
    Complete,
    /// What it does not hold says nothing
    Partial,
}

/// How the text of a CSV file is encoded.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Encoding {
    /// As the file's bytes tell
    Auto,
    /// UTF-8
    #[value(name = "utf-8")]
    Utf8,
    /// GB 18030, GBK, GB 2312
    Gb18030,
}

/// Arguments of `greenroom import`.
#[derive(Args, Debug)]
#[command(
    after_help = "A roll is a CSV file (UTF-8 or GB 18030) or an XLSX workbook with the headings 姓名, 证件类型, 证件号码, 工种, 职业技能等级,
证书编号, 发证日期, or name, document_type, document_number, job_type, level, certificate_number, issue_date, in any order.
In a workbook, document and certificate numbers have to be text.

Examples:
  greenroom import roll.csv --issuer issuers/demo-academy
  greenroom import roll.xlsx --issuer issuers/demo-academy --coverage complete --apply --yes
  greenroom import rollImports/… --approve     as another person, where the service asks for one
  greenroom import rollImports/… --apply       what was planned before
  greenroom import rollImports/… --rollback    everything is again what it was"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Import {
    /// The roll, or an import that exists: rollImports/…
    #[arg(value_name = "FILE")]
    file: String,
    /// Whose roll it is, such as issuers/demo-academy
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Under which standard the certificates were issued
    #[arg(long, value_name = "NAME", default_value = "standards/internet-marketer-2021")]
    standard: String,
    /// Whether the roll holds every certificate of the issuer under the standard
    #[arg(long, value_enum, default_value_t = Coverage::Partial)]
    coverage: Coverage,
    /// How the text of a CSV file is encoded
    #[arg(long, value_enum, default_value_t = Encoding::Auto)]
    encoding: Encoding,
    /// The sheet of a workbook; the first if none is named
    #[arg(long, value_name = "NAME", default_value = "")]
    sheet: String,
    /// Applies the plan after showing it
    #[arg(long, conflicts_with_all = ["approve", "rollback", "watch"])]
    apply: bool,
    /// Applies also if up to so many certificates in force are withdrawn
    #[arg(long, value_name = "N", requires = "apply", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..))]
    allow_withdrawals: i32,
    /// Approves the plan of an import, as the second person
    #[arg(long, conflicts_with_all = ["rollback", "watch"])]
    approve: bool,
    /// Rolls an import back
    #[arg(long, conflicts_with = "watch")]
    rollback: bool,
    /// Shows how far others are with an import
    #[arg(long)]
    watch: bool,
    /// Does it without asking
    #[arg(long)]
    yes: bool,
    /// Shows what is wrong with rows in Chinese as well
    #[arg(long)]
    zh: bool,
    /// How many bad rows to show
    #[arg(long, value_name = "N", default_value_t = 20)]
    show: u16,
    #[command(flatten)]
    reach: Reach,
}

impl Import {
    /// Plans, shows, and goes on as asked.
    pub async fn run(&self, places: &Places) -> Result<()> {
        let mut rolls = Rolls::new(self.reach.connect(places, Service::Certification)?);
        let known = self.file.starts_with(IMPORTS);
        if !known && (self.approve || self.rollback || self.watch) {
            return Err(Failure::new("name the import: `greenroom import rollImports/…`"));
        }
        let import = if self.watch {
            work::watch(&mut rolls, &self.file).await?
        } else if known {
            work::read(&mut rolls, &self.file).await?
        } else {
            self.plan(&mut rolls).await?
        };
        self.tell(&mut rolls, &import).await?;
        match (self.approve, self.rollback, self.apply) {
            (true, ..) => self.approve(&mut rolls, &import).await,
            (_, true, _) => self.roll_back(&mut rolls, &import).await,
            (.., true) => self.apply(&mut rolls, &import).await,
            _ if import.state() == RollImportState::Planned => {
                say::note("nothing is applied; `--apply` behind the plan's name applies it");
                Ok(())
            }
            _ => say::out(&format!("{} is {}", import.name, state(&import))),
        }
    }

    async fn plan(&self, rolls: &mut Rolls) -> Result<RollImport> {
        let issuer =
            self.issuer.clone().ok_or_else(|| Failure::new("`--issuer` is missing: whose roll is it?"))?;
        let shown = &self.file;
        let file = tokio::fs::File::open(shown).await.context(|| format!("cannot read `{shown}`"))?;
        let length = file.metadata().await.map(|it| it.len()).context(|| format!("cannot read `{shown}`"))?;
        let name = Path::new(shown).file_name().map(|name| name.to_string_lossy().into_owned());
        let header = RollHeader {
            issuer,
            standard: self.standard.clone(),
            file_name: name.unwrap_or_default(),
            request_id: Uuid::new_v4().to_string(),
            coverage: match self.coverage {
                Coverage::Complete => RollCoverage::Complete.into(),
                Coverage::Partial => RollCoverage::Partial.into(),
            },
            encoding: match self.encoding {
                Encoding::Auto => RollEncoding::Unspecified.into(),
                Encoding::Utf8 => RollEncoding::Utf8.into(),
                Encoding::Gb18030 => RollEncoding::Gb18030.into(),
            },
            sheet: self.sheet.clone(),
            ..RollHeader::default()
        };
        // The service reads no faster than it plans: what is sent is, but for a second, what is planned.
        let bar = say::bar(length, BYTES_BAR);
        bar.set_message("planning");
        let (fault, unread) = oneshot::channel();
        let planning = plan(rolls, header, work::chunks(file, bar.clone(), fault));
        let planned = tokio::select! {
            planned = planning => planned,
            // The call is given up with that, and its import abandoned.
            Ok(error) = unread => Err(Failure::new(format!("cannot read `{shown}` to its end: {error}"))),
        };
        bar.finish_and_clear();
        planned
    }

    /// Shows what a plan comes to, and the first of its rows that people should look at.
    async fn tell(&self, rolls: &mut Rolls, import: &RollImport) -> Result<()> {
        say::out(&totals_table(import))?;
        for verdict in [RollRowVerdict::Ambiguous, RollRowVerdict::Invalid, RollRowVerdict::Missing] {
            let rows = rows(rolls, &import.name, verdict, self.show.into()).await?;
            if rows.iter().any(|row| !row.findings.is_empty()) {
                say::out(&rows_table(&rows, if self.zh { Languages::Both } else { Languages::English }))?;
            }
        }
        if import.withdrawal_count > 0 {
            let RollImport { withdrawal_count, in_force_count, .. } = import;
            say::note(&format!(
                "applying it withdraws {withdrawal_count} of {in_force_count} certificates in force"
            ));
        }
        say::out(&format!("plan {} digest {}", import.name, import.digest))
    }

    async fn apply(&self, rolls: &mut Rolls, plan: &RollImport) -> Result<()> {
        let totals = plan.totals.unwrap_or_default();
        self.confirm(&format!("apply {} rows?", totals.create_count + totals.update_count))?;
        let watcher = rolls.clone();
        let work = work::apply(rolls, plan, self.allow_withdrawals);
        let (applied, _) = work::watched(&watcher, plan, "applying", work).await?;
        say::out(&format!("applied {} rows of {}", applied.applied_count, applied.name))
    }

    async fn approve(&self, rolls: &mut Rolls, plan: &RollImport) -> Result<()> {
        self.confirm("approve this plan?")?;
        let approved = work::approve(rolls, plan).await?;
        say::out(&format!("approved {} as {}", approved.name, approved.approver))
    }

    async fn roll_back(&self, rolls: &mut Rolls, import: &RollImport) -> Result<()> {
        self.confirm(&format!("roll {} rows back?", import.applied_count))?;
        let watcher = rolls.clone();
        let work = work::roll_back(rolls, import);
        let back = work::watched(&watcher, import, "rolling back", work).await?;
        say::out(&format!("rolled {} rows of {} back", back.rolled_back_count, back.name))?;
        if back.kept_count > 0 {
            say::note(&format!(
                "{} certificates have changed since and keep what they have",
                back.kept_count
            ));
        }
        Ok(())
    }

    fn confirm(&self, question: &str) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::new("nobody can be asked here; add `--yes` to go on without asking"));
        }
        let mut stderr = std::io::stderr();
        drop(write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).context(|| "cannot read the answer".to_owned())?;
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(Failure::new("nothing is changed")),
        }
    }
}

fn state(import: &RollImport) -> &'static str {
    import.state().as_str_name().trim_start_matches("ROLL_IMPORT_STATE_")
}
