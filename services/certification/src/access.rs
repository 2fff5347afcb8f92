//! Who may call what. A method that is not here is denied.

use greenroom_auth::{ANY_ROLE, Access, AccessTable, OrganizationRole as Role, TableFault};
use greenroom_rpc::server::COMMON_ACCESS;

const SUPERVISING: &[Role] = &[Role::Regulator, Role::SuiteOperator];
const ATTESTING: &[Role] = &[Role::Regulator, Role::SuiteOperator, Role::Issuer];
const REVOKING: &[Role] = &[Role::Issuer, Role::Regulator];
const IMPORTING: &[Role] = &[Role::Issuer, Role::SuiteOperator];
const OPERATOR: &[Role] = &[Role::SuiteOperator];

const fn scope(scope: &'static str, roles: &'static [Role]) -> Access {
    Access::Scope { scope, roles }
}

/// This service's own methods.
pub const ACCESS: &[(&str, Access)] = &[
    ("/greenroom.certification.v1.StandardService/ListStandards", Access::AnyClient),
    ("/greenroom.certification.v1.StandardService/GetStandard", Access::AnyClient),
    ("/greenroom.certification.v1.IssuerService/AccreditIssuer", scope("issuers.write", SUPERVISING)),
    ("/greenroom.certification.v1.IssuerService/GetIssuer", Access::AnyClient),
    ("/greenroom.certification.v1.IssuerService/ListIssuers", Access::AnyClient),
    ("/greenroom.certification.v1.CertificateService/GetCertificate", scope("certificates.read", ANY_ROLE)),
    ("/greenroom.certification.v1.CertificateService/ListCertificates", scope("certificates.read", ANY_ROLE)),
    (
        "/greenroom.certification.v1.CertificateService/VerifyCertificate",
        scope("certificates.verify", ANY_ROLE),
    ),
    (
        "/greenroom.certification.v1.CertificateService/RecordEvidence",
        scope("certificates.evidence", ATTESTING),
    ),
    (
        "/greenroom.certification.v1.CertificateService/RevokeCertificate",
        scope("certificates.revoke", REVOKING),
    ),
    ("/greenroom.certification.v1.RollService/PlanRollImport", scope("rolls.write", IMPORTING)),
    ("/greenroom.certification.v1.RollService/GetRollImport", scope("rolls.read", ANY_ROLE)),
    ("/greenroom.certification.v1.RollService/ListRollImportRows", scope("rolls.read", ANY_ROLE)),
    ("/greenroom.certification.v1.RollService/ApplyRollImport", scope("rolls.write", IMPORTING)),
    (
        "/greenroom.certification.v1.CertificationFeedService/WatchCertificationEvents",
        scope("feed.read", OPERATOR),
    ),
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
    use prost_reflect::DescriptorPool;

    fn methods() -> Vec<String> {
        let pool = DescriptorPool::decode(greenroom_proto::FILE_DESCRIPTOR_SET).unwrap();
        let ours = pool.services().filter(|service| service.package_name() == "greenroom.certification.v1");
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
    fn no_method_of_its_own_is_public() {
        let table = AccessTable::try_new(ACCESS.iter().copied()).unwrap();
        assert!(table.public_methods().is_empty());
    }
}
