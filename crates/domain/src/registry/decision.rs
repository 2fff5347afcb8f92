use super::facts::{Facts, Freshness};
use super::legal;
use super::level::{self, LevelGate, VerifiedLevel};
use super::policy::{Policy, in_force, next_start};
use super::reason::{Effect, Fact, Reason, ReasonCode, Requirement};
use crate::kernel::Timestamp;
use std::time::Duration;

/// The edition of the rules in this module. Changes whenever the same inputs could give another answer.
pub const RULES_EDITION: &str = "2026-11";

/// The longest any answer is valid, even where no input is known to change by itself.
pub const LONGEST_VALIDITY: Duration = Duration::from_hours(1);

/// When to ask again about something that nobody can date, such as a verification under way.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_mins(10);

/// What a decision comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The streamer may sell.
    Allow,
    /// The streamer may not sell.
    Deny,
    /// Not now; see [`Decision::ask_again_at`].
    NotYet,
    /// What is known is too old or too little. To be treated as no.
    Undetermined,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Deny, Self::NotYet, Self::Undetermined];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Deny => "DENY",
            Self::NotYet => "NOT_YET",
            Self::Undetermined => "UNDETERMINED",
        }
    }

    /// The outcome with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }

    /// The heaviest reason decides; without a reason the answer is yes.
    fn of(reasons: &[Reason]) -> Self {
        match reasons.iter().map(Reason::effect).max() {
            None => Self::Allow,
            Some(Effect::NotYet) => Self::NotYet,
            Some(Effect::Undetermined) => Self::Undetermined,
            Some(Effect::Deny) => Self::Deny,
        }
    }
}

/// The answer, with everything it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it comes to. [`Outcome::Allow`] exactly if there is no reason.
    pub outcome: Outcome,
    /// Every requirement that is not met, those that weigh most first.
    pub reasons: Vec<Reason>,
    /// When it was decided.
    pub decide_time: Timestamp,
    /// From this instant on the answer may be another: nobody may rely on it any longer.
    pub valid_until: Timestamp,
    /// For [`Outcome::NotYet`]: when asking again may help.
    pub ask_again_at: Option<Timestamp>,
    /// The level that passed the gate, even if other reasons stand against it.
    pub verified: Option<VerifiedLevel>,
    /// The policy revision in force.
    pub policy_revision: Option<i32>,
    /// The edition of the rules.
    pub rules_edition: &'static str,
}

/// Decides whether a streamer may sell on a platform at `now`.
///
/// `revisions` are all revisions of this platform's policy. `max_staleness` tightens the policy's limit for this one
/// question; it cannot loosen it. All gates are looked at, so that everything can be mended at once; the outcome is
/// that of the heaviest reason: no, then not known, then not yet.
pub fn decide(
    facts: &Facts,
    revisions: &[Policy],
    freshness: &Freshness,
    max_staleness: Option<Duration>,
    now: Timestamp,
) -> Decision {
    let policy = in_force(revisions, now);
    let limit = staleness_limit(policy, max_staleness);
    let mut reasons = legal::reasons(facts, now);
    let mut verified = None;
    match policy.map(|policy| level::gate(&facts.certificates, policy, now)) {
        None => reasons.push(without_policy(revisions, now)),
        Some(LevelGate::Passed(level)) => verified = Some(level),
        Some(LevelGate::Failed(obstacles)) => reasons.extend(obstacles),
    }
    let policy_revision = policy.map(|policy| policy.terms().revision);
    reasons.extend(limit.into_iter().flat_map(|limit| stale_feeds(freshness, limit, policy_revision, now)));
    // Stable, so that reasons of one code keep the order of their certificates.
    reasons.sort_by_key(|reason| reason.code);
    let outcome = Outcome::of(&reasons);
    Decision {
        outcome,
        ask_again_at: ask_again(outcome, &reasons, now),
        reasons,
        decide_time: now,
        valid_until: valid_until(facts, revisions, freshness, limit, now),
        verified,
        policy_revision,
        rules_edition: RULES_EDITION,
    }
}

fn staleness_limit(policy: Option<&Policy>, asked: Option<Duration>) -> Option<Duration> {
    [policy.map(|policy| policy.terms().max_staleness), asked].into_iter().flatten().min()
}

fn without_policy(revisions: &[Policy], now: Timestamp) -> Reason {
    let starts = next_start(revisions, now);
    let code = if starts.is_some() { ReasonCode::PolicyNotInForce } else { ReasonCode::PolicyNotSet };
    Reason { until: starts, ..Reason::new(code, Fact::NoPolicy, Requirement::PolicyInForce { starts }) }
}

fn stale_feeds(
    freshness: &Freshness,
    limit: Duration,
    policy_revision: Option<i32>,
    now: Timestamp,
) -> impl Iterator<Item = Reason> {
    let stale = move |(feed, heard_at, over)| {
        let reason = Reason::new(
            ReasonCode::EvidenceSourceUnavailable,
            Fact::Feed { feed, heard_at },
            Requirement::FreshFeed { within: limit },
        );
        (now >= over).then_some(Reason { since: Some(over), policy_revision, ..reason })
    };
    freshness.limits(limit).into_iter().filter_map(stale)
}

fn ask_again(outcome: Outcome, reasons: &[Reason], now: Timestamp) -> Option<Timestamp> {
    if outcome != Outcome::NotYet {
        return None;
    }
    reasons.iter().map(|reason| reason.until.unwrap_or_else(|| now.plus(ASK_AGAIN_AFTER))).min()
}

/// The earliest instant after `now` at which any input can change by itself.
fn valid_until(
    facts: &Facts,
    revisions: &[Policy],
    freshness: &Freshness,
    limit: Option<Duration>,
    now: Timestamp,
) -> Timestamp {
    let identity = &facts.identity;
    let of_identity = [identity.evidence_until, identity.document_until, identity.age_band_until];
    let of_certificates = facts.certificates.iter().flat_map(|fact| [fact.evidence_until, fact.retry_at]);
    let of_feeds = limit.map(|limit| freshness.limits(limit).map(|(_, _, over)| over));
    of_identity
        .into_iter()
        .chain(of_certificates)
        .chain([next_start(revisions, now)])
        .flatten()
        .chain(of_feeds.into_iter().flatten())
        .filter(|change| *change > now)
        .fold(now.plus(LONGEST_VALIDITY), Timestamp::min)
}

#[cfg(test)]
mod tests;
