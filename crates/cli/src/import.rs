//! `greenroom import`: a certificate roll, first as a plan, then applied.

use crate::failure::{Context as _, Failure, Result};
use crate::folder::Places;
use crate::reach::{Reach, Service};
use crate::{refusal, say};
use clap::Args;
use futures::{Stream, StreamExt as _};
use greenroom_proto::certification::v1::plan_roll_import_request::Part;
use greenroom_proto::certification::v1::roll_service_client::RollServiceClient;
use greenroom_proto::certification::v1::{
    ApplyRollImportRequest, GetRollImportRequest, ListRollImportRowsRequest, PlanRollImportRequest,
    RollHeader, RollImport, RollImportRow, RollRowVerdict, RollTotals,
};
use greenroom_rpc::client::Authenticated;
use indicatif::ProgressBar;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tonic::{Code, Request};
use uuid::Uuid;

/// What one message carries of the file.
const CHUNK: usize = 64 * 1024;

/// How long a plan may take: the services grant no longer deadline.
const LONGEST_PLAN: Duration = Duration::from_hours(1);
/// How often the progress of an application is asked for.
const ASK_EVERY: Duration = Duration::from_millis(250);
const BYTES_BAR: &str = "{msg} {bar:40} {bytes}/{total_bytes} {elapsed}";
const ROWS_BAR: &str = "{msg} {bar:40} {pos}/{len} rows {elapsed}";

/// A client of the roll service that carries tokens.
pub type Rolls = RollServiceClient<Authenticated>;

/// Arguments of `greenroom import`.
#[derive(Args, Debug)]
#[command(
    after_help = "A roll is a CSV file in UTF-8 with the headings 姓名, 证件类型, 证件号码, 工种, 职业技能等级, 证书编号, 发证日期,
or name, document_type, document_number, job_type, level, certificate_number, issue_date, in any order.

Examples:
  greenroom import roll.csv --issuer issuers/demo-academy --standard standards/internet-marketer-2021
  greenroom import roll.csv --issuer issuers/demo-academy --standard standards/internet-marketer-2021 --apply --yes"
)]
pub struct Import {
    /// The roll
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whose roll it is, such as issuers/demo-academy
    #[arg(long, value_name = "NAME")]
    issuer: String,
    /// Under which standard the certificates were issued
    #[arg(long, value_name = "NAME", default_value = "standards/internet-marketer-2021")]
    standard: String,
    /// Applies the plan after showing it
    #[arg(long)]
    apply: bool,
    /// Applies without asking
    #[arg(long, requires = "apply")]
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
    /// Plans, shows, and applies if asked.
    pub async fn run(&self, places: &Places) -> Result<()> {
        let shown = self.file.display().to_string();
        let file = tokio::fs::File::open(&self.file).await.context(|| format!("cannot read `{shown}`"))?;
        let length = file.metadata().await.map(|it| it.len()).context(|| format!("cannot read `{shown}`"))?;
        let mut rolls = Rolls::new(self.reach.connect(places, Service::Certification)?);
        let header = RollHeader {
            issuer: self.issuer.clone(),
            standard: self.standard.clone(),
            file_name: self
                .file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            request_id: Uuid::new_v4().to_string(),
        };
        let bar = say::bar(length, BYTES_BAR);
        bar.set_message("planning");
        let fault = Arc::new(OnceLock::new());
        let planned = plan(&mut rolls, header, chunks(file, bar.clone(), Arc::clone(&fault))).await;
        bar.finish_and_clear();
        if let Some(error) = fault.get() {
            return Err(Failure::new(format!("cannot read `{shown}` to its end: {error}")));
        }
        let planned = planned?;
        say::out(&totals_table(&planned))?;
        for verdict in [RollRowVerdict::Ambiguous, RollRowVerdict::Invalid] {
            let rows = rows(&mut rolls, &planned.name, verdict, self.show.into()).await?;
            if !rows.is_empty() {
                say::out(&rows_table(&rows, if self.zh { Languages::Both } else { Languages::English }))?;
            }
        }
        say::out(&format!("plan {} digest {}", planned.name, planned.digest))?;
        if !self.apply {
            say::note("nothing is applied; run again with `--apply` to apply the plan");
            return Ok(());
        }
        if !self.yes {
            confirm(&planned)?;
        }
        let applied = apply_watched(&mut rolls, &planned).await?;
        say::out(&format!("applied {} rows of {}", applied.applied_count, applied.name))
    }
}

fn confirm(plan: &RollImport) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new("nobody can be asked here; add `--yes` to apply the plan without asking"));
    }
    let totals = plan.totals.unwrap_or_default();
    let rows = totals.create_count + totals.update_count;
    let mut stderr = std::io::stderr();
    drop(write!(stderr, "apply {rows} rows? [y/N] ").and_then(|()| stderr.flush()));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context(|| "cannot read the answer".to_owned())?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::new("nothing is applied")),
    }
}

/// The chunks of a file as they are read. Where reading fails they end, and `fault` tells why.
fn chunks(
    file: tokio::fs::File,
    bar: ProgressBar,
    fault: Arc<OnceLock<std::io::Error>>,
) -> impl Stream<Item = Vec<u8>> + Send + 'static {
    futures::stream::unfold(file, move |mut file| {
        let (bar, fault) = (bar.clone(), Arc::clone(&fault));
        async move {
            let mut chunk = Vec::with_capacity(CHUNK);
            match (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await {
                Ok(0) => None,
                Ok(read) => {
                    bar.inc(read as u64);
                    Some((chunk, file))
                }
                Err(error) => {
                    // Told after the call; only the first fault matters.
                    drop(fault.set(error));
                    None
                }
            }
        }
    })
}

/// The chunks of a roll in memory.
pub fn pieces(content: &[u8]) -> impl Stream<Item = Vec<u8>> + Send + 'static {
    futures::stream::iter(content.chunks(CHUNK).map(<[u8]>::to_vec).collect::<Vec<_>>())
}

/// Sends a roll and gets the plan.
pub async fn plan(
    rolls: &mut Rolls,
    header: RollHeader,
    chunks: impl Stream<Item = Vec<u8>> + Send + 'static,
) -> Result<RollImport> {
    let first = PlanRollImportRequest { part: Some(Part::Header(header)) };
    let rest = chunks.map(|chunk| PlanRollImportRequest { part: Some(Part::Chunk(chunk)) });
    let mut request = Request::new(futures::stream::iter([first]).chain(rest));
    request.set_timeout(LONGEST_PLAN);
    let answer = rolls.plan_roll_import(request).await;
    let plan = refusal::answer("PlanRollImport", answer)?.roll_import;
    plan.ok_or_else(|| Failure::new("the service answered without a plan"))
}

/// Applies a plan. Answers the import and the revision.
///
/// A large plan outlasts one call: as long as each call gets further, the next one goes on where it stopped.
pub async fn apply(rolls: &mut Rolls, plan: &RollImport) -> Result<(RollImport, String)> {
    let request = ApplyRollImportRequest {
        name: plan.name.clone(),
        digest: plan.digest.clone(),
        request_id: Uuid::new_v4().to_string(),
        validate_only: false,
    };
    let mut applied = plan.applied_count;
    loop {
        match rolls.apply_roll_import(request.clone()).await {
            Err(status) if status.code() == Code::DeadlineExceeded => {
                let now = progress(rolls, plan).await?.applied_count;
                if now <= applied {
                    return Err(refusal::describe("ApplyRollImport", &status));
                }
                applied = now;
            }
            answer => {
                let answer = refusal::answer("ApplyRollImport", answer)?;
                return Ok((answer.roll_import.unwrap_or_default(), answer.revision));
            }
        }
    }
}

async fn progress(rolls: &mut Rolls, plan: &RollImport) -> Result<RollImport> {
    let request = GetRollImportRequest { name: plan.name.clone() };
    let answer = refusal::answer("GetRollImport", rolls.get_roll_import(request).await)?;
    Ok(answer.roll_import.unwrap_or_default())
}

async fn apply_watched(rolls: &mut Rolls, plan: &RollImport) -> Result<RollImport> {
    let bar = say::bar(plan.row_count.try_into().unwrap_or_default(), ROWS_BAR);
    bar.set_message("applying");
    let mut watcher = rolls.clone();
    let watched = async {
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            // Only for show: the call that applies tells what goes wrong.
            if let Ok(import) = progress(&mut watcher, plan).await {
                bar.set_position(import.applied_count.try_into().unwrap_or_default());
            }
        }
    };
    let applied = tokio::select! {
        applied = apply(rolls, plan) => applied,
        () = watched => Err(Failure::new("the application ended without an answer")),
    };
    bar.finish_and_clear();
    applied.map(|(applied, _)| applied)
}

/// The first rows of a plan with this verdict.
pub async fn rows(
    rolls: &mut Rolls,
    name: &str,
    verdict: RollRowVerdict,
    count: i32,
) -> Result<Vec<RollImportRow>> {
    let request = ListRollImportRowsRequest {
        roll_import: name.to_owned(),
        verdict: verdict.into(),
        page_size: count.clamp(1, 1000),
        page_token: String::new(),
    };
    Ok(refusal::answer("ListRollImportRows", rolls.list_roll_import_rows(request).await)?.rows)
}

/// The totals of a plan.
pub fn totals_table(plan: &RollImport) -> String {
    let totals = plan.totals.unwrap_or_default();
    let RollTotals { create_count, update_count, unchanged_count, ambiguous_count, invalid_count } = totals;
    let mut table = say::table(&["roll", "rows", "create", "update", "unchanged", "ambiguous", "invalid"]);
    let mut row = vec![plan.file_name.clone()];
    let counts =
        [plan.row_count, create_count, update_count, unchanged_count, ambiguous_count, invalid_count];
    row.extend(counts.iter().map(ToString::to_string));
    table.add_row(row);
    table.to_string()
}

/// In which languages findings are shown.
#[derive(Clone, Copy)]
pub enum Languages {
    /// English only.
    English,
    /// English and Chinese.
    Both,
}

/// Rows with what is wrong with them.
pub fn rows_table(rows: &[RollImportRow], languages: Languages) -> String {
    let mut table = say::table(&["row", "verdict", "column", "code", "finding"]);
    for row in rows {
        let verdict = row.verdict().as_str_name().trim_start_matches("ROLL_ROW_VERDICT_").to_owned();
        for finding in &row.findings {
            let said = match languages {
                Languages::English => finding.message.clone(),
                Languages::Both => format!("{}\n{}", finding.message, finding.message_zh),
            };
            table.add_row([&row.row.to_string(), &verdict, &finding.column, &finding.code, &said]);
        }
    }
    table.to_string()
}
