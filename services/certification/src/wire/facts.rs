//! What is true of a resource, as the feed tells it. The bytes are canonical: the same record gives the same bytes.

use super::verification::{job_state, verification_job_name};
use super::{codes, qualifications};
use greenroom_domain::certification::port::{
    ApplicationRecord, CertificateRecord, ClaimRecord, IssuerRecord, KeptEvidence, QualificationRecord,
    RollImport, SourceLookup, StandardRecord,
};
use greenroom_domain::certification::{
    Assessment, Assessor, Conclusion, EvidenceResult, Hold, Measure, Revocation, SourceAuthentication,
    VerificationJob,
};
use greenroom_domain::kernel::{CertificateId, Id, PersonId, Timestamp};
use greenroom_domain::ledger::{Actor, EventDraft};
use greenroom_feed::event::sha256;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::certification_fact::Fact;
use greenroom_rpc::wire::timestamp;
use prost::Message as _;

/// The kind of the events that tell what is true of certificates.
pub const CERTIFICATE: &str = "certificate";

/// The event that tells what is true of an issuer.
pub fn of_issuer(record: &IssuerRecord) -> EventDraft {
    let issuer = &record.issuer;
    let mut rest = Rest::new();
    for text in [&record.display_name, &issuer.code, &issuer.province] {
        rest.add(text.as_bytes());
    }
    rest.add(issuer.class.code().as_bytes());
    for accreditation in &issuer.accreditations {
        rest.add(accreditation.standard.as_str().as_bytes());
        rest.add(accreditation.job_type.code().as_bytes());
        for level in &accreditation.levels {
            rest.add(level.code().as_bytes());
        }
        rest.add(accreditation.from.to_string().as_bytes());
        rest.add(accreditation.to.map(|day| day.to_string()).unwrap_or_default().as_bytes());
    }
    for site in &issuer.sites {
        for text in [&site.province, &site.sequence, &site.name, &site.from.to_string()] {
            rest.add(text.as_bytes());
        }
        rest.add(site.to.map(|day| day.to_string()).unwrap_or_default().as_bytes());
    }
    if let Some(measure) = &issuer.measure {
        rest.add(measure.explanation.as_bytes());
        rest.add(measure.legal_basis.as_bytes());
        rest.add_times([Some(measure.effective_at), Some(measure.entered_at), measure.review_until]);
    }
    rest.add_times([Some(record.create_time), Some(record.update_time)]);
    let review = issuer.review();
    let fact = wire::IssuerFact {
        issuer: issuer.id.name(),
        organization: issuer.organization.name(),
        standing: codes::standing(issuer.standing),
        version: issuer.version.as_i64(),
        record_digest: rest.digest(),
        struck_off_time: review.map(|review| timestamp(review.struck_off_at)),
        review_from_time: review.map(|review| timestamp(review.begins)),
        review_until_time: review.map(|review| timestamp(review.ends)),
    };
    draft("issuer", issuer.id.name(), Fact::Issuer(fact))
}

/// The event that tells what is true of a certificate.
pub fn of_certificate(record: &CertificateRecord) -> EventDraft {
    let certificate = &record.certificate;
    let mut rest = Rest::new();
    rest.add(certificate.number.as_str().as_bytes());
    rest.add(certificate.issue_date.to_string().as_bytes());
    rest.add(record.source.map_or("", |source| source.code()).as_bytes());
    if let Some(Revocation { reason, explanation, legal_basis, effective_time, by }) = &record.revocation {
        for text in [reason.code(), explanation, legal_basis, by.code()] {
            rest.add(text.as_bytes());
        }
        rest.add_times([Some(*effective_time)]);
    }
    if let Some(Measure { by, explanation, legal_basis, effective_time }) = &record.measure {
        for text in ["measure", by.code(), explanation, legal_basis] {
            rest.add(text.as_bytes());
        }
        rest.add_times([Some(*effective_time)]);
    }
    if let Some(Hold { by, beneath }) = certificate.held {
        for text in ["hold", by.code(), beneath.code()] {
            rest.add(text.as_bytes());
        }
    }
    if let Some(by) = &record.superseded_by {
        rest.add(by.name().as_bytes());
    }
    rest.add_times([certificate.checked_at, Some(record.create_time), Some(record.update_time)]);
    let fact = wire::CertificateFact {
        certificate: certificate.id.name(),
        holder: certificate.holder.name(),
        standard: certificate.standard.name(),
        job_type: certificate.job_type.code().to_owned(),
        level: codes::level(certificate.level),
        issuer: certificate.issuer.name(),
        state: codes::state(certificate.state),
        state_since_time: Some(timestamp(certificate.state_since)),
        verified_time: certificate.verified_at.map(timestamp),
        evidence_until_time: certificate.evidence_until.map(timestamp),
        retry_time: certificate.retry_at.map(timestamp),
        version: certificate.version.as_i64(),
        record_digest: rest.digest(),
        evidence_lapsed_time: certificate.lapsed_at.map(timestamp),
    };
    draft(CERTIFICATE, certificate.id.name(), Fact::Certificate(fact))
}

/// The event that tells how far a job is that asks a source.
pub fn of_verification_job(job: &VerificationJob) -> EventDraft {
    let mut rest = Rest::new();
    for text in [job.source.as_str(), &job.ticket, job.result.map(EvidenceResult::code).unwrap_or_default()] {
        rest.add(text.as_bytes());
    }
    let Actor { client, organization, person } = &job.actor;
    rest.add(client.as_ref().map(Id::as_str).unwrap_or_default().as_bytes());
    rest.add(organization.as_ref().map(Id::as_str).unwrap_or_default().as_bytes());
    rest.add(person.as_ref().map(Id::as_str).unwrap_or_default().as_bytes());
    for count in [job.attempts, job.outages] {
        rest.add(&count.to_be_bytes());
    }
    rest.add_times([job.next_attempt, Some(job.create_time), Some(job.update_time)]);
    let fact = wire::VerificationJobFact {
        certificate: job.subject.name(),
        verification_job_id: job.id.clone(),
        state: job_state(job.state),
        version: job.version.as_i64(),
        record_digest: rest.digest(),
    };
    let subject = verification_job_name(&job.subject, &job.id);
    draft("verification_job", subject, Fact::VerificationJob(fact))
}

/// The event that tells that an organization claimed a certificate.
pub fn of_claim(claim: &ClaimRecord) -> EventDraft {
    let fact = wire::CertificateClaimFact {
        certificate: claim.certificate.name(),
        organization: claim.organization.name(),
        claim_time: Some(timestamp(claim.claim_time)),
    };
    let subject = format!("{}/claims/{}", claim.certificate.name(), claim.organization.as_str());
    draft("certificate_claim", subject, Fact::CertificateClaim(fact))
}

/// The event that tells that a check was recorded.
pub fn of_evidence(kept: &KeptEvidence) -> EventDraft {
    let (record, evidence) = (&kept.record, &kept.record.evidence);
    let mut rest = Rest::new();
    rest.add(evidence.witness.code().as_bytes());
    rest.add(evidence.artefact_sha256.as_ref().map_or(&[][..], |hash| hash.as_slice()));
    rest.add(record.organization.as_ref().map_or("", Id::as_str).as_bytes());
    if let Some(SourceLookup { source, job, authentication, differences }) = &record.lookup {
        let authentication = authentication.map_or("", SourceAuthentication::code);
        for text in [source, job, authentication, &differences.code()] {
            rest.add(text.as_bytes());
        }
    }
    rest.add_times([Some(evidence.checked_at), Some(evidence.fresh_until), Some(kept.record_time)]);
    let fact = wire::CertificateEvidenceFact {
        certificate: record.certificate.name(),
        evidence_id: record.id.clone(),
        source: codes::source(evidence.source),
        result: codes::result(evidence.result),
        record_digest: rest.digest(),
    };
    let subject = format!("{}/evidence/{}", record.certificate.name(), record.id);
    draft("certificate_evidence", subject, Fact::CertificateEvidence(fact))
}

/// The event that tells what is true of a standard.
pub fn of_standard(record: &StandardRecord) -> EventDraft {
    let standard = &record.standard;
    let job_types = standard.job_types().iter().map(|it| wire::StandardFactJobType {
        job_type: it.job_type.code().to_owned(),
        display_name: it.name.english.clone(),
        chinese_name: it.name.chinese.clone(),
        levels: it.levels.iter().copied().map(codes::level).collect(),
    });
    let fact = wire::StandardFact {
        standard: standard.id().name(),
        edition: standard.edition(),
        occupation_codes: standard.codes().iter().map(ToString::to_string).collect(),
        job_types: job_types.collect(),
        digest: record.digest.to_vec(),
        version: record.version.as_i64(),
    };
    draft("standard", standard.id().name(), Fact::Standard(fact))
}

/// The event that tells what is true of an import.
pub fn of_import(import: &RollImport) -> EventDraft {
    let mut rest = Rest::new();
    let planner = &import.planner;
    let person = |person: Option<&PersonId>| person.map_or_else(String::new, |id| id.as_str().to_owned());
    for text in [import.standard.as_str(), &import.file_name, import.coverage.code(), planner.client.as_str()]
    {
        rest.add(text.as_bytes());
    }
    rest.add(import.format.map_or("", |format| format.code()).as_bytes());
    rest.add(import.encoding.map_or("", |encoding| encoding.code()).as_bytes());
    rest.add(person(planner.person.as_ref()).as_bytes());
    rest.add(import.approval.as_ref().map_or("", |by| by.client.as_str()).as_bytes());
    rest.add(person(import.approval.as_ref().map(|by| &by.person)).as_bytes());
    let totals = &import.totals;
    for count in [
        totals.create,
        totals.update,
        totals.unchanged,
        totals.ambiguous,
        totals.invalid,
        totals.missing,
        import.in_force,
        import.withdrawals,
        import.applied_through,
        import.kept_count,
        import.rolled_back_through,
    ] {
        rest.add(&count.to_be_bytes());
    }
    let approved = import.approval.as_ref().map(|by| by.time);
    rest.add_times([Some(import.create_time), import.apply_time, approved, import.rollback_time]);
    let fact = wire::RollImportFact {
        roll_import: import.id.name(),
        issuer: import.issuer.name(),
        state: codes::import_state(import.state),
        digest: import.digest.clone(),
        version: import.version.as_i64(),
        row_count: super::message::count(totals.rows()),
        applied_count: super::message::count(import.applied_count),
        rolled_back_count: super::message::count(import.rolled_back_count),
        record_digest: rest.digest(),
    };
    draft("roll_import", import.id.name(), Fact::RollImport(fact))
}

/// The event that tells what is true of a qualification.
pub fn of_qualification(record: &QualificationRecord) -> EventDraft {
    let qualification = &record.qualification;
    let licence = &qualification.licence;
    let mut rest = Rest::new();
    rest.add(record.person.as_str().as_bytes());
    rest.add(record.filing_person.as_ref().map_or("", |person| person.as_str()).as_bytes());
    rest.add(licence.title.as_bytes());
    rest.add(licence.register_number.as_bytes());
    rest.add(licence.employer_proof.as_ref().map_or(&[][..], |hash| hash.as_slice()));
    for review in &record.reviews {
        for text in [review.verdict.code(), &review.reason, review.organization.as_str()] {
            rest.add(text.as_bytes());
        }
        rest.add(review.artefact_sha256.as_ref().map_or(&[][..], |hash| hash.as_slice()));
        rest.add_times([Some(review.at)]);
    }
    rest.add_times([Some(qualification.filed_at), Some(record.update_time)]);
    let fact = wire::QualificationFact {
        qualification: qualification.id.name(),
        holder: qualification.holder.name(),
        domain: licence.domain.name(),
        organization: qualification.filed_by.name(),
        state: qualifications::state(qualification.state),
        state_since_time: Some(timestamp(qualification.state_since)),
        lapse_time: licence.lapses_at().map(timestamp),
        recheck_time: qualification.recheck_at.map(timestamp),
        version: qualification.version.as_i64(),
        record_digest: rest.digest(),
    };
    draft("qualification", qualification.id.name(), Fact::Qualification(fact))
}

/// The event that tells what is true of an application.
pub fn of_application(record: &ApplicationRecord) -> EventDraft {
    let application = &record.application;
    let mut rest = Rest::new();
    rest.add(record.pairwise.as_str().as_bytes());
    rest.add(&record.history);
    rest.add(record.review_reason.as_bytes());
    rest.add(&record.evaluation);
    rest.add_times([application.submitted_at, application.reviewed_at]);
    rest.add_times([Some(record.create_time), Some(record.update_time)]);
    if let Some(conclusion) = &application.conclusion {
        rest.add_conclusion(conclusion);
    }
    for assessment in &application.assessments {
        rest.add_assessment(assessment);
    }
    let fact = wire::ApplicationFact {
        application: application.id.name(),
        candidate: application.candidate.name(),
        applicant: record.applicant.name(),
        issuer: application.issuer.name(),
        standard: application.standard.name(),
        job_type: application.job_type.code().to_owned(),
        level: codes::level(application.level),
        state: super::applications::state(application.state),
        state_since_time: Some(timestamp(application.state_since)),
        assessment_count: i32::try_from(application.assessments.len()).unwrap_or(i32::MAX),
        certificate: application.certificate.as_ref().map(CertificateId::name).unwrap_or_default(),
        version: application.version.as_i64(),
        record_digest: rest.digest(),
    };
    draft("application", application.id.name(), Fact::Application(fact))
}

fn draft(kind: &'static str, subject: String, fact: Fact) -> EventDraft {
    let payload = wire::CertificationFact { fact: Some(fact) }.encode_to_vec();
    EventDraft { kind, subject, payload }
}

/// What a fact leaves out of the record, each part behind its length.
struct Rest(Vec<u8>);

impl Rest {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn add(&mut self, part: &[u8]) {
        self.0.extend((part.len() as u64).to_be_bytes());
        self.0.extend(part);
    }

    fn add_times<const N: usize>(&mut self, times: [Option<Timestamp>; N]) {
        for time in times {
            let micros = time.map(|time| time.as_micros().to_be_bytes());
            self.add(micros.as_ref().map_or(&[][..], |bytes| bytes.as_slice()));
        }
    }

    fn add_conclusion(&mut self, conclusion: &Conclusion) {
        self.add(conclusion.date.to_string().as_bytes());
        self.add(conclusion.retake_until.map(|day| day.to_string()).unwrap_or_default().as_bytes());
        for result in &conclusion.parts {
            self.add(result.part.code().as_bytes());
            self.add(result.outcome.code().as_bytes());
            self.add(&result.assessment.unwrap_or_default().to_be_bytes());
            self.add(&result.pass_mark.to_be_bytes());
        }
        for value in &conclusion.rests_on_unconfirmed {
            self.add(value.as_bytes());
        }
    }

    fn add_assessment(&mut self, assessment: &Assessment) {
        let said = &assessment.said;
        for number in [assessment.number, assessment.attempt, said.score] {
            self.add(&number.to_be_bytes());
        }
        self.add(said.part.code().as_bytes());
        for assessor in &said.assessors {
            match assessor {
                Assessor::Person { person, pairwise } => {
                    self.add(person.as_str().as_bytes());
                    self.add(pairwise.as_str().as_bytes());
                }
                Assessor::Listed(id) => self.add(id.as_bytes()),
            }
        }
        self.add(said.date.to_string().as_bytes());
        self.add(said.site.as_bytes());
        if let Some(correction) = &said.correction {
            self.add(&correction.replaces.to_be_bytes());
            self.add(correction.reason.as_bytes());
        }
        self.add_times([Some(assessment.record_time)]);
    }

    fn digest(&self) -> Vec<u8> {
        sha256(&self.0).to_vec()
    }
}
