use crate::kernel::Timestamp;

/// Why an issuer is suspended or struck off, as everybody may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerMeasure {
    /// What happened, in words and without personal data; 1 to [`IssuerMeasure::LONGEST_EXPLANATION`] characters.
    pub explanation: String,
    /// The rule or decision it rests on; 1 to [`IssuerMeasure::LONGEST_BASIS`] characters.
    pub legal_basis: String,
    /// Since when it is so. Not in the future; a strike-off may have taken effect before it was entered.
    pub effective_at: Timestamp,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// For a strike-off: until when the issuer's certificates are under review.
    pub review_until: Option<Timestamp>,
}

impl IssuerMeasure {
    /// The most characters of an explanation.
    pub const LONGEST_EXPLANATION: usize = 500;
    /// The most characters of a legal basis.
    pub const LONGEST_BASIS: usize = 200;

    /// Whether it tells what it must.
    pub(super) fn is_founded(&self) -> bool {
        let told = |text: &str, longest| !text.trim().is_empty() && text.chars().count() <= longest;
        told(&self.explanation, Self::LONGEST_EXPLANATION)
            && told(&self.legal_basis, Self::LONGEST_BASIS)
            && self.effective_at <= self.entered_at
            && self.review_until.is_none_or(|until| until > self.entered_at)
    }
}

/// The review of the certificates of an issuer that was struck off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerReview {
    /// Since when the issuer is no longer in the directory.
    pub struck_off_at: Timestamp,
    /// When that was entered: what a source said before is no answer to it.
    pub begins: Timestamp,
    /// When the review ends. Nothing comes back by itself then: what nobody confirmed stays out.
    pub ends: Timestamp,
}

impl IssuerReview {
    /// Whether a certificate last confirmed at `verified_at` has passed the review. The issuer's own roll confirms nothing
    /// after the strike-off, so whoever confirmed it later is another source. One that comes after the end of the review is
    /// believed all the same.
    pub fn is_passed_by(&self, verified_at: Option<Timestamp>) -> bool {
        verified_at.is_some_and(|at| at > self.begins)
    }
}
