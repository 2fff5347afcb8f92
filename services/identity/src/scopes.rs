//! What tokens may carry: every scope of the suite, and which services know it.

use greenroom_auth::ANY_ROLE;
use greenroom_domain::identity::OrganizationRole as Role;

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
    ("appeals.decide", &[REGISTRY]),
    ("applications.assess", &[CERTIFICATION]),
    ("applications.read", &[CERTIFICATION]),
    ("applications.write", &[CERTIFICATION]),
    ("blocklist.read", &[REGISTRY]),
    ("blocklist.write", &[REGISTRY]),
    ("certificates.claim", &[CERTIFICATION]),
    ("certificates.evidence", &[CERTIFICATION]),
    ("certificates.issue", &[CERTIFICATION]),
    ("certificates.read", &[CERTIFICATION]),
    ("certificates.revoke", &[CERTIFICATION]),
    ("certificates.suspend", &[CERTIFICATION]),
    ("certificates.verify", &[CERTIFICATION]),
    ("clients.read", &[IDENTITY]),
    ("clients.write", &[IDENTITY]),
    ("conduct.read", &[REGISTRY]),
    ("conduct.write", &[REGISTRY]),
    ("feed.read", &[IDENTITY, CERTIFICATION, REGISTRY]),
    ("grants.read", &[REGISTRY]),
    ("grants.write", &[REGISTRY]),
    ("issuers.write", &[CERTIFICATION]),
    ("live_sessions.read", &[REGISTRY]),
    ("live_sessions.write", &[REGISTRY]),
    ("organizations.read", &[IDENTITY]),
    ("organizations.write", &[IDENTITY]),
    ("overrides.read", &[REGISTRY]),
    ("overrides.write", &[REGISTRY]),
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
    ("qualifications.read", &[CERTIFICATION]),
    ("qualifications.review", &[CERTIFICATION]),
    ("qualifications.write", &[CERTIFICATION]),
    ("rolls.approve", &[CERTIFICATION]),
    ("rolls.read", &[CERTIFICATION]),
    ("rolls.write", &[CERTIFICATION]),
    ("room_operators.read", &[REGISTRY]),
    ("room_operators.write", &[REGISTRY]),
    ("signing_keys.write", &[IDENTITY]),
    ("streamers.read", &[REGISTRY]),
    ("streamers.write", &[REGISTRY]),
    ("tokens.introspect", &[IDENTITY]),
    ("tokens.revoke", &[IDENTITY]),
];

/// The scopes that only organizations with one of these roles can use; every other serves any organization.
const RESERVED: &[(&str, &[Role])] = &[
    ("appeals.decide", &[Role::Platform]),
    ("applications.assess", &[Role::Issuer]),
    ("applications.write", &[Role::Platform, Role::Issuer]),
    ("blocklist.read", &[Role::Platform, Role::Regulator]),
    ("blocklist.write", &[Role::Platform, Role::Regulator]),
    ("certificates.claim", &[Role::Platform, Role::Issuer, Role::SuiteOperator]),
    ("certificates.evidence", &[Role::Issuer, Role::Regulator, Role::SuiteOperator]),
    ("certificates.issue", &[Role::Issuer]),
    ("certificates.revoke", &[Role::Issuer, Role::Regulator]),
    ("certificates.suspend", &[Role::Issuer, Role::Regulator]),
    ("clients.write", &[Role::SuiteOperator]),
    ("conduct.read", &[Role::Platform]),
    ("conduct.write", &[Role::Platform]),
    ("feed.read", &[Role::Regulator, Role::SuiteOperator]),
    ("grants.read", &[Role::Platform]),
    ("grants.write", &[Role::Platform]),
    ("issuers.write", &[Role::Regulator, Role::SuiteOperator]),
    ("live_sessions.read", &[Role::Platform]),
    ("live_sessions.write", &[Role::Platform]),
    ("organizations.write", &[Role::SuiteOperator]),
    ("overrides.read", &[Role::Platform, Role::SuiteOperator]),
    ("overrides.write", &[Role::Platform]),
    ("permissions.check", &[Role::Platform]),
    ("persons.consent", &[Role::Platform, Role::RoomOperator, Role::Agency]),
    ("persons.erase", &[Role::SuiteOperator]),
    ("persons.freeze", &[Role::SuiteOperator]),
    ("persons.match", &[Role::SuiteOperator, Role::Regulator, Role::Issuer]),
    ("persons.resolve", &[Role::SuiteOperator]),
    ("persons.write", &[Role::Platform, Role::Issuer, Role::RoomOperator, Role::Agency]),
    ("policies.read", &[Role::Platform]),
    ("policies.write", &[Role::Platform]),
    ("qualifications.review", &[Role::Platform, Role::Regulator, Role::SuiteOperator]),
    ("qualifications.write", &[Role::Platform, Role::Regulator, Role::SuiteOperator]),
    ("rolls.approve", &[Role::Issuer, Role::SuiteOperator]),
    ("rolls.write", &[Role::Issuer, Role::SuiteOperator]),
    ("room_operators.read", &[Role::Platform]),
    ("room_operators.write", &[Role::Platform]),
    ("signing_keys.write", &[Role::SuiteOperator]),
    ("streamers.read", &[Role::Platform]),
    ("streamers.write", &[Role::Platform]),
];

/// How far a known scope may be from what was written to be named in its place, in letters.
const NEAR: usize = 4;

/// The most scopes named in the place of one that nobody knows.
const NAMED: usize = 3;

/// The roles, one of which an organization needs so that any method lets its clients in by this scope.
pub fn roles_of(scope: &str) -> &'static [Role] {
    RESERVED.iter().find(|(known, _)| *known == scope).map_or(ANY_ROLE, |(_, roles)| roles)
}

/// The known scopes that are nearest to what was written, those that resemble it most first.
pub fn nearest(written: &str) -> Vec<&'static str> {
    let written: Vec<char> = written.chars().take(MAX_LENGTH).collect();
    let near = CATALOGUE.iter().map(|(scope, _)| (distance(&written, scope), *scope));
    let mut near: Vec<_> = near.filter(|(distance, _)| *distance <= NEAR).collect();
    near.sort_unstable();
    near.into_iter().take(NAMED).map(|(_, scope)| scope).collect()
}

/// How many letters must be added, taken away or replaced (Levenshtein).
fn distance(written: &[char], scope: &str) -> usize {
    let mut row: Vec<usize> = (0..=written.len()).collect();
    for (line, wanted) in scope.chars().enumerate() {
        let mut left = line + 1;
        let mut next = vec![left];
        for ((above, corner), letter) in row.iter().skip(1).zip(&row).zip(written) {
            left = (left + 1).min(above + 1).min(corner + usize::from(*letter != wanted));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

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
        assert!(RESERVED.is_sorted_by(|left, right| left.0 < right.0));
        assert!(RESERVED.iter().all(|(scope, _)| is_known(scope)));
    }

    #[test]
    fn a_slip_of_the_pen_is_told_what_was_meant() {
        assert_eq!(nearest("persons.reed").first(), Some(&"persons.read"));
        assert_eq!(nearest("person.read").first(), Some(&"persons.read"));
        assert_eq!(nearest("client.write").first(), Some(&"clients.write"));
        assert!(nearest("everything").is_empty() && nearest("").is_empty());
        assert!(nearest(&"é".repeat(10_000)).is_empty());
    }

    #[test]
    fn an_audience_is_derived_only_where_there_is_one() {
        assert_eq!(common_audience(&["persons.read", "feed.read"]), Some(IDENTITY));
        assert_eq!(common_audience(&["persons.read", "policies.read"]), None);
        assert_eq!(common_audience(&["feed.read"]), None);
        assert_eq!(common_audience(&["unknown"]), None);
    }
}
