//! The directory of issuers.

use super::App;
use crate::error::Error;
use crate::wire::{self, facts, issuers};
use greenroom_domain::certification::port::{Change, IssuerRecord, Store};
use greenroom_domain::certification::{Issuer, IssuerRefusal, TermFault, TermList};
use greenroom_domain::kernel::{IssuerId, Timestamp};
use greenroom_domain::ledger::EventDraft;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_proto::certification::v1::{AccreditIssuerRequest, AccreditIssuerResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;

impl<S: Store + HasLog> App<S> {
    /// Accredits an issuer.
    pub async fn accredit(
        &self,
        call: &Call,
        request: AccreditIssuerRequest,
    ) -> Result<AccreditIssuerResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let (issuer, display_name) = wire::issuer_terms(&request, &self.standards)?;
        let id = issuer.id.clone();
        let issuer = issuer.validated().map_err(|refusal| refused(refusal, &id, "issuer"))?;
        let record = IssuerRecord { issuer, display_name, create_time: once.now(), update_time: once.now() };
        let plan = || async {
            if self.store.issuer(&record.issuer.id).await?.is_some() {
                return Err(Error::IssuerExists(record.issuer.id.name()));
            }
            self.sites_are_free(&record.issuer).await?;
            let issuer = wire::issuer(&record);
            Ok(Planned {
                change: Change::AddIssuer(record.clone()),
                events: vec![facts::of_issuer(&record)],
                answer: AccreditIssuerResponse { issuer: Some(issuer), revision: String::new() },
            })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(AccreditIssuerResponse { revision, ..done.answer })
    }

    /// Changes an issuer's name, accreditations or sites.
    pub async fn update_issuer(
        &self,
        call: &Call,
        request: message::UpdateIssuerRequest,
    ) -> Result<message::UpdateIssuerResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let change = issuers::change(&request, &self.standards)?;
        let given = request.issuer.as_ref().map(|issuer| issuer.etag.as_str()).unwrap_or_default();
        let today = once.now().beijing_date();
        let plan = || async {
            let record = self.issuer_at(&change.id, given).await?;
            let (accreditations, sites) = (change.accreditations.as_deref(), change.sites.as_deref());
            let amended = record.issuer.clone().amended(accreditations, sites, today);
            let issuer = amended.map_err(|refusal| refused(refusal, &change.id, "issuer"))?;
            self.sites_are_free(&issuer).await?;
            let display_name = change.display_name.clone().unwrap_or_else(|| record.display_name.clone());
            let (change, event, stored) = saved(IssuerRecord { display_name, ..record }, issuer, once.now());
            let issuer = Some(wire::issuer(&stored));
            let answer = message::UpdateIssuerResponse { issuer, revision: String::new() };
            Ok::<_, Error>(Planned { change, events: vec![event], answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::UpdateIssuerResponse { revision, ..done.answer })
    }

    /// Stops an issuer for a while.
    pub async fn suspend_issuer(
        &self,
        call: &Call,
        request: message::SuspendIssuerRequest,
    ) -> Result<message::SuspendIssuerResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let (id, measure) = issuers::suspension(&request, once.now())?;
        let plan = || async {
            let record = self.issuer_at(&id, &request.etag).await?;
            let suspended = record.issuer.clone().suspend(measure.clone());
            let issuer = suspended.map_err(|refusal| wrong_standing(refusal, &record.issuer))?;
            let (change, event, stored) = saved(record, issuer, once.now());
            let issuer = Some(wire::issuer(&stored));
            let answer = message::SuspendIssuerResponse { issuer, revision: String::new() };
            Ok::<_, Error>(Planned { change, events: vec![event], answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::SuspendIssuerResponse { revision, ..done.answer })
    }

    /// Lets a suspended issuer go on.
    pub async fn reinstate_issuer(
        &self,
        call: &Call,
        request: message::ReinstateIssuerRequest,
    ) -> Result<message::ReinstateIssuerResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let mut wrong = Violations::new();
        let id: Option<IssuerId> = wrong.take("name", greenroom_rpc::wire::name(&request.name));
        let id = wrong.finish(id)?;
        let plan = || async {
            let record = self.issuer_at(&id, &request.etag).await?;
            let reinstated = record.issuer.clone().reinstate();
            let issuer = reinstated.map_err(|refusal| wrong_standing(refusal, &record.issuer))?;
            let (change, event, stored) = saved(record, issuer, once.now());
            let issuer = Some(wire::issuer(&stored));
            let answer = message::ReinstateIssuerResponse { issuer, revision: String::new() };
            Ok::<_, Error>(Planned { change, events: vec![event], answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::ReinstateIssuerResponse { revision, ..done.answer })
    }

    /// Strikes an issuer off. Its certificates do not change: how each is seen follows from this one event.
    pub async fn strike_off(
        &self,
        call: &Call,
        request: message::StrikeOffIssuerRequest,
    ) -> Result<message::StrikeOffIssuerResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let (id, measure) = issuers::strike_off(&request, self.terms.strike_off_review, once.now())?;
        let plan = || async {
            let record = self.issuer_at(&id, &request.etag).await?;
            let struck_off = record.issuer.clone().strike_off(measure.clone());
            let issuer = struck_off.map_err(|refusal| wrong_standing(refusal, &record.issuer))?;
            let impact = Some(issuers::impact(&self.store.impact(&id, once.now()).await?));
            let (change, event, stored) = saved(record, issuer, once.now());
            let issuer = Some(wire::issuer(&stored));
            let answer = message::StrikeOffIssuerResponse { issuer, impact, revision: String::new() };
            Ok::<_, Error>(Planned { change, events: vec![event], answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::StrikeOffIssuerResponse { revision, ..done.answer })
    }

    /// The issuer, if its etag is the one given.
    async fn issuer_at(&self, id: &IssuerId, given: &str) -> Result<IssuerRecord, Error> {
        let found = self.store.issuer(id).await?;
        let record = found.ok_or_else(|| Error::IssuerNotFound(id.name()))?;
        etag::check(given, record.issuer.version, &id.name())?;
        Ok(record)
    }

    /// The table has the last word; this is to tell which site it is.
    async fn sites_are_free(&self, issuer: &Issuer) -> Result<(), Error> {
        for site in &issuer.sites {
            let prefix = issuer.prefix_of(site);
            if self.store.issuer_at(&prefix).await?.is_some_and(|owner| owner != issuer.id) {
                return Err(Error::SiteTaken(prefix));
            }
        }
        Ok(())
    }
}

/// The change, its event and the record as it is afterwards.
fn saved(record: IssuerRecord, issuer: Issuer, now: Timestamp) -> (Change, EventDraft, IssuerRecord) {
    let next = IssuerRecord { issuer, update_time: now, ..record };
    let stored = next.stored(now);
    let event = facts::of_issuer(&stored);
    (Change::SaveIssuer(next), event, stored)
}

fn wrong_standing(refusal: IssuerRefusal, issuer: &Issuer) -> Error {
    match refusal {
        IssuerRefusal::MeasureUnfounded => Fault::hide(&refusal).into(),
        _ => Error::IssuerStandingWrong(issuer.id.name(), issuer.standing),
    }
}

fn refused(refusal: IssuerRefusal, id: &IssuerId, path: &str) -> Error {
    let field = |field: &str| {
        let mut wrong = Violations::new();
        wrong.add(format!("{path}.{field}"), refusal);
        Fault::fields(wrong).into()
    };
    match refusal {
        IssuerRefusal::TermNotKept { list, fault } => {
            let list = match list {
                TermList::Accreditations => "accreditations",
                TermList::Sites => "sites",
            };
            match fault {
                TermFault::Twice(place) => field(&format!("{list}[{place}]")),
                TermFault::EndPast(place) => field(&format!("{list}[{place}].to_date")),
                TermFault::Vanished(_) | TermFault::Ended(_) => {
                    let place = fault.place().map(|place| format!("[{place}].to_date")).unwrap_or_default();
                    Error::IssuerTermNotKept(id.name(), format!("{path}.{list}{place}"), fault)
                }
            }
        }
        IssuerRefusal::SiteMalformed => field("sites"),
        IssuerRefusal::EmptyAccreditation => field("accreditations"),
        IssuerRefusal::CodeMalformed => field("code"),
        IssuerRefusal::StruckOff => {
            Error::IssuerStandingWrong(id.name(), greenroom_domain::certification::IssuerStanding::StruckOff)
        }
        IssuerRefusal::AlreadySuspended | IssuerRefusal::NotSuspended | IssuerRefusal::MeasureUnfounded => {
            Fault::hide(&refusal).into()
        }
    }
}
