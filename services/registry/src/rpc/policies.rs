//! `PolicyService`.

use super::{Api, parse, parse_policies};
use crate::error::Error;
use crate::wire::news::of_policy;
use crate::wire::policy::{policy as to_wire, policy_name, read_permission};
use crate::wire::{rules, simulation};
use greenroom_domain::kernel::{OrganizationId, PolicyId};
use greenroom_domain::registry::Permission;
use greenroom_domain::registry::port::Store;
use greenroom_feed::event::sha256;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::policy_service_server::PolicyService;
use greenroom_proto::registry::v1::{
    self as proto, GetPolicyRequest, GetPolicyResponse, GetRulesRequest, GetRulesResponse,
    GetShadowReportRequest, GetShadowReportResponse, ListPolicyRevisionsRequest, ListPolicyRevisionsResponse,
    SetPolicyRequest, SetPolicyResponse, ShadowReport, SimulatePolicyRequest, SimulatePolicyResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::Mode;
use greenroom_rpc::page::Page;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::timestamp;
use prost::Message as _;
use std::sync::Arc;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> PolicyService for Api<S> {
    async fn set_policy(
        &self,
        request: Request<SetPolicyRequest>,
    ) -> Result<Response<SetPolicyResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let once = self.app.once(&call, &message, &message.request_id, Mode::from(message.validate_only))?;
        named(&call.caller.organization, message.policy.as_ref())?;
        let wish = parse_policies::wish(message.policy.as_ref(), &self.app.rules())?;
        Ok(Response::new(self.app.set_policy(&call, &once, &wish, &message.etag).await?))
    }

    async fn get_policy(
        &self,
        request: Request<GetPolicyRequest>,
    ) -> Result<Response<GetPolicyResponse>, Status> {
        let call = Call::of(&request)?;
        let platform = &call.caller.organization;
        let permission = own(platform, "name", &request.into_inner().name)?;
        let revision = self.app.policy(platform, permission).await?;
        Ok(Response::new(GetPolicyResponse { policy: Some(to_wire(&revision)) }))
    }

    async fn list_policy_revisions(
        &self,
        request: Request<ListPolicyRevisionsRequest>,
    ) -> Result<Response<ListPolicyRevisionsResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let platform = &call.caller.organization;
        let permission = own(platform, "name", &message.name)?;
        let scope = [&*call.method, platform.as_str(), permission.code()];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let before = page.after.parse().unwrap_or(i64::MAX);
        let rows = self.app.store.policies_before(platform, permission, before, page.limit()).await;
        let (rows, next_page_token) = page.cut(rows.map_err(Error::from)?, |row| row.revision.to_string());
        let policies = rows.iter().map(|row| of_policy(row).map(|revision| to_wire(&revision)));
        let policies = policies.collect::<Result<_, _>>().map_err(Error::from)?;
        Ok(Response::new(ListPolicyRevisionsResponse { policies, next_page_token }))
    }

    async fn simulate_policy(
        &self,
        request: Request<SimulatePolicyRequest>,
    ) -> Result<Response<SimulatePolicyResponse>, Status> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let platform = &call.caller.organization;
        named(platform, message.policy.as_ref())?;
        let (wish, question) = parse_policies::simulation(&message, &self.app.rules())?;
        let asked = SimulatePolicyRequest { page_size: 0, page_token: String::new(), ..message.clone() };
        let digest = sha256(&asked.encode_to_vec());
        let asked = u128::from_be_bytes(digest.first_chunk().copied().unwrap_or_default()).to_string();
        let scope = [&*call.method, platform.as_str(), &asked];
        let page = Page::parse(message.page_size, &message.page_token, &scope)?;
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let done = self.app.simulate(platform, &wish, &question, (&page.after, limit)).await?;
        let first = message.page_token.is_empty();
        let flips = done.comparison.told.iter().filter(|_| first).map(simulation::flip).collect();
        let (told, next_page_token) = page.cut(done.told, |(id, _)| id.as_str().to_owned());
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Ok(Response::new(SimulatePolicyResponse {
            cell_count: whole(done.comparison.cells),
            flip_count: whole(done.comparison.flips),
            flips,
            streamer_count: done.streamers,
            gain_count: done.gain,
            lose_count: done.lose,
            streamers: told.into_iter().map(|(_, flip)| flip).collect(),
            next_page_token,
            revision_number: done.revision,
        }))
    }

    async fn get_shadow_report(
        &self,
        request: Request<GetShadowReportRequest>,
    ) -> Result<Response<GetShadowReportResponse>, Status> {
        let call = Call::of(&request)?;
        let platform = &call.caller.organization;
        let permission = own(platform, "name", &request.into_inner().name)?;
        let (revision, tally, since) = self.app.shadow_report(platform, permission).await?;
        let report = ShadowReport {
            policy: Some(to_wire(&revision)),
            since_time: Some(timestamp(since)),
            agree_count: tally.agree,
            would_refuse_count: tally.would_refuse,
            would_allow_count: tally.would_allow,
            differ_count: tally.differ,
        };
        Ok(Response::new(GetShadowReportResponse { report: Some(report) }))
    }

    async fn get_rules(
        &self,
        request: Request<GetRulesRequest>,
    ) -> Result<Response<GetRulesResponse>, Status> {
        let edition = request.into_inner().edition;
        let book = Arc::clone(self.app.memory.world().rules());
        let chosen = if edition.is_empty() {
            self.app.rules()
        } else {
            let known = book.edition(&edition).cloned();
            known.ok_or(Error::RulesEditionNotFound(edition))?
        };
        let editions = book.editions().map(|one| one.edition.clone()).collect();
        Ok(Response::new(GetRulesResponse { rules: Some(rules::rules(&chosen)), editions }))
    }
}

/// Refuses a policy that names another's, or another permission's than its own.
fn named(platform: &OrganizationId, policy: Option<&proto::Policy>) -> Result<(), Error> {
    let Some(policy) = policy.filter(|policy| !policy.name.is_empty()) else { return Ok(()) };
    let permission = own(platform, "policy.name", &policy.name)?;
    let said = proto::Permission::try_from(policy.permission).map(read_permission);
    if said.is_ok_and(|said| said != permission) {
        let mut violations = Violations::new();
        violations.add("policy.name", "is the name of the policy for another permission");
        return Err(Fault::fields(violations).into());
    }
    Ok(())
}

/// Which of the platform's policies a name means. It sees no other; an empty name is its own for live sales.
fn own(platform: &OrganizationId, field: &str, given: &str) -> Result<Permission, Error> {
    if given.is_empty() {
        return Ok(Permission::LiveSale);
    }
    let meant = Permission::ALL.into_iter().find(|permission| policy_name(platform, *permission) == given);
    if let Some(permission) = meant {
        return Ok(permission);
    }
    let policy: PolicyId = parse::resource(field, given)?;
    Err(Error::PolicyNotFound(policy.name()))
}
