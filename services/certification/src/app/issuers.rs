//! The directory of issuers.

use super::App;
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_domain::certification::port::{Change, IssuerRecord, Store};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::{AccreditIssuerRequest, AccreditIssuerResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::{Mode, Once, Planned};

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
        let record = IssuerRecord { issuer, display_name, create_time: once.now(), update_time: once.now() };
        let plan = || async {
            if self.store.issuer(&record.issuer.id).await?.is_some() {
                return Err(Error::IssuerExists(record.issuer.id.name()));
            }
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
}
