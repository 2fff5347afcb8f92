use super::{Certificate, CertificateState};
use crate::certification::{Issuer, IssuerStanding};

impl Certificate {
    /// The certificate as it is shown and counts, given the standing of its issuer.
    ///
    /// A strike-off changes no certificate: each is shown as [`CertificateState::IssuerStruckOff`] until a source other
    /// than the issuer has answered since the strike-off was entered. Only a confirmation makes it count again. What
    /// weighs more is shown all the same: a revocation, a suspicion of forgery, a higher level.
    #[must_use]
    pub fn seen_with(self, issuer: &Issuer) -> Self {
        if issuer.standing != IssuerStanding::StruckOff {
            return self;
        }
        let review = issuer.review();
        let answered = match self.state {
            CertificateState::Revoked | CertificateState::Superseded | CertificateState::SuspectedForged => {
                true
            }
            CertificateState::Mismatch | CertificateState::NotFound => {
                review.is_some_and(|review| review.is_passed_by(self.checked_at))
            }
            CertificateState::Verified => review.is_some_and(|review| review.is_passed_by(self.verified_at)),
            CertificateState::Claimed
            | CertificateState::FormatOk
            | CertificateState::UnderVerification
            | CertificateState::Suspended
            | CertificateState::IssuerStruckOff => false,
        };
        if answered {
            return self;
        }
        let state_since = review.map_or(self.state_since, |review| review.struck_off_at);
        Self { state: CertificateState::IssuerStruckOff, state_since, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certification::samples::{LIVE_SALESPERSON, job_type};
    use crate::certification::{CertificateDraft, CertificateNumber, IssuerClass, IssuerMeasure};
    use crate::kernel::{
        CertificateId, Date, IssuerId, OrganizationId, PersonId, StandardId, Timestamp, Version,
    };
    use crate::occupation::Level;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn issuer() -> Issuer {
        Issuer {
            id: IssuerId::try_new("north").unwrap(),
            organization: OrganizationId::try_new("north-college").unwrap(),
            class: IssuerClass::SocialOrganization,
            code: "0042".to_owned(),
            province: "23".to_owned(),
            standing: IssuerStanding::Listed,
            measure: None,
            accreditations: Vec::new(),
            sites: Vec::new(),
            version: Version::FIRST,
        }
    }

    fn measure(review_until: Option<Timestamp>) -> IssuerMeasure {
        IssuerMeasure {
            explanation: "sold results".to_owned(),
            legal_basis: "a decision".to_owned(),
            effective_at: at(100),
            entered_at: at(200),
            review_until,
        }
    }

    fn certificate(state: CertificateState, verified_at: i64, checked_at: i64) -> Certificate {
        let draft = CertificateDraft {
            id: CertificateId::try_new("c1").unwrap(),
            number: CertificateNumber::parse("S004223000001244000001").unwrap(),
            holder: PersonId::try_new("mina").unwrap(),
            standard: StandardId::try_new("standard").unwrap(),
            job_type: job_type(LIVE_SALESPERSON),
            level: Level::Four,
            issuer: IssuerId::try_new("north").unwrap(),
            issue_date: Date::parse("1970-01-01").unwrap(),
        };
        let drafted = Certificate::claim(draft, &[], at(10)).unwrap();
        Certificate { state, verified_at: Some(at(verified_at)), checked_at: Some(at(checked_at)), ..drafted }
    }

    #[test]
    fn an_issuer_that_is_not_struck_off_changes_nothing() {
        let suspended = issuer().suspend(measure(None)).unwrap();
        for state in CertificateState::ALL {
            for issuer in [&issuer(), &suspended] {
                let known = certificate(state, 50, 50);
                assert_eq!(known.clone().seen_with(issuer), known);
            }
        }
    }

    #[test]
    fn each_state_is_seen_as_the_review_of_its_issuer_has_it() {
        use CertificateState as S;
        let gone = issuer().strike_off(measure(Some(at(300)))).unwrap();
        let seen = |state, verified, checked| certificate(state, verified, checked).seen_with(&gone);
        for state in S::ALL {
            let expected = match state {
                S::Revoked | S::Superseded | S::SuspectedForged => state,
                _ => S::IssuerStruckOff,
            };
            assert_eq!(seen(state, 200, 200).state, expected, "unanswered: {state:?}");
            let expected = match state {
                S::Verified | S::NotFound | S::Mismatch => state,
                _ => expected,
            };
            // Whoever answers after the end of the review is believed, too.
            for answered in [201, 999] {
                assert_eq!(seen(state, answered, answered).state, expected, "answered: {state:?}");
            }
        }
        assert_eq!(seen(S::Verified, 150, 250).state, S::IssuerStruckOff, "asked, and not confirmed");
        assert_eq!(seen(S::Verified, 150, 150).state_since, at(100));
    }
}
