//! What tokens may carry: every scope of the suite, and which services know it.

/// The audience of tokens for this service.
pub const IDENTITY: &str = crate::AUDIENCE;
/// The audience of tokens for the certification service.
pub const CERTIFICATION: &str = "greenroom-certification";
/// The audience of tokens for the registry.
pub const REGISTRY: &str = "greenroom-registry";

/// Every audience a token can be for.
pub const AUDIENCES: [&str; 3] = [IDENTITY, CERTIFICATION, REGISTRY];

/// The longest text that can be a scope; longer ones are refused before anything repeats them.
pub const MAX_LENGTH: usize = 64;

const CATALOGUE: &[(&str, &[&str])] = &[
    ("certificates.claim", &[CERTIFICATION]),
    ("certificates.evidence", &[CERTIFICATION]),
    ("certificates.issue", &[CERTIFICATION]),
    ("certificates.read", &[CERTIFICATION]),
    ("certificates.revoke", &[CERTIFICATION]),
    ("certificates.suspend", &[CERTIFICATION]),
    ("certificates.verify", &[CERTIFICATION]),
    ("clients.read", &[IDENTITY]),
    ("clients.write", &[IDENTITY]),
    ("feed.read", &[IDENTITY, CERTIFICATION, REGISTRY]),
    ("issuers.write", &[CERTIFICATION]),
    ("live_sessions.read", &[REGISTRY]),
    ("live_sessions.write", &[REGISTRY]),
    ("organizations.read", &[IDENTITY]),
    ("organizations.write", &[IDENTITY]),
    ("permissions.check", &[REGISTRY]),
    ("persons.consent", &[IDENTITY]),
    ("persons.erase", &[IDENTITY]),
    ("persons.freeze", &[IDENTITY]),
    ("persons.match", &[IDENTITY]),
    ("persons.proof", &[IDENTITY]),
    ("persons.read", &[IDENTITY]),
    ("persons.resolve", &[IDENTITY]),
    ("persons.write", &[IDENTITY]),
    ("policies.read", &[REGISTRY]),
    ("policies.write", &[REGISTRY]),
    ("rolls.approve", &[CERTIFICATION]),
    ("qualifications.read", &[CERTIFICATION]),
    ("qualifications.review", &[CERTIFICATION]),
    ("qualifications.write", &[CERTIFICATION]),
    ("rolls.read", &[CERTIFICATION]),
    ("rolls.write", &[CERTIFICATION]),
    ("signing_keys.write", &[IDENTITY]),
    ("streamers.read", &[REGISTRY]),
    ("streamers.write", &[REGISTRY]),
    ("tokens.introspect", &[IDENTITY]),
    ("tokens.revoke", &[IDENTITY]),
];

/// Every scope in order, with the audiences of the services that know it.
pub fn scope_catalogue() -> &'static [(&'static str, &'static [&'static str])] {
    CATALOGUE
}

/// The audiences of the services that know a scope; none for an unknown scope.
pub fn audiences_of(scope: &str) -> &'static [&'static str] {
    CATALOGUE.iter().find(|(known, _)| *known == scope).map_or(&[], |(_, audiences)| audiences)
}

/// Whether any service knows the scope.
pub fn is_known(scope: &str) -> bool {
    !audiences_of(scope).is_empty()
}

/// The one audience that knows all the scopes, if there is exactly one.
pub fn common_audience(scopes: &[impl AsRef<str>]) -> Option<&'static str> {
    let fits = |audience: &&str| scopes.iter().all(|scope| audiences_of(scope.as_ref()).contains(audience));
    let mut fitting = AUDIENCES.into_iter().filter(fits);
    fitting.next().filter(|_| fitting.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_in_order_and_names_every_scope_once() {
        assert!(CATALOGUE.is_sorted_by(|left, right| left.0 < right.0));
        assert!(CATALOGUE.iter().all(|(scope, _)| scope.len() <= MAX_LENGTH));
    }

    #[test]
    fn an_audience_is_derived_only_where_there_is_one() {
        assert_eq!(common_audience(&["persons.read", "feed.read"]), Some(IDENTITY));
        assert_eq!(common_audience(&["persons.read", "policies.read"]), None);
        assert_eq!(common_audience(&["feed.read"]), None);
        assert_eq!(common_audience(&["unknown"]), None);
    }
}
