use super::Rpc;
use crate::app::View;
use crate::error::Error;
use crate::wire::{self, codes};
use greenroom_domain::certification::CertificateNumber;
use greenroom_domain::certification::port::{CertificateFilter, KeptEvidence, Store};
use greenroom_domain::kernel::CertificateId;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_proto::certification::v1::certificate_service_server::CertificateService;
use greenroom_rpc::call::Call;
use greenroom_rpc::page::Page;
use greenroom_rpc::violations::Violations;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> CertificateService for Rpc<S> {
    async fn get_certificate(
        &self,
        request: Request<message::GetCertificateRequest>,
    ) -> Result<Response<message::GetCertificateResponse>, Status> {
        let call = Call::of(&request)?;
        let message::GetCertificateRequest { name, as_of } = request.into_inner();
        let as_of = wire::as_of(as_of.as_ref(), self.app.clock.now()).map_err(Error::from)?;
        let unknown = |_| Error::CertificateNotFound(name.chars().take(80).collect());
        let id = CertificateId::parse_name(&name).map_err(unknown)?;
        let record = self.app.certificate_as_of(&call.caller, &id, as_of).await?;
        let certificate = self.app.told(&call.caller, &[record], as_of).await?.pop();
        Ok(Response::new(message::GetCertificateResponse { certificate }))
    }

    async fn list_certificates(
        &self,
        request: Request<message::ListCertificatesRequest>,
    ) -> Result<Response<message::ListCertificatesResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let mut wrong = Violations::new();
        let issuer = match request.issuer.as_str() {
            "" => Some(None),
            name => wrong.take("issuer", greenroom_rpc::wire::name(name).map(Some)),
        };
        let number = match request.number.as_str() {
            "" => Some(String::new()),
            number => {
                let number = CertificateNumber::parse(number).map(|number| number.as_str().to_owned());
                wrong.take("number", number)
            }
        };
        let state = wrong.take("state", wire::optional(request.state, codes::parse_state));
        let finding = wrong.take("finding", wire::optional(request.finding, codes::parse_finding));
        let whole = issuer.zip(number).zip(state).zip(finding);
        let (((issuer, number), state), finding) = wrong.finish(whole)?;
        let as_of = wire::as_of(request.as_of.as_ref(), self.app.clock.now()).map_err(Error::from)?;
        let page = Self::page_of(&call, &request, &number)?;
        let filter = CertificateFilter { issuer, organization: None, state, finding };
        let place = (page.after.as_str(), page.limit());
        let read = self.app.certificates(&call.caller, filter, &number, place).await?;
        let (mut shown, next_page_token) = page.cut(read, |record| record.certificate.id.as_str().to_owned());
        if let Some(as_of) = as_of {
            shown = self.app.as_they_were(shown, as_of).await?;
        }
        let certificates = self.app.told(&call.caller, &shown, as_of).await?;
        Ok(Response::new(message::ListCertificatesResponse { certificates, next_page_token }))
    }

    async fn list_evidence(
        &self,
        request: Request<message::ListEvidenceRequest>,
    ) -> Result<Response<message::ListEvidenceResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let unknown = |_| Error::CertificateNotFound(request.certificate.chars().take(80).collect());
        let id = CertificateId::parse_name(&request.certificate).map_err(unknown)?;
        let scope = ["evidence", call.caller.organization.as_str(), id.as_str()];
        let page = Page::parse(request.page_size, &request.page_token, &scope)?;
        let (read, view) = self.app.evidence(&call.caller, &id, &page.after, page.limit()).await?;
        let (shown, next_page_token) = page.cut(read, |kept| kept.record.id.clone());
        let told = |kept: &KeptEvidence| wire::recorded_evidence(kept, view != View::Claimant);
        let evidence = shown.iter().map(told).collect();
        Ok(Response::new(message::ListEvidenceResponse { evidence, next_page_token }))
    }

    async fn issue_certificate(
        &self,
        request: Request<message::IssueCertificateRequest>,
    ) -> Result<Response<message::IssueCertificateResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.issue(&call, request.into_inner()).await?))
    }

    async fn claim_certificate(
        &self,
        request: Request<message::ClaimCertificateRequest>,
    ) -> Result<Response<message::ClaimCertificateResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.claim(&call, request.into_inner()).await?))
    }

    async fn verify_certificate(
        &self,
        request: Request<message::VerifyCertificateRequest>,
    ) -> Result<Response<message::VerifyCertificateResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.verify_claim(&call.caller, request.get_ref()).await?))
    }

    async fn batch_verify_certificates(
        &self,
        request: Request<message::BatchVerifyCertificatesRequest>,
    ) -> Result<Response<message::BatchVerifyCertificatesResponse>, Status> {
        let call = Call::of(&request)?;
        let outcomes = self.app.verify_claims(&call.caller, &request.get_ref().requests).await?;
        let outcomes = outcomes.into_iter().map(wire::verification_outcome).collect();
        Ok(Response::new(message::BatchVerifyCertificatesResponse { outcomes }))
    }

    async fn record_evidence(
        &self,
        request: Request<message::RecordEvidenceRequest>,
    ) -> Result<Response<message::RecordEvidenceResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.record_evidence(&call, request.into_inner()).await?))
    }

    async fn revoke_certificate(
        &self,
        request: Request<message::RevokeCertificateRequest>,
    ) -> Result<Response<message::RevokeCertificateResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.revoke(&call, request.into_inner()).await?))
    }

    async fn suspend_certificate(
        &self,
        request: Request<message::SuspendCertificateRequest>,
    ) -> Result<Response<message::SuspendCertificateResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.suspend(&call, request.into_inner()).await?))
    }

    async fn reinstate_certificate(
        &self,
        request: Request<message::ReinstateCertificateRequest>,
    ) -> Result<Response<message::ReinstateCertificateResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.reinstate(&call, request.into_inner()).await?))
    }

    async fn suspect_forgery(
        &self,
        request: Request<message::SuspectForgeryRequest>,
    ) -> Result<Response<message::SuspectForgeryResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.suspect_forgery(&call, request.into_inner()).await?))
    }
}

impl<S: Store + HasLog> Rpc<S> {
    fn page_of(
        call: &Call,
        request: &message::ListCertificatesRequest,
        number: &str,
    ) -> Result<Page, Status> {
        let (state, finding) = (request.state.to_string(), request.finding.to_string());
        let as_of = format!("{:?}", request.as_of);
        let tenant = call.caller.organization.as_str();
        let scope = ["certificates", tenant, &request.issuer, number, &state, &finding, &as_of];
        Ok(Page::parse(request.page_size, &request.page_token, &scope)?)
    }
}
