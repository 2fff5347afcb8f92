//! Every event in every state: what it leads to, or why it is refused.

use super::*;
use CertificateState::{
    Claimed, FormatOk, IssuerStruckOff, Mismatch, NotFound, Revoked, Superseded, SuspectedForged, Suspended,
    UnderVerification, Verified,
};

/// Everything that can happen to a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Asked,
    RollMatch,
    LookupMatch,
    AttestedMatch,
    IssuersOwnPraise,
    ContradictedBySource,
    NotFoundBySource,
    Outage,
    RevokedBySource,
    Lapse,
    SuspendByIssuer,
    SuspendByRegulator,
    SuspectByIssuer,
    SuspectByRegulator,
    ReinstateByIssuer,
    ReinstateByRegulator,
    Supersede,
    StrikeOff,
    RevokeByIssuer,
    RevokeByRegulator,
}

impl Event {
    const ALL: [Self; 20] = [
        Self::Asked,
        Self::RollMatch,
        Self::LookupMatch,
        Self::AttestedMatch,
        Self::IssuersOwnPraise,
        Self::ContradictedBySource,
        Self::NotFoundBySource,
        Self::Outage,
        Self::RevokedBySource,
        Self::Lapse,
        Self::SuspendByIssuer,
        Self::SuspendByRegulator,
        Self::SuspectByIssuer,
        Self::SuspectByRegulator,
        Self::ReinstateByIssuer,
        Self::ReinstateByRegulator,
        Self::Supersede,
        Self::StrikeOff,
        Self::RevokeByIssuer,
        Self::RevokeByRegulator,
    ];

    /// Lets it happen on a day on which the evidence of every verified certificate here has run out.
    fn happen(self, certificate: Certificate) -> Result<Certificate, Refusal> {
        let (day, regulator) = (200, measure(Authority::Regulator, 200));
        let issuer = by_issuer(day);
        let told = |source, witness, result| {
            let said = Evidence { source, witness, ..evidence(result, day) };
            certificate.clone().record_evidence(&said, LAG, at(day))
        };
        let independent = |source, result| told(source, Witness::Independent, result);
        let lookup = |result| independent(EvidenceSource::OfficialLookup, result);
        match self {
            Self::Asked => certificate.begin_verification(at(day)),
            Self::RollMatch => told(EvidenceSource::IssuerRoll, Witness::Issuer, EvidenceResult::Match),
            Self::LookupMatch => lookup(EvidenceResult::Match),
            Self::AttestedMatch => {
                independent(EvidenceSource::AdministratorAttestation, EvidenceResult::Match)
            }
            Self::IssuersOwnPraise => {
                told(EvidenceSource::OfficialLookup, Witness::Issuer, EvidenceResult::Match)
            }
            Self::ContradictedBySource => lookup(EvidenceResult::Mismatch),
            Self::NotFoundBySource => lookup(EvidenceResult::NotFound),
            Self::Outage => lookup(EvidenceResult::SourceUnavailable),
            Self::RevokedBySource => lookup(EvidenceResult::Revoked),
            Self::Lapse => certificate.lapse(at(day)),
            Self::SuspendByIssuer => certificate.suspend(&issuer, at(day)),
            Self::SuspendByRegulator => certificate.suspend(&regulator, at(day)),
            Self::SuspectByIssuer => certificate.suspect_forgery(&issuer, at(day)),
            Self::SuspectByRegulator => certificate.suspect_forgery(&regulator, at(day)),
            Self::ReinstateByIssuer => certificate.reinstate(&issuer, at(day)),
            Self::ReinstateByRegulator => certificate.reinstate(&regulator, at(day)),
            Self::Supersede => certificate.supersede(&issuer, at(day)),
            Self::StrikeOff => certificate.issuer_struck_off(at(day)),
            Self::RevokeByIssuer => certificate.revoke(&revocation(), at(day)),
            Self::RevokeByRegulator => {
                certificate.revoke(&Revocation { by: Authority::Regulator, ..revocation() }, at(day))
            }
        }
    }
}

/// A certificate in each state; what is held was verified before, and the issuer said so.
fn in_state(state: CertificateState) -> Certificate {
    let unknown = [NumberFinding::SchemeUnknown];
    match state {
        Claimed => Certificate::claim(draft(), &unknown, at(0)).unwrap(),
        FormatOk => claimed(),
        UnderVerification => claimed().begin_verification(at(1)).unwrap(),
        Verified => verified(),
        NotFound => told(claimed(), EvidenceResult::NotFound, 1),
        Mismatch => told(claimed(), EvidenceResult::Mismatch, 1),
        SuspectedForged => verified().suspect_forgery(&by_issuer(2), at(2)).unwrap(),
        Suspended => verified().suspend(&by_issuer(2), at(2)).unwrap(),
        Revoked => verified().revoke(&revocation(), at(2)).unwrap(),
        IssuerStruckOff => verified().issuer_struck_off(at(2)).unwrap(),
        Superseded => verified().supersede(&by_issuer(2), at(2)).unwrap(),
    }
}

/// The whole machine: the state after, or the participle that is refused.
#[expect(clippy::match_same_arms, reason = "a table: the lines of each event stand together")]
fn expected(state: CertificateState, event: Event) -> Result<CertificateState, &'static str> {
    use Event as E;
    match (event, state) {
        (E::Asked, SuspectedForged | Suspended | Revoked | IssuerStruckOff | Superseded)
        | (
            E::RollMatch
            | E::LookupMatch
            | E::AttestedMatch
            | E::IssuersOwnPraise
            | E::ContradictedBySource
            | E::NotFoundBySource
            | E::Outage,
            Revoked | Superseded,
        )
        | (E::RevokedBySource, Revoked) => Err("verified"),
        (E::Asked, _) => Ok(UnderVerification),
        (E::IssuersOwnPraise | E::Outage, _) => Ok(state),
        (E::AttestedMatch, SuspectedForged) | (E::LookupMatch | E::AttestedMatch, IssuerStruckOff) => {
            Ok(Verified)
        }
        (
            E::RollMatch | E::LookupMatch | E::AttestedMatch | E::ContradictedBySource | E::NotFoundBySource,
            SuspectedForged | Suspended | IssuerStruckOff,
        ) => Ok(state),
        (E::RollMatch | E::LookupMatch | E::AttestedMatch, _) => Ok(Verified),
        (E::ContradictedBySource, _) => Ok(Mismatch),
        (E::NotFoundBySource, _) => Ok(NotFound),
        (E::RevokedBySource, _) => Ok(Revoked),
        (E::Lapse, Verified) => Ok(Verified),
        (E::Lapse, _) => Err("lapsed"),
        (E::SuspendByRegulator, Suspended) => Ok(Suspended),
        (
            E::SuspendByIssuer | E::SuspendByRegulator,
            SuspectedForged | Suspended | IssuerStruckOff | Revoked | Superseded,
        ) => Err("suspended"),
        (E::SuspendByIssuer | E::SuspendByRegulator, _) => Ok(Suspended),
        (
            E::SuspectByIssuer | E::SuspectByRegulator,
            SuspectedForged | IssuerStruckOff | Revoked | Superseded,
        ) => Err("suspected"),
        (E::SuspectByIssuer | E::SuspectByRegulator, _) => Ok(SuspectedForged),
        (E::ReinstateByIssuer | E::ReinstateByRegulator, SuspectedForged | Suspended | Superseded) => {
            Ok(Verified)
        }
        (E::ReinstateByIssuer | E::ReinstateByRegulator, _) => Err("reinstated"),
        (E::Supersede, Verified) => Ok(Superseded),
        (E::Supersede, _) => Err("superseded"),
        (E::StrikeOff, SuspectedForged) => Ok(SuspectedForged),
        (E::StrikeOff, Revoked | Superseded) => Err("taken out with its issuer"),
        (E::StrikeOff, _) => Ok(IssuerStruckOff),
        (E::RevokeByIssuer | E::RevokeByRegulator, Revoked) => Err("revoked"),
        (E::RevokeByIssuer | E::RevokeByRegulator, _) => Ok(Revoked),
    }
}

#[test]
fn every_event_in_every_state_does_what_it_must_or_is_refused_for_its_reason() {
    for state in CertificateState::ALL {
        let before = in_state(state);
        assert_eq!(before.state, state);
        for event in Event::ALL {
            let happened = event.happen(before.clone());
            match (expected(state, event), happened) {
                (Ok(wanted), Ok(after)) => {
                    assert_eq!(after.state, wanted, "{event:?} in {state:?}");
                    let held = matches!(wanted, SuspectedForged | Suspended | Superseded);
                    let kept = held || (wanted == IssuerStruckOff && after.held.is_some());
                    assert_eq!(after.held.is_some(), kept, "{event:?} in {state:?}");
                    let moved = after.state != before.state;
                    assert!(moved || after.state_since == before.state_since, "{event:?} in {state:?}");
                    let untouched = matches!(event, Event::IssuersOwnPraise | Event::Outage);
                    assert!(!untouched || after == before, "{event:?} in {state:?}");
                }
                (Err(wanted), Err(refusal)) => {
                    assert_eq!(refusal, Refusal::Transition { state, wanted }, "{event:?} in {state:?}");
                }
                (wanted, found) => panic!("{event:?} in {state:?}: {wanted:?}, not {found:?}"),
            }
        }
    }
}
