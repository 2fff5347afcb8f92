use super::Rpc;
use crate::error::Error;
use crate::wire;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::CertificateId;
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_proto::certification::v1::verification_service_server::VerificationService;
use greenroom_rpc::call::Call;
use greenroom_rpc::page::Page;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> VerificationService for Rpc<S> {
    async fn start_verification(
        &self,
        request: Request<message::StartVerificationRequest>,
    ) -> Result<Response<message::StartVerificationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.app.start_verification(&call, request.into_inner()).await?))
    }

    async fn get_verification_job(
        &self,
        request: Request<message::GetVerificationJobRequest>,
    ) -> Result<Response<message::GetVerificationJobResponse>, Status> {
        let call = Call::of(&request)?;
        let (certificate, id) = wire::parse_verification_job("name", &request.into_inner().name)?;
        let job = self.app.verification_job(&call.caller, &certificate, &id).await?;
        let verification_job = Some(wire::verification_job(&job));
        Ok(Response::new(message::GetVerificationJobResponse { verification_job }))
    }

    async fn list_verification_jobs(
        &self,
        request: Request<message::ListVerificationJobsRequest>,
    ) -> Result<Response<message::ListVerificationJobsResponse>, Status> {
        let call = Call::of(&request)?;
        let message::ListVerificationJobsRequest { parent, page_size, page_token } = request.into_inner();
        let unknown = |_| Error::CertificateNotFound(parent.chars().take(80).collect());
        let certificate = CertificateId::parse_name(&parent).map_err(unknown)?;
        let page = Page::parse(page_size, &page_token, &["verificationJobs", &parent])?;
        let place = (page.after.as_str(), page.limit());
        let read = self.app.verification_jobs(&call.caller, &certificate, place).await?;
        let (shown, next_page_token) = page.cut(read, |job| job.id.clone());
        let verification_jobs = shown.iter().map(wire::verification_job).collect();
        Ok(Response::new(message::ListVerificationJobsResponse { verification_jobs, next_page_token }))
    }

    async fn list_certificates_for_review(
        &self,
        request: Request<message::ListCertificatesForReviewRequest>,
    ) -> Result<Response<message::ListCertificatesForReviewResponse>, Status> {
        let call = Call::of(&request)?;
        let message::ListCertificatesForReviewRequest { page_size, page_token } = request.into_inner();
        let scope = ["certificatesForReview", call.caller.organization.as_str()];
        let page = Page::parse(page_size, &page_token, &scope)?;
        let place = (page.after.as_str(), page.limit());
        let read = self.app.certificates_for_review(&call.caller, place).await?;
        let (shown, next_page_token) = page.cut(read, |record| record.certificate.id.as_str().to_owned());
        let certificates = self.app.told(&call.caller, &shown, None).await?;
        Ok(Response::new(message::ListCertificatesForReviewResponse { certificates, next_page_token }))
    }

    async fn list_sources(
        &self,
        _: Request<message::ListSourcesRequest>,
    ) -> Result<Response<message::ListSourcesResponse>, Status> {
        Ok(Response::new(message::ListSourcesResponse {
            sources: self.app.sources.all().iter().map(|source| wire::source(source)).collect(),
            working_years: wire::working_years(&self.app.working_years),
        }))
    }
}
