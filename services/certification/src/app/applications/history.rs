//! How the conditions of a level stand for a candidate: by this service's own records where there are any.

use crate::app::App;
use crate::error::Error;
use crate::standards::KnownStandard;
use crate::wire::{self, codes};
use greenroom_domain::certification::eligibility::{Evaluation, evaluate};
use greenroom_domain::certification::port::{ApplicationRecord, CertificateRecord, Store};
use greenroom_domain::certification::{CertificateState, IssuerStanding};
use greenroom_domain::kernel::{StandardId, Timestamp};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_proto::certification::v1::HeldCertificateBasis as Basis;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use prost::Message as _;

/// More than anybody holds under one standard.
const MOST_HELD: i64 = 1000;

/// How the conditions stand, and the message that keeps it.
pub(super) struct Assessed {
    pub(super) evaluation: Evaluation,
    pub(super) kept: Vec<u8>,
}

impl<S: Store + HasLog> App<S> {
    /// Holds the candidate's history against the conditions, on the Beijing date of `now`.
    pub(super) async fn evaluated(
        &self,
        record: &ApplicationRecord,
        now: Timestamp,
    ) -> Result<Assessed, Error> {
        let application = &record.application;
        let known = self.standards.get(&application.standard);
        let known = known.ok_or_else(|| Error::StandardNotFound(application.standard.name()))?;
        let mut told = wire::application_history(record).unwrap_or_default();
        let certificates = self.reviewed(record, known, &told.certificates, now).await?;
        let counting = certificates.iter().filter(|it| it.basis() != Basis::NotInForce);
        told.certificates = counting.filter_map(|it| it.held.clone()).collect();
        let mut wrong = Violations::new();
        let history = wire::history("history", &told, known, &self.standards, &mut wrong);
        // It was read before; a standard that was removed since leaves what rests on it out.
        wrong.finish(Some(()))?;
        let on = now.beijing_date();
        let evaluation = evaluate(&known.text, application.job_type, application.level, &history, on);
        let kept = message::ApplicationReview {
            evaluation: Some(wire::evaluation(&evaluation, on)),
            certificates,
            ..message::ApplicationReview::default()
        };
        Ok(Assessed { evaluation, kept: kept.encode_to_vec() })
    }

    /// What is on record of the candidate's certificates of the occupation, and what is only claimed.
    async fn reviewed(
        &self,
        record: &ApplicationRecord,
        known: &KnownStandard,
        claimed: &[message::HeldCertificate],
        now: Timestamp,
    ) -> Result<Vec<message::ReviewedCertificate>, Error> {
        let mut reviewed = Vec::new();
        for edition in self.editions(known) {
            let held =
                self.store.certificates_held(&record.application.candidate, &edition, MOST_HELD).await?;
            for held in &held {
                reviewed.extend(self.reviewed_on_record(held, now).await?);
            }
        }
        let own = known.standard().id().name();
        for claim in claimed {
            let standard = if claim.standard.is_empty() { own.clone() } else { claim.standard.clone() };
            let claim = message::HeldCertificate { standard, ..claim.clone() };
            let same = |held: &message::HeldCertificate| {
                (&held.standard, &held.job_type, held.level)
                    == (&claim.standard, &claim.job_type, claim.level)
            };
            if !reviewed.iter().filter_map(|it| it.held.as_ref()).any(same) {
                reviewed.push(message::ReviewedCertificate {
                    held: Some(claim),
                    basis: Basis::Claimed.into(),
                    certificate: String::new(),
                });
            }
        }
        Ok(reviewed)
    }

    /// A certificate on record that is known to count, or not to. One that nobody has confirmed for long is as good as the
    /// candidate's word for it.
    async fn reviewed_on_record(
        &self,
        record: &CertificateRecord,
        now: Timestamp,
    ) -> Result<Option<message::ReviewedCertificate>, Error> {
        let certificate = &record.certificate;
        let issuer = self.store.issuer(&certificate.issuer).await?;
        let struck_off = issuer.is_some_and(|it| it.issuer.standing == IssuerStanding::StruckOff);
        let basis = match certificate.state {
            CertificateState::Verified if struck_off => Basis::NotInForce,
            CertificateState::Verified if !certificate.is_stale(now) => Basis::OnRecord,
            CertificateState::Mismatch
            | CertificateState::SuspectedForged
            | CertificateState::Suspended
            | CertificateState::Revoked
            | CertificateState::IssuerStruckOff => Basis::NotInForce,
            CertificateState::Verified
            | CertificateState::Claimed
            | CertificateState::FormatOk
            | CertificateState::UnderVerification
            | CertificateState::NotFound
            | CertificateState::Superseded => return Ok(None),
        };
        Ok(Some(message::ReviewedCertificate {
            held: Some(message::HeldCertificate {
                standard: certificate.standard.name(),
                job_type: certificate.job_type.code().to_owned(),
                level: codes::level(certificate.level),
                issue_date: certificate.issue_date.to_string(),
            }),
            basis: basis.into(),
            certificate: certificate.id.name(),
        }))
    }

    /// Every edition of the occupation that is known here.
    fn editions(&self, known: &KnownStandard) -> Vec<StandardId> {
        let codes = known.standard().codes();
        let same = |other: &&KnownStandard| codes.iter().any(|code| other.standard().has_code(code));
        self.standards.all().filter(same).map(|other| other.standard().id().clone()).collect()
    }
}

/// A history that could be read, as it is kept.
pub(super) fn kept(
    given: Option<&message::ApplicationHistory>,
    known: &KnownStandard,
    standards: &crate::standards::Standards,
    (at, wrong): (&str, &mut Violations),
) -> Vec<u8> {
    given.map_or_else(Vec::new, |given| {
        wire::history(at, given, known, standards, wrong);
        given.encode_to_vec()
    })
}

/// The history of an update, as it is kept.
pub(super) fn kept_whole(
    given: Option<&message::ApplicationHistory>,
    known: &KnownStandard,
    standards: &crate::standards::Standards,
) -> Result<Vec<u8>, Fault> {
    let mut wrong = Violations::new();
    let history = kept(given, known, standards, ("history", &mut wrong));
    wrong.finish(Some(history))
}
