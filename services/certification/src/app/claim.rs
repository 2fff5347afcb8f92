//! Whether a number, a name and a document belong together. Whoever asks learns nothing that was not claimed: unless all
//! three belong together, an outsider is answered the same, whichever of them is wrong, and after the same questions.

use super::{App, View};
use crate::error::Error;
use crate::identity::PersonMatch;
use crate::sources;
use crate::standards::{KnownStandard, Standards};
use crate::wire::{self, codes};
use futures::future::join_all;
use greenroom_auth::Caller;
use greenroom_domain::certification::port::{CertificateFilter, CertificateRecord, Store};
use greenroom_domain::certification::{
    CertificateNumber, CertificateState, IssuerStanding, NumberClaim, NumberFinding, Severity, cross_check,
};
use greenroom_domain::kernel::{Date, Timestamp};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_proto::certification::v1 as message;
use greenroom_proto::certification::v1::{ClaimFieldMatch, VerificationVerdict};
use greenroom_proto::identity::v1::IdentityClaim;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::source::Health;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::{duration, text, timestamp};

/// A claim that could be read.
struct Claim {
    number: CertificateNumber,
    person: IdentityClaim,
    level: Option<Level>,
    job_type: Option<JobType>,
}

/// How many claims one call may bring.
const MOST_CLAIMS: usize = 500;

/// How many claims of a batch are looked at side by side.
const SIDE_BY_SIDE: usize = 16;

/// A certificate that a claim may be about, and how the claimed person fits its holder.
struct Candidate {
    record: CertificateRecord,
    fits: Option<PersonMatch>,
}

impl<S: Store> App<S> {
    /// Says how a claim stands.
    pub async fn verify_claim(
        &self,
        caller: &Caller,
        request: &message::VerifyCertificateRequest,
    ) -> Result<message::VerifyCertificateResponse, Error> {
        let claim = read(request, &self.standards)?;
        let now = self.clock.now();
        let findings = offline(&claim, &self.standards, now);
        let mut answer = message::VerifyCertificateResponse {
            verdict: VerificationVerdict::NotFound.into(),
            r#match: Some(nothing_compared()),
            findings: findings.iter().map(wire::number_finding).collect(),
            certificate: None,
            verify_time: Some(timestamp(now)),
        };
        if let Some(Candidate { record, fits }) = self.candidate(caller, &claim).await? {
            let compared = compare(&claim, &record, fits);
            let issuer = self.store.issuer(&record.certificate.issuer).await?;
            let record = match &issuer {
                Some(issuer) => super::certificates::seen_with(record, issuer),
                None => record,
            };
            // One whose issuer is not known is nobody's word.
            let standing = issuer.map_or(IssuerStanding::Suspended, |issuer| issuer.issuer.standing);
            answer.verdict = verdict(&compared, &record, standing, now).into();
            if is_holder(fits) {
                let health = record.source.and_then(|source| sources::health(&self.sources, source));
                answer.certificate = Some(verified(&record, health, now));
            }
            answer.r#match = Some(compared);
        }
        if findings.iter().any(|finding| finding.severity() == Severity::Refuse) {
            answer.verdict = VerificationVerdict::Mismatch.into();
        }
        Ok(answer)
    }

    /// Says how many claims stand, each by itself.
    pub async fn verify_claims(
        &self,
        caller: &Caller,
        requests: &[message::VerifyCertificateRequest],
    ) -> Result<Vec<Result<message::VerifyCertificateResponse, Error>>, Error> {
        if !(1..=MOST_CLAIMS).contains(&requests.len()) {
            let mut wrong = Violations::new();
            wrong.add("requests", format!("must be 1 to {MOST_CLAIMS}"));
            return Err(Fault::fields(wrong).into());
        }
        let mut outcomes = Vec::with_capacity(requests.len());
        for few in requests.chunks(SIDE_BY_SIDE) {
            outcomes.extend(join_all(few.iter().map(|request| self.verify_claim(caller, request))).await);
        }
        Ok(outcomes)
    }

    /// The certificate with the claimed number whose holder is the claimed person. To those who may see certificates of this
    /// number without that, one that they may see, too.
    ///
    /// A person is compared in any case: where there is nothing the caller could be told of, with the holder of some other
    /// certificate. How long an answer takes must not tell what the answer does not, nor how many have claimed a number.
    async fn candidate(&self, caller: &Caller, claim: &Claim) -> Result<Option<Candidate>, Error> {
        let mut candidates = Vec::new();
        for record in self.store.certificates_numbered(&[claim.number.as_str().to_owned()]).await? {
            let view = self.view(caller, &record).await?;
            // That somebody else claimed it is nobody's business.
            if view.is_none() && record.certificate.is_merely_claimed() {
                continue;
            }
            let fits = self.identity.match_person(&record.certificate.holder, claim.person.clone()).await?;
            candidates.push((Candidate { record, fits }, view));
        }
        if candidates.is_empty() {
            let anyone = self.store.certificates(&CertificateFilter::default(), "", 1).await?.pop();
            if let Some(record) = anyone {
                self.identity.match_person(&record.certificate.holder, claim.person.clone()).await?;
            }
        }
        // The holder's before others', and what is confirmed before what is claimed.
        candidates.sort_by_key(|(candidate, _)| {
            (!is_holder(candidate.fits), candidate.record.certificate.is_merely_claimed())
        });
        let told = candidates.into_iter().find(|(candidate, view)| match view {
            Some(View::All | View::Issuer) => true,
            Some(View::Claimant) | None => is_holder(candidate.fits),
        });
        Ok(told.map(|(candidate, _)| candidate))
    }
}

fn read(request: &message::VerifyCertificateRequest, standards: &Standards) -> Result<Claim, Error> {
    let mut wrong = Violations::new();
    let number = wrong.take("number", CertificateNumber::parse(&request.number));
    let name = wrong.take("real_name", text(&request.real_name, 1..=200));
    let document_type = wrong.take("document_type", wire::document_type(&request.document_type));
    let document = wrong.take("document_number", text(&request.document_number, 1..=64));
    let level = wrong.take("level", wire::optional(request.level, codes::parse_level));
    let job_type = match request.job_type.as_str() {
        "" => Some(None),
        given => wrong.take("job_type", wire::any_job_type(given, standards)).map(Some),
    };
    let whole = match (number, name, document_type, document, level, job_type) {
        (Some(number), Some(name), Some(document_type), Some(document), Some(level), Some(job_type)) => {
            Some(Claim {
                number,
                person: IdentityClaim {
                    real_name: name.to_owned(),
                    document_type: document_type.into(),
                    document_number: document.to_owned(),
                },
                level,
                job_type,
            })
        }
        _ => None,
    };
    Ok(wrong.finish(whole)?)
}

/// What the number alone says against the claim. What is not claimed is taken from the number, so that it cannot
/// contradict; a year to come contradicts today.
fn offline(claim: &Claim, standards: &Standards, now: Timestamp) -> Vec<NumberFinding> {
    let today = now.beijing_date();
    let year = claim.number.year().unwrap_or(today.year());
    let issue_date = Date::try_new(year.min(today.year()), 1, 1).unwrap_or(today);
    let told = claim.level.or(claim.number.level());
    let job_type = claim.job_type.zip(told).and_then(|(job_type, level)| {
        // No standard is claimed: only a cell that none of them has contradicts.
        let having =
            || standards.all().map(KnownStandard::standard).filter(|it| it.job_type(job_type).is_some());
        let standard =
            having().find(|standard| standard.has_cell(job_type, level)).or_else(|| having().next());
        standard.map(|standard| (standard, job_type))
    });
    let level = told.unwrap_or(Level::Five);
    cross_check(&claim.number, &NumberClaim { job_type, level, issue_date, issuer: None })
}

const fn field(fits: bool) -> ClaimFieldMatch {
    if fits { ClaimFieldMatch::Match } else { ClaimFieldMatch::Mismatch }
}

/// Where nothing belongs together, as far as the caller may know.
fn nothing_compared() -> message::ClaimMatch {
    let not_compared = i32::from(ClaimFieldMatch::NotCompared);
    message::ClaimMatch {
        number: not_compared,
        real_name: not_compared,
        document_type: not_compared,
        document_number: not_compared,
        level: not_compared,
        job_type: not_compared,
    }
}

fn is_holder(fits: Option<PersonMatch>) -> bool {
    fits.is_some_and(|fits| fits.real_name && fits.document_type && fits.document_number)
}

fn compare(claim: &Claim, record: &CertificateRecord, fits: Option<PersonMatch>) -> message::ClaimMatch {
    let certificate = &record.certificate;
    let person = |part: fn(PersonMatch) -> bool| {
        i32::from(fits.map_or(ClaimFieldMatch::Mismatch, |fits| field(part(fits))))
    };
    // Level and job type of somebody else's certificate are nobody's business.
    let of_holder = |fits_claim: Option<bool>| match fits_claim {
        Some(fits_claim) if is_holder(fits) => field(fits_claim).into(),
        _ => ClaimFieldMatch::NotCompared.into(),
    };
    message::ClaimMatch {
        number: ClaimFieldMatch::Match.into(),
        real_name: person(|fits| fits.real_name),
        document_type: person(|fits| fits.document_type),
        document_number: person(|fits| fits.document_number),
        level: of_holder(claim.level.map(|level| level == certificate.level)),
        job_type: of_holder(claim.job_type.map(|job_type| job_type == certificate.job_type)),
    }
}

fn verdict(
    compared: &message::ClaimMatch,
    record: &CertificateRecord,
    standing: IssuerStanding,
    now: Timestamp,
) -> VerificationVerdict {
    let fields = [
        compared.number,
        compared.real_name,
        compared.document_type,
        compared.document_number,
        compared.level,
        compared.job_type,
    ];
    if fields.contains(&ClaimFieldMatch::Mismatch.into()) {
        VerificationVerdict::Mismatch
    } else if record.certificate.state != CertificateState::Verified || standing == IssuerStanding::Suspended
    {
        VerificationVerdict::NotInForce
    } else if record.certificate.is_stale(now) {
        VerificationVerdict::Stale
    } else {
        VerificationVerdict::Verified
    }
}

fn verified(
    record: &CertificateRecord,
    health: Option<Health>,
    now: Timestamp,
) -> message::VerifiedCertificate {
    let certificate = &record.certificate;
    message::VerifiedCertificate {
        certificate: certificate.id.name(),
        job_type: certificate.job_type.code().to_owned(),
        level: codes::level(certificate.level),
        state: codes::state(certificate.state),
        source: record.source.map(codes::source).unwrap_or_default(),
        check_time: certificate.checked_at.map(timestamp),
        evidence_until_time: certificate.evidence_until.map(timestamp),
        source_health: wire::health(health).into(),
        evidence_age: certificate.checked_at.map(|checked| duration(now.since(checked))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::certification::Certificate;
    use greenroom_domain::kernel::{CertificateId, IssuerId, PersonId, StandardId, Version};

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn record() -> CertificateRecord {
        let certificate = Certificate {
            id: CertificateId::try_new("c1").unwrap(),
            number: CertificateNumber::parse("S000033000000243000001").unwrap(),
            holder: PersonId::try_new("p1").unwrap(),
            standard: StandardId::try_new("internet-marketer-2021").unwrap(),
            job_type: JobType::try_new("live-salesperson").unwrap(),
            level: Level::Three,
            issuer: IssuerId::try_new("north").unwrap(),
            issue_date: Date::try_new(2023, 5, 6).unwrap(),
            state: CertificateState::Verified,
            state_since: NOW,
            verified_at: Some(NOW),
            evidence_until: Some(Timestamp::MAX),
            retry_at: None,
            checked_at: Some(NOW),
            lapsed_at: None,
            held: None,
            version: Version::FIRST,
        };
        CertificateRecord::new(certificate, None, NOW)
    }

    #[test]
    fn a_certificate_of_an_issuer_that_is_not_listed_is_not_in_force() {
        let fits = i32::from(ClaimFieldMatch::Match);
        let compared = message::ClaimMatch {
            number: fits,
            real_name: fits,
            document_type: fits,
            document_number: fits,
            level: fits,
            job_type: fits,
        };
        for (standing, expected) in [
            (IssuerStanding::Listed, VerificationVerdict::Verified),
            (IssuerStanding::Suspended, VerificationVerdict::NotInForce),
            // What a source confirmed since the strike-off is seen as verified; see `Certificate::seen_with`.
            (IssuerStanding::StruckOff, VerificationVerdict::Verified),
        ] {
            assert_eq!(verdict(&compared, &record(), standing, NOW), expected);
        }
    }
}
