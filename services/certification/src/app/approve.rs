//! The second person's word on a plan.

use super::{App, stored};
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_domain::certification::port::{Approval, Change, RollImport, RollImportState, Store};
use greenroom_domain::kernel::{RollImportId, Timestamp};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::{ApproveRollImportRequest, ApproveRollImportResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;

impl<S: Store + HasLog> App<S> {
    /// Approves a plan. Approving twice changes nothing.
    pub async fn approve(
        &self,
        call: &Call,
        request: ApproveRollImportRequest,
    ) -> Result<ApproveRollImportResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let mut wrong = Violations::new();
        let id = wrong.take("name", greenroom_rpc::wire::name(&request.name));
        let id: RollImportId = wrong.finish(id)?;
        let (id, digest, now) = (&id, &request.digest, once.now());
        let plan = || async move {
            let import = self.import(&call.caller, id).await?;
            let approved = approved(call, &import, digest, now)?;
            let answer = |import: &RollImport| ApproveRollImportResponse {
                roll_import: Some(wire::import(import)),
                revision: String::new(),
            };
            let Some(approved) = approved else {
                let answer = answer(&import);
                return Ok(Planned { change: Change::Nothing, events: Vec::new(), answer });
            };
            let stored = stored(&approved);
            let (events, answer) = (vec![facts::of_import(&stored)], answer(&stored));
            Ok::<_, Error>(Planned { change: Change::SaveImport(approved), events, answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(ApproveRollImportResponse { revision, ..done.answer })
    }
}

/// The import with the approval; `None` if it has one.
fn approved(
    call: &Call,
    import: &RollImport,
    digest: &str,
    now: Timestamp,
) -> Result<Option<RollImport>, Error> {
    let name = import.id.name();
    if import.state != RollImportState::Planned {
        return Err(Error::RollNotPlanned(name, import.state));
    }
    if import.digest != digest {
        return Err(Error::RollDigestMismatch(name));
    }
    let client = call.caller.client_id.clone();
    let person = call.caller.person.clone();
    let Some(person) = person.filter(|person| import.planner.is_other(&client, person)) else {
        return Err(Error::RollApproverRefused(name));
    };
    if import.approval.is_some() {
        return Ok(None);
    }
    let approval = Some(Approval { client, person, time: now });
    Ok(Some(RollImport { approval, ..import.clone() }))
}
