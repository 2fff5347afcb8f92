//! Sets the stage through public methods alone: issuer, rolls, persons, accounts, policy. What is there is found again.

use super::actor::{ACADEMY, Actor};
use super::cast::{Person, Proof};
use crate::failure::{Failure, Result};
use crate::import::{self, Rolls};
use crate::refusal::answer;
use aws_lc_rs::digest::{SHA256, digest};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::certification::v1::certificate_service_client::CertificateServiceClient;
use greenroom_proto::certification::v1::issuer_service_client::IssuerServiceClient;
use greenroom_proto::certification::v1::standard_service_client::StandardServiceClient;
use greenroom_proto::certification::v1::{
    AccreditIssuerRequest, Accreditation, Certificate, CertificateState, Evidence, EvidenceResult,
    EvidenceSource, GetIssuerRequest, GetStandardRequest, Issuer, IssuerClass, ListCertificatesRequest,
    RecordEvidenceRequest, RollHeader, RollImport, Standard,
};
use greenroom_proto::identity::v1::person_service_client::PersonServiceClient;
use greenroom_proto::identity::v1::register_person_request::Identity;
use greenroom_proto::identity::v1::{
    IdentityClaim, PersonState, Proofing, ProofingAuthentication, ProofingMethod, ProofingResult,
    RecordProofingRequest, RegisterPersonRequest,
};
use greenroom_proto::registry::v1::policy_service_client::PolicyServiceClient;
use greenroom_proto::registry::v1::streamer_service_client::StreamerServiceClient;
use greenroom_proto::registry::v1::{
    EnrolStreamerRequest, GetPolicyRequest, Level, ListStreamersRequest, Policy, SetPolicyRequest, Streamer,
};
use greenroom_rpc::wire;
use std::fmt::Write as _;
use tonic::Code;
use uuid::Uuid;

/// The standard of the demo.
pub const STANDARD: &str = "standards/internet-marketer-2021";
/// The job type the demo sells as, 直播销售员.
const SOLD_AS: &str = "live-salesperson";

/// Since when the demo's issuer is accredited; the sample roll has rows from before.
const ACCREDITED_FROM: &str = "2022-01-01";

/// The issuer of the demo.
pub fn issuer_name() -> String {
    format!("issuers/{}", ACADEMY.id)
}

/// A new request id.
pub fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// Accredits the demo's issuer for every cell of the standard, unless it is accredited already.
pub async fn accredit(operator: &Actor) -> Result<()> {
    let mut issuers = IssuerServiceClient::new(operator.certification.clone());
    match issuers.get_issuer(GetIssuerRequest { name: issuer_name() }).await {
        Err(status) if status.code() == Code::NotFound => {}
        asked => return answer("GetIssuer", asked).map(drop),
    }
    let mut standards = StandardServiceClient::new(operator.certification.clone());
    let request = GetStandardRequest { name: STANDARD.to_owned() };
    let standard = answer("GetStandard", standards.get_standard(request).await)?.standard.unwrap_or_default();
    let request = AccreditIssuerRequest {
        issuer_id: ACADEMY.id.to_owned(),
        issuer: Some(Issuer {
            organization: format!("organizations/{}", ACADEMY.id),
            display_name: ACADEMY.display_name.to_owned(),
            issuer_class: IssuerClass::SocialOrganization.into(),
            code: "0000".to_owned(),
            province: "33".to_owned(),
            accreditations: accreditations(&standard),
            ..Issuer::default()
        }),
        request_id: request_id(),
        validate_only: false,
    };
    answer("AccreditIssuer", issuers.accredit_issuer(request).await).map(drop)
}

fn accreditations(standard: &Standard) -> Vec<Accreditation> {
    let cell = |job: &greenroom_proto::certification::v1::StandardJobType| Accreditation {
        standard: STANDARD.to_owned(),
        job_type: job.job_type.clone(),
        levels: job.levels.iter().map(|level| level.level).collect(),
        from_date: ACCREDITED_FROM.to_owned(),
        to_date: String::new(),
    };
    standard.job_types.iter().map(cell).collect()
}

/// Plans the import of a roll.
pub async fn plan_roll(academy: &Actor, file_name: &str, content: &[u8]) -> Result<RollImport> {
    let header = RollHeader {
        issuer: issuer_name(),
        standard: STANDARD.to_owned(),
        file_name: file_name.to_owned(),
        request_id: request_id(),
        ..RollHeader::default()
    };
    import::plan(&mut Rolls::new(academy.certification.clone()), header, import::pieces(content)).await
}

/// Plans and applies a roll. Answers the plan and the revision that covers it.
pub async fn import_roll(academy: &Actor, file_name: &str, content: &[u8]) -> Result<(RollImport, String)> {
    let plan = plan_roll(academy, file_name, content).await?;
    let (_, revision) = import::apply(&mut Rolls::new(academy.certification.clone()), &plan, 0).await?;
    Ok((plan, revision))
}

/// The certificate with this number, if it is known.
pub async fn certificate(academy: &Actor, number: &str) -> Result<Option<Certificate>> {
    let mut certificates = CertificateServiceClient::new(academy.certification.clone());
    let request = ListCertificatesRequest { number: number.to_owned(), ..ListCertificatesRequest::default() };
    let found = answer("ListCertificates", certificates.list_certificates(request).await)?;
    Ok(found.certificates.into_iter().next())
}

/// Records that the official look-up did not have the person's certificate today. Answers the revision, if it was new.
pub async fn record_not_found(academy: &Actor, person: &Person, now: Timestamp) -> Result<Option<String>> {
    let number = person.paper.as_ref().map(|paper| paper.number.as_str()).unwrap_or_default();
    let found = certificate(academy, number).await?;
    let found =
        found.ok_or_else(|| Failure::new(format!("certificate `{number}` was imported and is not there")))?;
    if found.state() == CertificateState::NotFound {
        return Ok(None);
    }
    let mut certificates = CertificateServiceClient::new(academy.certification.clone());
    let request = RecordEvidenceRequest {
        certificate: found.name,
        evidence: Some(Evidence {
            source: EvidenceSource::OfficialLookup.into(),
            result: EvidenceResult::NotFound.into(),
            check_time: Some(wire::timestamp(now)),
            artefact_sha256: artefact(&person.account),
        }),
        etag: String::new(),
        request_id: request_id(),
        validate_only: false,
    };
    let recorded = answer("RecordEvidence", certificates.record_evidence(request).await)?;
    Ok(Some(recorded.revision))
}

/// Registers a person and proves the identity, as far as the demo wants it proven. Answers the platform's name for the
/// person and the revision.
pub async fn register(platform: &Actor, person: &Person) -> Result<(String, String)> {
    let mut persons = PersonServiceClient::new(platform.identity.clone());
    let request = RegisterPersonRequest {
        identity: Some(Identity::Claim(IdentityClaim {
            real_name: person.name.clone(),
            document_type: person.document_type.into(),
            document_number: person.document.clone(),
        })),
        request_id: request_id(),
        validate_only: false,
    };
    let registered = answer("RegisterPerson", persons.register_person(request).await)?;
    let known = registered.person.unwrap_or_default();
    if person.proof == Proof::Missing || known.state() == PersonState::Verified {
        return Ok((known.name, registered.revision));
    }
    let request = RecordProofingRequest {
        person: known.name.clone(),
        proofing: Some(Proofing {
            method: ProofingMethod::AdministratorAttestation.into(),
            authentication: ProofingAuthentication::InPerson.into(),
            result: ProofingResult::Match.into(),
            artefact_sha256: artefact(&person.account),
            ..Proofing::default()
        }),
        etag: String::new(),
        request_id: request_id(),
        validate_only: false,
    };
    let proven = answer("RecordProofing", persons.record_proofing(request).await)?;
    Ok((known.name, proven.revision))
}

/// Enrols a person's account, or finds it. Answers `streamers/…`.
pub async fn enrol(platform: &Actor, person: &Person, name: &str) -> Result<String> {
    let mut streamers = StreamerServiceClient::new(platform.registry.clone());
    let request = ListStreamersRequest { account: person.account.clone(), ..ListStreamersRequest::default() };
    let found = answer("ListStreamers", streamers.list_streamers(request).await)?;
    if let Some(streamer) = found.streamers.into_iter().next() {
        return Ok(streamer.name);
    }
    let request = EnrolStreamerRequest {
        streamer: Some(Streamer {
            account: person.account.clone(),
            person: name.to_owned(),
            ..Streamer::default()
        }),
        request_id: request_id(),
        validate_only: false,
    };
    let enrolled = answer("EnrolStreamer", streamers.enrol_streamer(request).await)?;
    Ok(enrolled.streamer.unwrap_or_default().name)
}

/// Sets the demo's policy, in force at once, unless it is set.
pub async fn set_policy(platform: &Actor, now: Timestamp) -> Result<()> {
    let wanted = Policy {
        accepted_standards: vec![STANDARD.to_owned()],
        accepted_job_types: vec![SOLD_AS.to_owned()],
        minimum_level: Level::Level4.into(),
        effective_time: Some(wire::timestamp(now)),
        ..Policy::default()
    };
    let mut policies = PolicyServiceClient::new(platform.registry.clone());
    match policies.get_policy(GetPolicyRequest::default()).await {
        Err(status) if status.code() == Code::NotFound => {}
        asked => {
            let set = answer("GetPolicy", asked)?.policy.unwrap_or_default();
            let same = set.accepted_standards == wanted.accepted_standards
                && set.accepted_job_types == wanted.accepted_job_types
                && set.minimum_level == wanted.minimum_level;
            if same {
                return Ok(());
            }
        }
    }
    let request =
        SetPolicyRequest { policy: Some(wanted), request_id: request_id(), ..SetPolicyRequest::default() };
    answer("SetPolicy", policies.set_policy(request).await).map(drop)
}

/// The SHA-256 of an artefact that exists in the demo only.
fn artefact(subject: &str) -> String {
    let digest = digest(&SHA256, format!("demo artefact of {subject}").as_bytes());
    let mut text = String::new();
    for byte in digest.as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
