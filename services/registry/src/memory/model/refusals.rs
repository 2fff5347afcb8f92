//! Tokens, what was said against them, and whether a gate acts on it.

use greenroom_auth::{AccessClaims, KeySet, OrganizationRole, TokenGate};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::registry::{CallerName, CallerStanding, RevokedToken, TokenId};
use greenroom_testkit::TestIssuer;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Who issues them.
pub const ISSUER: &str = "http://issuer";

/// When each token is issued and how long it lives, in seconds.
pub const TOKENS: [(u64, u64); 4] = [(0, 60), (0, 3_600), (100, 200), (300, 3_000)];

/// Tokens of one client, and what was said against them.
pub struct Refusals {
    keys: KeySet,
    issued: Vec<(AccessClaims, String)>,
    callers: BTreeMap<CallerName, CallerStanding>,
    tokens: BTreeSet<usize>,
}

impl Refusals {
    /// Nothing was said yet.
    pub fn new() -> Self {
        let issuer = TestIssuer::new(ISSUER);
        let begin = Timestamp::from_micros(1_000_000_000);
        let issued = (0..).zip(TOKENS).map(|(number, (after, life)): (usize, _)| {
            let now = begin.plus(Duration::from_secs(after));
            let roles = [OrganizationRole::Platform];
            let claims = AccessClaims {
                token_id: format!("t{number}"),
                expire_time: now.plus(Duration::from_secs(life)),
                ..issuer.claims("audience", "shop-backend", "shop", &roles, "a", now)
            };
            let token = issuer.sign(&claims);
            (claims, token)
        });
        Self {
            issued: issued.collect(),
            keys: KeySet::clone(&issuer.keys().current().unwrap()),
            callers: BTreeMap::new(),
            tokens: BTreeSet::new(),
        }
    }

    /// Notes what is said of a caller. Tells whether it is news.
    pub fn hear(&mut self, standing: &CallerStanding) -> bool {
        let known = self.callers.get(&standing.caller);
        let news = known.is_none_or(|known| standing.supersedes(known));
        if news {
            self.callers.insert(standing.caller.clone(), standing.clone());
        }
        news
    }

    /// Notes that a token was revoked.
    pub fn revoke(&mut self, which: usize) {
        self.tokens.insert(which);
    }

    /// What revokes a token.
    pub fn token(&self, which: usize) -> RevokedToken {
        let claims = &self.issued[which].0;
        let token_id = TokenId::parse(&claims.token_id).unwrap();
        RevokedToken { token_id, expires_at: claims.expire_time }
    }

    /// Holds a gate against what was said, by the tokens that live at `now`.
    pub fn hold(&self, gate: &TokenGate, now: Timestamp) {
        for (number, (claims, token)) in self.issued.iter().enumerate() {
            if (claims.issue_time..claims.expire_time).contains(&now) {
                let reached = |standing: &CallerStanding| claims.issue_time <= standing.tokens_valid_from;
                let refused = self.callers.values().any(reached) || self.tokens.contains(&number);
                assert_eq!(gate.admit(token, &self.keys, None, now).is_err(), refused, "{claims:?}");
            }
        }
    }
}
