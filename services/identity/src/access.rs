//! Who may call what. A method that is not here is denied.

use greenroom_auth::{ANY_ROLE, Access, AccessTable, TableFault};
use greenroom_domain::identity::OrganizationRole as Role;
use greenroom_rpc::server::COMMON_ACCESS;

const OPERATOR: &[Role] = &[Role::SuiteOperator];
const CONSENTING: &[Role] = &[Role::Platform, Role::RoomOperator, Role::Agency];
const REGISTERING: &[Role] = &[Role::Platform, Role::Issuer, Role::RoomOperator, Role::Agency];

const MATCHING: &[Role] = &[Role::SuiteOperator, Role::Regulator, Role::Issuer];

const fn scope(scope: &'static str, roles: &'static [Role]) -> Access {
    Access::Scope { scope, roles }
}

/// This service's own methods.
pub const ACCESS: &[(&str, Access)] = &[
    ("/greenroom.identity.v1.OrganizationService/CreateOrganization", scope("organizations.write", OPERATOR)),
    ("/greenroom.identity.v1.OrganizationService/GetOrganization", scope("organizations.read", ANY_ROLE)),
    ("/greenroom.identity.v1.OrganizationService/ListOrganizations", scope("organizations.read", ANY_ROLE)),
    ("/greenroom.identity.v1.OrganizationService/UpdateOrganization", scope("organizations.write", OPERATOR)),
    (
        "/greenroom.identity.v1.OrganizationService/SuspendOrganization",
        scope("organizations.write", OPERATOR),
    ),
    (
        "/greenroom.identity.v1.OrganizationService/ReinstateOrganization",
        scope("organizations.write", OPERATOR),
    ),
    ("/greenroom.identity.v1.ClientService/CreateClient", scope("clients.write", OPERATOR)),
    ("/greenroom.identity.v1.ClientService/GetClient", scope("clients.read", ANY_ROLE)),
    ("/greenroom.identity.v1.ClientService/ListClients", scope("clients.read", ANY_ROLE)),
    ("/greenroom.identity.v1.ClientService/DisableClient", scope("clients.write", OPERATOR)),
    ("/greenroom.identity.v1.ClientService/UpdateClient", scope("clients.write", OPERATOR)),
    ("/greenroom.identity.v1.ClientService/AddClientKey", scope("clients.write", OPERATOR)),
    ("/greenroom.identity.v1.ClientService/RevokeClientKey", scope("clients.write", OPERATOR)),
    ("/greenroom.identity.v1.ClientService/RotateClientSecret", scope("clients.write", OPERATOR)),
    ("/greenroom.identity.v1.TokenService/IssueToken", Access::Public),
    ("/greenroom.identity.v1.TokenService/ListSigningKeys", Access::Public),
    ("/greenroom.identity.v1.TokenService/IntrospectToken", scope("tokens.introspect", ANY_ROLE)),
    // Whose token it is decides.
    ("/greenroom.identity.v1.TokenService/RevokeToken", Access::AnyClient),
    ("/greenroom.identity.v1.TokenService/RevokeClientTokens", scope("tokens.revoke", ANY_ROLE)),
    ("/greenroom.identity.v1.TokenService/RotateSigningKey", scope("signing_keys.write", OPERATOR)),
    ("/greenroom.identity.v1.PersonService/RegisterPerson", scope("persons.write", REGISTERING)),
    ("/greenroom.identity.v1.PersonService/BatchRegisterPersons", scope("persons.write", REGISTERING)),
    ("/greenroom.identity.v1.PersonService/GetPerson", scope("persons.read", ANY_ROLE)),
    ("/greenroom.identity.v1.PersonService/ListPersons", scope("persons.read", ANY_ROLE)),
    ("/greenroom.identity.v1.PersonService/RecordProofing", scope("persons.proof", ANY_ROLE)),
    ("/greenroom.identity.v1.PersonService/ListProofings", scope("persons.read", ANY_ROLE)),
    ("/greenroom.identity.v1.PersonService/StartProofing", scope("persons.proof", ANY_ROLE)),
    ("/greenroom.identity.v1.PersonService/GetProofingJob", scope("persons.read", ANY_ROLE)),
    ("/greenroom.identity.v1.PersonService/RecordGuardianConsent", scope("persons.consent", CONSENTING)),
    ("/greenroom.identity.v1.PersonService/WithdrawGuardianConsent", scope("persons.consent", CONSENTING)),
    // Several organizations rest on one record.
    ("/greenroom.identity.v1.PersonService/FreezePerson", scope("persons.freeze", OPERATOR)),
    ("/greenroom.identity.v1.PersonService/UnfreezePerson", scope("persons.freeze", OPERATOR)),
    ("/greenroom.identity.v1.PersonService/ErasePerson", scope("persons.erase", OPERATOR)),
    // By the suite-wide id, which is known inside the suite alone, or by the caller's own name.
    ("/greenroom.identity.v1.PersonService/MatchPerson", scope("persons.match", MATCHING)),
    ("/greenroom.identity.v1.PersonService/ResolvePersons", scope("persons.resolve", OPERATOR)),
    ("/greenroom.identity.v1.PersonService/NamePerson", scope("persons.resolve", OPERATOR)),
    ("/greenroom.identity.v1.IdentityFeedService/WatchIdentityEvents", scope("feed.read", OPERATOR)),
];

/// Everything this service's listener serves, with who may call it.
pub fn access_entries() -> impl Iterator<Item = (&'static str, Access)> {
    ACCESS.iter().chain(COMMON_ACCESS).copied()
}

/// The table the listener asks.
pub fn access_table() -> Result<AccessTable, TableFault> {
    AccessTable::try_new(access_entries())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_and_the_contract_name_the_same_methods() {
        let table: BTreeSet<String> = ACCESS.iter().map(|(method, _)| (*method).to_owned()).collect();
        assert_eq!(table, greenroom_testkit::contract::methods("greenroom.identity.v1"));
        assert_eq!(table.len(), ACCESS.len());
    }
}
