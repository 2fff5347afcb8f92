//! Who plays: one streamer whom nothing bars, and the certificate that is revoked.

use super::{EPOCH, id, length, seconds};
use crate::wire::news::{Enrolled, News};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::occupation::Level;
use greenroom_domain::registry::{
    AgeBand, CertificateStanding, CertificateState, Demand, Enrolment, EnrolmentState, GuardianConsent,
    IssuerStanding, IssuerStandingFact, Mirrored, PersonStanding, PersonState, Policy, PolicyTerms,
};
use greenroom_testkit::occupation::{LIVE_SALESPERSON, job_type};
use std::time::Duration;

pub fn certificate(state: CertificateState, version: i64) -> News {
    let at = Timestamp::from_micros(EPOCH);
    News::Mirrored(Mirrored::Certificate(CertificateStanding {
        certificate: id("c1"),
        holder: id("p1"),
        standard: id("standard"),
        job_type: job_type(LIVE_SALESPERSON),
        level: Level::Three,
        issuer: id("academy"),
        state,
        since: at,
        verified_at: Some(at),
        evidence_until: Some(at.plus(Duration::from_hours(1_000))),
        retry_at: None,
        version,
    }))
}

pub fn facts(staleness: i64) -> Vec<News> {
    let at = Timestamp::from_micros(EPOCH - seconds(60));
    let streamer = Enrolled {
        id: id("mina"),
        platform: id("shop"),
        person: id("p1"),
        enrolment: Enrolment { state: EnrolmentState::Enrolled, since: at },
        version: 1,
    };
    let person = PersonStanding {
        person: id("p1"),
        state: PersonState::Verified,
        since: at,
        evidence_until: Some(at.plus(Duration::from_hours(1_000))),
        document_until: None,
        age_band: AgeBand::Adult,
        age_band_until: None,
        guardian_consent: GuardianConsent::NotRecorded,
        guardian_consent_since: None,
        version: 1,
    };
    let issuer = IssuerStandingFact {
        issuer: id("academy"),
        standing: IssuerStanding::Listed,
        review: None,
        version: 1,
    };
    let demand = Demand::of_level([id("standard")].into(), [job_type(LIVE_SALESPERSON)].into(), Level::Four);
    let terms =
        PolicyTerms { max_staleness: length(staleness), ..PolicyTerms::plain(id("shop"), demand, at) };
    vec![
        News::Streamer(streamer),
        News::Mirrored(Mirrored::Person(person)),
        News::Mirrored(Mirrored::Issuer(issuer)),
        News::Policy(Policy::try_new(terms).unwrap()),
        certificate(CertificateState::Verified, 1),
    ]
}
