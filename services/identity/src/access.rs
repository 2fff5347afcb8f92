//! Who may call what. A method that is not here is denied.

use greenroom_auth::{ANY_ROLE, Access, AccessTable, TableFault};
use greenroom_domain::identity::OrganizationRole as Role;
use greenroom_rpc::server::COMMON_ACCESS;

const OPERATOR: &[Role] = &[Role::SuiteOperator];
const REGISTERING: &[Role] = &[Role::Platform, Role::Issuer, Role::RoomOperator, Role::Agency];

const fn scope(scope: &'static str, roles: &'static [Role]) -> Access {
    Access::Scope { scope, roles }
}

/// This service's own methods.
pub const ACCESS: &[(&str, Access)] = &[
    ("/greenroom.identity.v1.OrganizationService/CreateOrganization", scope("organizations.write", OPERATOR)),
    ("/greenroom.identity.v1.OrganizationService/GetOrganization", scope("organizations.read", ANY_ROLE)),
    ("/greenroom.identity.v1.OrganizationService/ListOrganizations", scope("organizations.read", ANY_ROLE)),
    ("/greenroom.identity.v1.ClientService/CreateClient", scope("clients.write", OPERATOR)),
    ("/greenroom.identity.v1.ClientService/GetClient", scope("clients.read", ANY_ROLE)),
    ("/greenroom.identity.v1.ClientService/ListClients", scope("clients.read", ANY_ROLE)),
    ("/greenroom.identity.v1.ClientService/DisableClient", scope("clients.write", OPERATOR)),
    ("/greenroom.identity.v1.TokenService/IssueToken", Access::Public),
    ("/greenroom.identity.v1.TokenService/ListSigningKeys", Access::Public),
    ("/greenroom.identity.v1.PersonService/RegisterPerson", scope("persons.write", REGISTERING)),
    ("/greenroom.identity.v1.PersonService/GetPerson", scope("persons.read", ANY_ROLE)),
    ("/greenroom.identity.v1.PersonService/RecordProofing", scope("persons.proof", ANY_ROLE)),
    // By the suite-wide id, which is known inside the suite alone.
    ("/greenroom.identity.v1.PersonService/MatchPerson", scope("persons.match", OPERATOR)),
    ("/greenroom.identity.v1.PersonService/ResolvePersons", scope("persons.resolve", OPERATOR)),
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
    use crate::scopes;
    use prost_reflect::DescriptorPool;

    fn methods() -> Vec<String> {
        let pool = DescriptorPool::decode(greenroom_proto::FILE_DESCRIPTOR_SET).unwrap();
        let ours = pool.services().filter(|service| service.package_name() == "greenroom.identity.v1");
        let paths = ours.flat_map(|service| {
            let name = service.full_name().to_owned();
            service.methods().map(move |method| format!("/{name}/{}", method.name())).collect::<Vec<_>>()
        });
        paths.collect()
    }

    #[test]
    fn the_table_and_the_contract_name_the_same_methods() {
        let table = AccessTable::try_new(ACCESS.iter().copied()).unwrap();
        let methods = methods();
        let (missing, extra) = table.missing_and_extra(methods.iter().map(String::as_str));
        assert_eq!((missing, extra), (Vec::<String>::new(), Vec::<String>::new()));
        assert!(access_table().is_ok());
    }

    #[test]
    fn only_what_hands_out_tokens_is_public() {
        let table = AccessTable::try_new(ACCESS.iter().copied()).unwrap();
        let public = [
            "/greenroom.identity.v1.TokenService/IssueToken",
            "/greenroom.identity.v1.TokenService/ListSigningKeys",
        ];
        assert_eq!(table.public_methods(), public);
    }

    #[test]
    fn every_scope_of_the_table_can_be_granted_for_this_service() {
        for scope in access_table().unwrap().scopes() {
            assert!(scopes::audiences_of(scope).contains(&crate::AUDIENCE), "{scope}");
        }
    }
}
