//! The calls an import is made of.

use crate::failure::{Failure, Result};
use crate::{refusal, say};
use futures::{Stream, StreamExt as _};
use greenroom_proto::certification::v1::plan_roll_import_request::Part;
use greenroom_proto::certification::v1::roll_service_client::RollServiceClient;
use greenroom_proto::certification::v1::{
    ApplyRollImportRequest, ApproveRollImportRequest, GetRollImportRequest, ListRollImportRowsRequest,
    PlanRollImportRequest, RollBackRollImportRequest, RollHeader, RollImport, RollImportRow, RollImportState,
    RollRowVerdict,
};
use greenroom_rpc::client::Authenticated;
use indicatif::ProgressBar;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::sync::oneshot;
use tonic::{Code, Request};
use uuid::Uuid;

/// What one message carries of the file.
const CHUNK: usize = 64 * 1024;
/// How long a plan may take: the services grant no longer deadline.
const LONGEST_PLAN: Duration = Duration::from_hours(1);
/// How often the progress of an application is asked for.
const ASK_EVERY: Duration = Duration::from_millis(250);
const ROWS_BAR: &str = "{msg} {bar:40} {pos}/{len} rows {elapsed}";

/// A client of the roll service that carries tokens.
pub type Rolls = RollServiceClient<Authenticated>;

/// The chunks of a file as they are read. Where reading fails, `fault` tells why and they never end: a file that only seems
/// to be at its end would be planned as if it were whole.
pub fn chunks(
    file: tokio::fs::File,
    bar: ProgressBar,
    fault: oneshot::Sender<std::io::Error>,
) -> impl Stream<Item = Vec<u8>> + Send + 'static {
    futures::stream::unfold((file, fault), move |(mut file, fault)| {
        let bar = bar.clone();
        async move {
            let mut chunk = Vec::with_capacity(CHUNK);
            match (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await {
                Ok(0) => None,
                Ok(read) => {
                    bar.inc(read as u64);
                    Some((chunk, (file, fault)))
                }
                Err(error) => {
                    // Nobody may wait for it any more.
                    drop(fault.send(error));
                    std::future::pending().await
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
pub async fn apply(
    rolls: &mut Rolls,
    plan: &RollImport,
    allow_withdrawals_up_to: i32,
) -> Result<(RollImport, String)> {
    let request = ApplyRollImportRequest {
        name: plan.name.clone(),
        digest: plan.digest.clone(),
        request_id: Uuid::new_v4().to_string(),
        allow_withdrawals_up_to,
        ..ApplyRollImportRequest::default()
    };
    let mut applied = plan.applied_count;
    loop {
        match rolls.apply_roll_import(request.clone()).await {
            Err(status) if status.code() == Code::DeadlineExceeded => {
                let now = read(rolls, &plan.name).await?.applied_count;
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

/// Reads an import.
pub async fn read(rolls: &mut Rolls, name: &str) -> Result<RollImport> {
    let request = GetRollImportRequest { name: name.to_owned() };
    let answer = refusal::answer("GetRollImport", rolls.get_roll_import(request).await)?;
    Ok(answer.roll_import.unwrap_or_default())
}

/// Approves the plan that was shown.
pub async fn approve(rolls: &mut Rolls, plan: &RollImport) -> Result<RollImport> {
    let request = ApproveRollImportRequest {
        name: plan.name.clone(),
        digest: plan.digest.clone(),
        request_id: Uuid::new_v4().to_string(),
        validate_only: false,
    };
    let answer = refusal::answer("ApproveRollImport", rolls.approve_roll_import(request).await)?;
    Ok(answer.roll_import.unwrap_or_default())
}

/// Rolls an import back. As long as each call gets further, the next one goes on where it stopped.
pub async fn roll_back(rolls: &mut Rolls, import: &RollImport) -> Result<RollImport> {
    let request = RollBackRollImportRequest {
        name: import.name.clone(),
        request_id: Uuid::new_v4().to_string(),
        validate_only: false,
    };
    let done = |import: &RollImport| import.rolled_back_count + import.kept_count;
    let mut reached = done(import);
    loop {
        match rolls.roll_back_roll_import(request.clone()).await {
            Err(status) if status.code() == Code::DeadlineExceeded => {
                let now = done(&read(rolls, &import.name).await?);
                if now <= reached {
                    return Err(refusal::describe("RollBackRollImport", &status));
                }
                reached = now;
            }
            answer => {
                let answer = refusal::answer("RollBackRollImport", answer)?;
                return Ok(answer.roll_import.unwrap_or_default());
            }
        }
    }
}

/// Does work on an import while a bar shows how far it is.
pub async fn watched<T>(
    rolls: &Rolls,
    import: &RollImport,
    label: &'static str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let bar = say::bar(to_do(import), ROWS_BAR);
    bar.set_message(label);
    let mut watcher = rolls.clone();
    let watching = async {
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            // Only for show: the call itself tells what goes wrong.
            if let Ok(import) = read(&mut watcher, &import.name).await {
                bar.set_position(done(&import));
            }
        }
    };
    let done = tokio::select! {
        done = work => done,
        () = watching => Err(Failure::new("the work ended without an answer")),
    };
    bar.finish_and_clear();
    done
}

/// Shows how far others are with an import, until nobody works on it.
pub async fn watch(rolls: &mut Rolls, name: &str) -> Result<RollImport> {
    let mut import = read(rolls, name).await?;
    let bar = say::bar(to_do(&import), ROWS_BAR);
    loop {
        bar.set_message(match import.state() {
            RollImportState::Planning => "planning",
            RollImportState::Applying => "applying",
            RollImportState::RollingBack => "rolling back",
            _ => break,
        });
        bar.set_length(to_do(&import));
        bar.set_position(done(&import));
        tokio::time::sleep(ASK_EVERY).await;
        import = read(rolls, name).await?;
    }
    bar.finish_and_clear();
    Ok(import)
}

fn to_do(import: &RollImport) -> u64 {
    let totals = import.totals.unwrap_or_default();
    let rows = match import.state() {
        RollImportState::Planning => import.row_count,
        RollImportState::RollingBack | RollImportState::Applied => import.applied_count,
        // Those of the missing that are not in force are few, and no more than the bar is wrong by.
        _ => totals.create_count + totals.update_count + import.withdrawal_count,
    };
    rows.try_into().unwrap_or_default()
}

fn done(import: &RollImport) -> u64 {
    let rows = match import.state() {
        RollImportState::Planning => import.row_count,
        RollImportState::RollingBack | RollImportState::RolledBack => {
            import.rolled_back_count + import.kept_count
        }
        _ => import.applied_count,
    };
    rows.try_into().unwrap_or_default()
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
        ..ListRollImportRowsRequest::default()
    };
    Ok(refusal::answer("ListRollImportRows", rolls.list_roll_import_rows(request).await)?.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_cannot_be_read_on_does_not_seem_to_end() {
        let folder = tokio::fs::File::open(std::env::temp_dir()).await.unwrap();
        let (fault, unread) = oneshot::channel();
        let mut chunks = std::pin::pin!(chunks(folder, ProgressBar::hidden(), fault));
        tokio::select! {
            chunk = chunks.next() => panic!("{chunk:?}"),
            told = unread => assert_eq!(told.unwrap().kind(), std::io::ErrorKind::IsADirectory),
        }
    }
}
