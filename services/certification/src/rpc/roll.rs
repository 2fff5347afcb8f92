use super::Rpc;
use crate::app::RollPlan;
use crate::error::Error;
use crate::wire::{self, codes};
use greenroom_domain::certification::port::Store;
use greenroom_domain::certification::{RollCode, RollVerdict};
use greenroom_domain::kernel::RollImportId;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_proto::certification::v1::plan_roll_import_request::Part;
use greenroom_proto::certification::v1::roll_service_server::RollService;
use greenroom_rpc::call::Call;
use greenroom_rpc::page::Page;
use greenroom_rpc::violations::Violations;
use tonic::{Request, Response, Status, Streaming};

type Parts = Streaming<message::PlanRollImportRequest>;

/// A stream whose parts come in another order than header, chunk, chunk, …
fn misplaced(said: &'static str) -> Error {
    let mut wrong = Violations::new();
    wrong.add("part", said);
    greenroom_rpc::fault::Fault::fields(wrong).into()
}

async fn read<S: Store + HasLog>(
    plan: &mut RollPlan<S>,
    parts: &mut Parts,
) -> Result<message::PlanRollImportResponse, Status> {
    while let Some(message) = parts.message().await? {
        match message.part {
            Some(Part::Chunk(bytes)) => plan.push(&bytes).await?,
            Some(Part::Header(_)) => return Err(misplaced("only the first message is a header").into()),
            None => return Err(misplaced("must be set").into()),
        }
    }
    Ok(plan.finish().await?)
}

fn import_id(name: &str) -> Result<RollImportId, Error> {
    RollImportId::parse_name(name).map_err(|_| Error::RollImportNotFound(name.chars().take(80).collect()))
}

#[tonic::async_trait]
impl<S: Store + HasLog> RollService for Rpc<S> {
    async fn plan_roll_import(
        &self,
        request: Request<Parts>,
    ) -> Result<Response<message::PlanRollImportResponse>, Status> {
        let call = Call::of(&request)?;
        let mut parts = request.into_inner();
        let first = parts.message().await?.and_then(|message| message.part);
        let Some(Part::Header(header)) = first else {
            return Err(misplaced("the first message must be a header").into());
        };
        let mut plan = self.app.begin_plan(call, header).await?;
        let planned = read(&mut plan, &mut parts).await;
        if planned.is_err() {
            plan.give_up().await;
        }
        planned.map(Response::new)
    }

    async fn get_roll_import(
        &self,
        request: Request<message::GetRollImportRequest>,
    ) -> Result<Response<message::GetRollImportResponse>, Status> {
        let call = Call::of(&request)?;
        let id = import_id(&request.into_inner().name)?;
        let import = self.app.import(&call.caller, &id).await?;
        Ok(Response::new(message::GetRollImportResponse { roll_import: Some(wire::import(&import)) }))
    }

    async fn list_roll_import_rows(
        &self,
        request: Request<message::ListRollImportRowsRequest>,
    ) -> Result<Response<message::ListRollImportRowsResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let id = import_id(&request.roll_import)?;
        let mut wrong = Violations::new();
        let verdict = wrong.take("verdict", wire::optional(request.verdict, codes::parse_verdict));
        let finding = wrong.take("finding", codes::parse_roll_code(&request.finding));
        let (verdict, finding) = wrong.finish(verdict.zip(finding))?;
        if verdict.is_some() && finding.is_some() {
            let mut wrong = Violations::new();
            wrong.add("finding", "is not asked for together with `verdict`");
            return Err(greenroom_rpc::fault::Fault::fields(wrong).into());
        }
        let kind = verdict.map_or(finding.map_or("", RollCode::code), RollVerdict::code);
        let scope = ["rows", call.caller.organization.as_str(), id.as_str(), kind];
        let page = Page::parse(request.page_size, &request.page_token, &scope)?;
        self.app.import(&call.caller, &id).await?;
        let after = page.after.parse().unwrap_or(0);
        let store = &self.app.store;
        let read = match finding {
            Some(code) => store.rows_with_finding(&id, code, after, page.limit()).await,
            None => store.rows(&id, verdict, after, page.limit()).await,
        };
        let read = read.map_err(Error::from)?;
        let (shown, next_page_token) = page.cut(read, |row| row.row.to_string());
        let rows = shown.iter().map(wire::row).collect();
        Ok(Response::new(message::ListRollImportRowsResponse { rows, next_page_token }))
    }

    async fn apply_roll_import(
        &self,
        request: Request<message::ApplyRollImportRequest>,
    ) -> Result<Response<message::ApplyRollImportResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.apply(&call, request.into_inner()).await?))
    }

    async fn approve_roll_import(
        &self,
        request: Request<message::ApproveRollImportRequest>,
    ) -> Result<Response<message::ApproveRollImportResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.approve(&call, request.into_inner()).await?))
    }

    async fn roll_back_roll_import(
        &self,
        request: Request<message::RollBackRollImportRequest>,
    ) -> Result<Response<message::RollBackRollImportResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.roll_back(&call, request.into_inner()).await?))
    }
}
