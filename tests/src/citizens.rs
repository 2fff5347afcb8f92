//! Who stories are about: the operator, platforms, issuers, and people with certificates.

use crate::holders::Holder;
use crate::town::{Connection, Service, Town};
use crate::{Answer, request_id};
use greenroom_domain::kernel::{ClientId, Timestamp};
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::client::Credential;
use identity::client_service_client::ClientServiceClient;
use identity::create_client_request::Credential as FirstCredential;
use identity::organization_service_client::OrganizationServiceClient;
use identity::person_service_client::PersonServiceClient;
use identity::{
    Client, CreateClientRequest, CreateOrganizationRequest, GeneratedSecret, Organization, OrganizationRole,
};
use std::sync::Arc;

const PLATFORM_SCOPES: [&str; 20] = [
    "applications.read",
    "applications.write",
    "certificates.claim",
    "certificates.read",
    "certificates.verify",
    "grants.read",
    "grants.write",
    "live_sessions.read",
    "live_sessions.write",
    "permissions.check",
    "persons.consent",
    "persons.proof",
    "persons.read",
    "persons.write",
    "policies.read",
    "policies.write",
    "room_operators.read",
    "room_operators.write",
    "streamers.read",
    "streamers.write",
];
const ISSUER_SCOPES: [&str; 8] = [
    "applications.assess",
    "applications.read",
    "rolls.write",
    "rolls.read",
    "certificates.read",
    "certificates.evidence",
    "certificates.revoke",
    "persons.write",
];

/// The operator of the suite.
pub struct Operator<'a> {
    pub(crate) town: &'a Town,
    /// How it proves who it is.
    pub credential: Arc<Credential>,
}

impl<'a> Operator<'a> {
    /// A connection to a service.
    pub fn to(&self, service: Service) -> Connection {
        self.town.connection(service, &self.credential)
    }

    /// Creates an organization and a client for it.
    pub async fn admit(&self, id: &str, role: OrganizationRole, scopes: &[&str]) -> Answer<Arc<Credential>> {
        let organization = Organization {
            display_name: format!("{id} (fictitious)"),
            roles: vec![role.into()],
            ..Organization::default()
        };
        let request = CreateOrganizationRequest {
            organization_id: id.to_owned(),
            organization: Some(organization),
            request_id: request_id(),
            validate_only: false,
        };
        OrganizationServiceClient::new(self.to(Service::Identity)).create_organization(request).await?;
        self.register_client(&format!("{id}-backend"), id, scopes).await
    }

    /// Creates a client with a secret.
    pub async fn register_client(
        &self,
        id: &str,
        organization: &str,
        scopes: &[&str],
    ) -> Answer<Arc<Credential>> {
        let client = Client {
            organization: format!("organizations/{organization}"),
            display_name: format!("{organization} backend"),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ..Client::default()
        };
        let request = CreateClientRequest {
            client_id: id.to_owned(),
            client: Some(client),
            credential: Some(FirstCredential::GeneratedSecret(GeneratedSecret {})),
            request_id: request_id(),
            ..CreateClientRequest::default()
        };
        let created = ClientServiceClient::new(self.to(Service::Identity)).create_client(request).await?;
        let secret = created.into_inner().client_secret.into();
        let client =
            ClientId::try_new(id).map_err(|fault| tonic::Status::invalid_argument(fault.to_string()))?;
        Ok(Arc::new(Credential::Secret { client, secret }))
    }

    /// Admits a platform with a policy that asks for 直播销售员, level 4 or better, in force now.
    pub async fn platform(&self, id: &str) -> Answer<Platform<'a>> {
        let credential = self.admit(id, OrganizationRole::Platform, &PLATFORM_SCOPES).await?;
        let platform = Platform { town: self.town, id: id.to_owned(), credential };
        platform.set_policy(registry::Level::Level4).await?;
        Ok(platform)
    }

    /// Admits an issuer that is accredited for every cell of the standard.
    pub async fn issuer(&self, id: &str) -> Answer<Issuer<'a>> {
        self.accredited(id, accreditations()).await
    }

    /// Admits an issuer with accreditations.
    pub async fn accredited(
        &self,
        id: &str,
        accreditations: Vec<certification::Accreditation>,
    ) -> Answer<Issuer<'a>> {
        let credential = self.admit(id, OrganizationRole::Issuer, &ISSUER_SCOPES).await?;
        let issuer = certification::Issuer {
            organization: format!("organizations/{id}"),
            display_name: format!("{id} (fictitious)"),
            issuer_class: certification::IssuerClass::SocialOrganization.into(),
            code: "0000".to_owned(),
            province: "33".to_owned(),
            accreditations,
            ..certification::Issuer::default()
        };
        let request = certification::AccreditIssuerRequest {
            issuer_id: id.to_owned(),
            issuer: Some(issuer),
            request_id: request_id(),
            validate_only: false,
        };
        let connection = self.to(Service::Certification);
        certification::issuer_service_client::IssuerServiceClient::new(connection)
            .accredit_issuer(request)
            .await?;
        Ok(Issuer { town: self.town, id: id.to_owned(), credential })
    }
}

fn accreditations() -> Vec<certification::Accreditation> {
    use certification::Level;
    const ALL: &[Level] = &[Level::Level5, Level::Level4, Level::Level3, Level::Level2, Level::Level1];
    const UP_TO_THREE: &[Level] = &[Level::Level5, Level::Level4, Level::Level3];
    let cells = [
        ("product-selector", ALL),
        ("live-salesperson", ALL),
        ("video-creator", ALL),
        ("platform-administrator", UP_TO_THREE),
    ];
    let accreditation = |(job_type, levels): (&str, &[Level])| certification::Accreditation {
        standard: STANDARD.to_owned(),
        job_type: job_type.to_owned(),
        levels: levels.iter().map(|level| (*level).into()).collect(),
        from_date: "2021-01-01".to_owned(),
        to_date: String::new(),
    };
    cells.into_iter().map(accreditation).collect()
}

/// The standard every story rests on.
pub const STANDARD: &str = "standards/internet-marketer-2021";

/// The names and the document numbers in a roll.
fn named_in(roll: &[u8]) -> Vec<String> {
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(roll);
    let heading = rows.headers().cloned().unwrap_or_default();
    let columns: Vec<_> = ["姓名", "证件号码"]
        .iter()
        .filter_map(|name| heading.iter().position(|it| it.trim_start_matches('\u{feff}') == *name))
        .collect();
    let rows: Vec<_> = rows.records().flatten().collect();
    let cells = rows.iter().flat_map(|row| columns.iter().filter_map(|column| row.get(*column)));
    cells.map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect()
}

/// An issuer of certificates.
pub struct Issuer<'a> {
    town: &'a Town,
    /// Its id; `issuers/{id}`.
    pub id: String,
    /// How it proves who it is.
    pub credential: Arc<Credential>,
}

impl Issuer<'_> {
    /// A connection to a service.
    pub fn to(&self, service: Service) -> Connection {
        self.town.connection(service, &self.credential)
    }

    /// Plans and applies a roll of live salespersons; gives the import as applied.
    pub async fn import(&self, holders: &[Holder]) -> Answer<certification::RollImport> {
        let mut csv = "姓名,证件类型,证件号码,工种,职业技能等级,证书编号,发证日期\n".to_owned();
        for holder in holders {
            let level = holder.certificate_number.chars().nth(15).unwrap_or('5');
            let line = [
                &holder.real_name,
                "居民身份证",
                &holder.document_number,
                "直播销售员",
                &level.to_string(),
                &holder.certificate_number,
                "2025-06-01",
            ]
            .join(",");
            csv.push_str(&line);
            csv.push('\n');
        }
        let planned = self.plan(csv.into_bytes()).await?;
        self.apply(&planned).await
    }

    /// Plans a roll.
    pub async fn plan(&self, file: Vec<u8>) -> Answer<certification::RollImport> {
        self.plan_under(STANDARD, file).await
    }

    /// Plans a roll of certificates under a standard.
    pub async fn plan_under(&self, standard: &str, file: Vec<u8>) -> Answer<certification::RollImport> {
        self.plan_with(standard, file, certification::RollCoverage::Partial).await
    }

    /// Plans a roll that holds everything, or not.
    pub async fn plan_as(
        &self,
        file: Vec<u8>,
        coverage: certification::RollCoverage,
    ) -> Answer<certification::RollImport> {
        self.plan_with(STANDARD, file, coverage).await
    }

    async fn plan_with(
        &self,
        standard: &str,
        file: Vec<u8>,
        coverage: certification::RollCoverage,
    ) -> Answer<certification::RollImport> {
        use certification::plan_roll_import_request::Part;
        self.town.hide(named_in(&file).iter().map(String::as_str));
        let header = certification::RollHeader {
            issuer: format!("issuers/{}", self.id),
            standard: standard.to_owned(),
            file_name: "roll.csv".to_owned(),
            request_id: request_id(),
            coverage: coverage.into(),
            ..certification::RollHeader::default()
        };
        let part = |part| certification::PlanRollImportRequest { part: Some(part) };
        let chunks: Vec<_> = file.chunks(64 * 1024).map(|chunk| part(Part::Chunk(chunk.to_vec()))).collect();
        let parts: Vec<_> = std::iter::once(part(Part::Header(header))).chain(chunks).collect();
        let answer = self.rolls().plan_roll_import(tokio_stream::iter(parts)).await?.into_inner();
        answer.roll_import.ok_or_else(|| tonic::Status::data_loss("no import"))
    }

    /// Applies a plan.
    pub async fn apply(&self, planned: &certification::RollImport) -> Answer<certification::RollImport> {
        let request = certification::ApplyRollImportRequest {
            name: planned.name.clone(),
            digest: planned.digest.clone(),
            request_id: request_id(),
            allow_withdrawals_up_to: planned.withdrawal_count,
            ..certification::ApplyRollImportRequest::default()
        };
        let answer = self.rolls().apply_roll_import(request).await?.into_inner();
        answer.roll_import.ok_or_else(|| tonic::Status::data_loss("no import"))
    }

    /// Rolls an import back.
    pub async fn roll_back(&self, import: &certification::RollImport) -> Answer<certification::RollImport> {
        let request = certification::RollBackRollImportRequest {
            name: import.name.clone(),
            request_id: request_id(),
            validate_only: false,
        };
        let answer = self.rolls().roll_back_roll_import(request).await?.into_inner();
        answer.roll_import.ok_or_else(|| tonic::Status::data_loss("no import"))
    }

    /// The certificate with a number.
    pub async fn certificate(&self, number: &str) -> Answer<certification::Certificate> {
        let request =
            certification::ListCertificatesRequest { number: number.to_owned(), ..Default::default() };
        let answer = self.certificates().list_certificates(request).await?.into_inner();
        answer.certificates.into_iter().next().ok_or_else(|| tonic::Status::not_found("no such certificate"))
    }

    /// Revokes the certificate with a number; gives the revision of that write.
    pub async fn revoke(&self, number: &str) -> Answer<String> {
        let certificate = self.certificate(number).await?;
        let request = certification::RevokeCertificateRequest {
            name: certificate.name,
            revocation: Some(certification::Revocation {
                reason: certification::RevocationReason::Cheating.into(),
                explanation: "the assessment was taken by somebody else".to_owned(),
                legal_basis: "the issuer's assessment rules".to_owned(),
                ..Default::default()
            }),
            etag: certificate.etag,
            request_id: request_id(),
            validate_only: false,
        };
        Ok(self.certificates().revoke_certificate(request).await?.into_inner().revision)
    }

    /// Records what a source said about the certificate with a number.
    pub async fn record(
        &self,
        number: &str,
        result: certification::EvidenceResult,
        checked: Timestamp,
    ) -> Answer<String> {
        let request = certification::RecordEvidenceRequest {
            certificate: self.certificate(number).await?.name,
            evidence: Some(certification::Evidence {
                source: certification::EvidenceSource::OfficialLookup.into(),
                result: result.into(),
                check_time: Some(greenroom_rpc::wire::timestamp(checked)),
                artefact_sha256: "ab".repeat(32),
            }),
            request_id: request_id(),
            ..Default::default()
        };
        Ok(self.certificates().record_evidence(request).await?.into_inner().revision)
    }

    fn rolls(&self) -> certification::roll_service_client::RollServiceClient<Connection> {
        certification::roll_service_client::RollServiceClient::new(self.to(Service::Certification))
    }

    fn certificates(
        &self,
    ) -> certification::certificate_service_client::CertificateServiceClient<Connection> {
        certification::certificate_service_client::CertificateServiceClient::new(
            self.to(Service::Certification),
        )
    }
}

/// A platform's backend.
pub struct Platform<'a> {
    pub(crate) town: &'a Town,
    /// Its id; `organizations/{id}`.
    pub id: String,
    /// How it proves who it is.
    pub credential: Arc<Credential>,
}

impl Platform<'_> {
    /// A connection to a service.
    pub fn to(&self, service: Service) -> Connection {
        self.town.connection(service, &self.credential)
    }

    /// Registers a person; gives the platform's name for them.
    pub async fn register(&self, holder: &Holder) -> Answer<String> {
        self.town.hide([holder.real_name.as_str(), &holder.document_number]);
        let request = identity::RegisterPersonRequest {
            identity: Some(identity::register_person_request::Identity::Claim(holder.claim())),
            request_id: request_id(),
            validate_only: false,
        };
        let answer = self.persons().register_person(request).await?.into_inner();
        Ok(answer.person.unwrap_or_default().name)
    }

    /// Records that an administrator checked the person and found a match; gives the revision.
    pub async fn prove(&self, person: &str) -> Answer<String> {
        let request = identity::RecordProofingRequest {
            person: person.to_owned(),
            proofing: Some(identity::Proofing {
                method: identity::ProofingMethod::AdministratorAttestation.into(),
                authentication: identity::ProofingAuthentication::InPerson.into(),
                result: identity::ProofingResult::Match.into(),
                artefact_sha256: "cd".repeat(32),
                ..Default::default()
            }),
            request_id: request_id(),
            ..Default::default()
        };
        Ok(self.persons().record_proofing(request).await?.into_inner().revision)
    }

    /// Enrols a person under an account; gives the streamer's name and the revision.
    pub async fn enrol(&self, account: &str, person: &str) -> Answer<(String, String)> {
        let streamer = registry::Streamer {
            account: account.to_owned(),
            person: person.to_owned(),
            ..registry::Streamer::default()
        };
        let request = registry::EnrolStreamerRequest {
            streamer: Some(streamer),
            request_id: request_id(),
            validate_only: false,
        };
        let connection = self.to(Service::Registry);
        let mut streamers = registry::streamer_service_client::StreamerServiceClient::new(connection);
        let answer = streamers.enrol_streamer(request).await?.into_inner();
        Ok((answer.streamer.unwrap_or_default().name, answer.revision))
    }

    /// Registers, proves and enrols a holder; gives the streamer's name.
    pub async fn welcome(&self, account: &str, holder: &Holder) -> Answer<String> {
        let person = self.register(holder).await?;
        let proven = self.prove(&person).await?;
        let (streamer, enrolled) = self.enrol(account, &person).await?;
        // Both pieces of news have to arrive before the story goes on.
        self.check_at(&streamer, &proven).await?;
        self.check_at(&streamer, &enrolled).await?;
        Ok(streamer)
    }

    /// Sets a policy for 直播销售员 with a minimum level, in force now.
    pub async fn set_policy(&self, minimum: registry::Level) -> Answer<String> {
        self.accept(STANDARD, "live-salesperson", minimum).await
    }

    /// Sets a policy for a job type of a standard with a minimum level, in force now.
    pub async fn accept(&self, standard: &str, job_type: &str, minimum: registry::Level) -> Answer<String> {
        use greenroom_rpc::clock::Clock as _;
        let policy = registry::Policy {
            accepted_standards: vec![standard.to_owned()],
            accepted_job_types: vec![job_type.to_owned()],
            minimum_level: minimum.into(),
            effective_time: Some(greenroom_rpc::wire::timestamp(self.town.clock.now())),
            ..registry::Policy::default()
        };
        let request = registry::SetPolicyRequest {
            policy: Some(policy),
            request_id: request_id(),
            ..registry::SetPolicyRequest::default()
        };
        let connection = self.to(Service::Registry);
        let mut policies = registry::policy_service_client::PolicyServiceClient::new(connection);
        Ok(policies.set_policy(request).await?.into_inner().revision)
    }

    /// Asks whether a streamer may sell, on what is known now.
    pub async fn check(&self, streamer: &str) -> Answer<registry::Decision> {
        self.check_at(streamer, "").await
    }

    /// Asks whether a streamer may sell, on nothing older than a revision.
    pub async fn check_at(&self, streamer: &str, revision: &str) -> Answer<registry::Decision> {
        let request = registry::CheckPermissionRequest {
            streamer: streamer.to_owned(),
            at_least_revision: revision.to_owned(),
            ..registry::CheckPermissionRequest::default()
        };
        let connection = self.to(Service::Registry);
        let mut permissions = registry::permission_service_client::PermissionServiceClient::new(connection);
        let answer = permissions.check_permission(request).await?.into_inner();
        answer.decision.ok_or_else(|| tonic::Status::data_loss("no decision"))
    }

    /// Opens a live session; gives the whole answer.
    pub async fn go_live(&self, room: &str, streamers: &[&str]) -> Answer<registry::OpenLiveSessionResponse> {
        let request = registry::OpenLiveSessionRequest {
            room: room.to_owned(),
            streamers: streamers.iter().map(|name| (*name).to_owned()).collect(),
            request_id: request_id(),
            ..registry::OpenLiveSessionRequest::default()
        };
        Ok(self.live_sessions().open_live_session(request).await?.into_inner())
    }

    /// The live session client.
    pub fn live_sessions(
        &self,
    ) -> registry::live_session_service_client::LiveSessionServiceClient<Connection> {
        registry::live_session_service_client::LiveSessionServiceClient::new(self.to(Service::Registry))
    }

    fn persons(&self) -> PersonServiceClient<Connection> {
        PersonServiceClient::new(self.to(Service::Identity))
    }
}
