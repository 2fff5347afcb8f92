use super::Rpc;
use crate::error::Error;
use crate::wire;
use greenroom_domain::certification::CertificateNumber;
use greenroom_domain::certification::port::{CertificateFilter, Store};
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
        let name = request.into_inner().name;
        let unknown = |_| Error::CertificateNotFound(name.chars().take(80).collect());
        let id = CertificateId::parse_name(&name).map_err(unknown)?;
        let record = self.app.certificate(&call.caller, &id).await?;
        let certificate = self.app.seen([record]).await?.first().map(wire::certificate);
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
        let (issuer, number) = wrong.finish(issuer.zip(number))?;
        let scope = ["certificates", call.caller.organization.as_str(), &request.issuer, &number];
        let page = Page::parse(request.page_size, &request.page_token, &scope)?;
        let filter = CertificateFilter { issuer, organization: None };
        let place = (page.after.as_str(), page.limit());
        let read = self.app.certificates(&call.caller, filter, &number, place).await?;
        let (shown, next_page_token) = page.cut(read, |record| record.certificate.id.as_str().to_owned());
        let certificates = self.app.seen(shown).await?.iter().map(wire::certificate).collect();
        Ok(Response::new(message::ListCertificatesResponse { certificates, next_page_token }))
    }

    async fn verify_certificate(
        &self,
        request: Request<message::VerifyCertificateRequest>,
    ) -> Result<Response<message::VerifyCertificateResponse>, Status> {
        Ok(Response::new(self.app.verify_claim(request.get_ref()).await?))
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
}
