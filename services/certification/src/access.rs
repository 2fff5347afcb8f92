//! Who may call what. A method that is not here is denied.

use greenroom_auth::{ANY_ROLE, Access, AccessTable, OrganizationRole as Role, TableFault};
use greenroom_rpc::server::COMMON_ACCESS;

const SUPERVISING: &[Role] = &[Role::Regulator, Role::SuiteOperator];
const ATTESTING: &[Role] = &[Role::Regulator, Role::SuiteOperator, Role::Issuer];
const CLAIMING: &[Role] = &[Role::Platform, Role::Issuer, Role::SuiteOperator];
const ISSUING: &[Role] = &[Role::Issuer];
const DECIDING: &[Role] = &[Role::Issuer, Role::Regulator];
const IMPORTING: &[Role] = &[Role::Issuer, Role::SuiteOperator];
const FILING: &[Role] = &[Role::Platform];
const REVIEWING: &[Role] = &[Role::Platform, Role::Regulator, Role::SuiteOperator];
const APPLYING: &[Role] = &[Role::Platform, Role::Issuer];
const OPERATOR: &[Role] = &[Role::SuiteOperator];

const fn scope(scope: &'static str, roles: &'static [Role]) -> Access {
    Access::Scope { scope, roles }
}

/// This service's own methods.
pub const ACCESS: &[(&str, Access)] = &[
    ("/greenroom.certification.v1.StandardService/ListStandards", Access::AnyClient),
    ("/greenroom.certification.v1.StandardService/GetStandard", Access::AnyClient),
    ("/greenroom.certification.v1.StandardService/EvaluateApplication", Access::AnyClient),
    ("/greenroom.certification.v1.IssuerService/AccreditIssuer", scope("issuers.write", SUPERVISING)),
    ("/greenroom.certification.v1.IssuerService/GetIssuer", Access::AnyClient),
    ("/greenroom.certification.v1.IssuerService/ListIssuers", Access::AnyClient),
    ("/greenroom.certification.v1.IssuerService/UpdateIssuer", scope("issuers.write", SUPERVISING)),
    ("/greenroom.certification.v1.IssuerService/SuspendIssuer", scope("issuers.write", SUPERVISING)),
    ("/greenroom.certification.v1.IssuerService/ReinstateIssuer", scope("issuers.write", SUPERVISING)),
    ("/greenroom.certification.v1.IssuerService/StrikeOffIssuer", scope("issuers.write", SUPERVISING)),
    ("/greenroom.certification.v1.QualificationService/ListQualificationDomains", Access::AnyClient),
    (
        "/greenroom.certification.v1.QualificationService/FileQualification",
        scope("qualifications.write", FILING),
    ),
    (
        "/greenroom.certification.v1.QualificationService/GetQualification",
        scope("qualifications.read", ANY_ROLE),
    ),
    (
        "/greenroom.certification.v1.QualificationService/ListQualifications",
        scope("qualifications.read", ANY_ROLE),
    ),
    (
        "/greenroom.certification.v1.QualificationService/ReviewQualification",
        scope("qualifications.review", REVIEWING),
    ),
    (
        "/greenroom.certification.v1.QualificationService/WithdrawQualification",
        scope("qualifications.write", REVIEWING),
    ),
    (
        "/greenroom.certification.v1.ApplicationService/CreateApplication",
        scope("applications.write", APPLYING),
    ),
    (
        "/greenroom.certification.v1.ApplicationService/UpdateApplication",
        scope("applications.write", APPLYING),
    ),
    (
        "/greenroom.certification.v1.ApplicationService/SubmitApplication",
        scope("applications.write", APPLYING),
    ),
    (
        "/greenroom.certification.v1.ApplicationService/WithdrawApplication",
        scope("applications.write", APPLYING),
    ),
    (
        "/greenroom.certification.v1.ApplicationService/ReviewApplication",
        scope("applications.assess", ISSUING),
    ),
    (
        "/greenroom.certification.v1.ApplicationService/RecordAssessment",
        scope("applications.assess", ISSUING),
    ),
    (
        "/greenroom.certification.v1.ApplicationService/ConcludeApplication",
        scope("applications.assess", ISSUING),
    ),
    (
        "/greenroom.certification.v1.ApplicationService/CertifyApplication",
        scope("applications.assess", ISSUING),
    ),
    ("/greenroom.certification.v1.ApplicationService/GetApplication", scope("applications.read", ANY_ROLE)),
    ("/greenroom.certification.v1.ApplicationService/ListApplications", scope("applications.read", ANY_ROLE)),
    ("/greenroom.certification.v1.ApplicationService/ListAssessments", scope("applications.read", ANY_ROLE)),
    ("/greenroom.certification.v1.CertificateService/GetCertificate", scope("certificates.read", ANY_ROLE)),
    ("/greenroom.certification.v1.CertificateService/ListCertificates", scope("certificates.read", ANY_ROLE)),
    ("/greenroom.certification.v1.CertificateService/ListEvidence", scope("certificates.read", ANY_ROLE)),
    ("/greenroom.certification.v1.CertificateService/IssueCertificate", scope("certificates.issue", ISSUING)),
    (
        "/greenroom.certification.v1.CertificateService/ClaimCertificate",
        scope("certificates.claim", CLAIMING),
    ),
    (
        "/greenroom.certification.v1.CertificateService/SuspendCertificate",
        scope("certificates.suspend", DECIDING),
    ),
    (
        "/greenroom.certification.v1.CertificateService/ReinstateCertificate",
        scope("certificates.suspend", DECIDING),
    ),
    (
        "/greenroom.certification.v1.CertificateService/SuspectForgery",
        scope("certificates.suspend", DECIDING),
    ),
    (
        "/greenroom.certification.v1.CertificateService/BatchVerifyCertificates",
        scope("certificates.verify", ANY_ROLE),
    ),
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
        scope("certificates.revoke", DECIDING),
    ),
    (
        "/greenroom.certification.v1.VerificationService/StartVerification",
        scope("certificates.evidence", ATTESTING),
    ),
    (
        "/greenroom.certification.v1.VerificationService/GetVerificationJob",
        scope("certificates.read", ANY_ROLE),
    ),
    (
        "/greenroom.certification.v1.VerificationService/ListVerificationJobs",
        scope("certificates.read", ANY_ROLE),
    ),
    (
        "/greenroom.certification.v1.VerificationService/ListCertificatesForReview",
        scope("certificates.read", ANY_ROLE),
    ),
    ("/greenroom.certification.v1.VerificationService/ListSources", scope("certificates.read", SUPERVISING)),
    ("/greenroom.certification.v1.RollService/PlanRollImport", scope("rolls.write", IMPORTING)),
    ("/greenroom.certification.v1.RollService/GetRollImport", scope("rolls.read", ANY_ROLE)),
    ("/greenroom.certification.v1.RollService/ListRollImportRows", scope("rolls.read", ANY_ROLE)),
    ("/greenroom.certification.v1.RollService/ApproveRollImport", scope("rolls.approve", IMPORTING)),
    ("/greenroom.certification.v1.RollService/ApplyRollImport", scope("rolls.write", IMPORTING)),
    ("/greenroom.certification.v1.RollService/RollBackRollImport", scope("rolls.write", IMPORTING)),
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
    use std::collections::BTreeSet;

    #[test]
    fn the_table_and_the_contract_name_the_same_methods() {
        let table: BTreeSet<String> = ACCESS.iter().map(|(method, _)| (*method).to_owned()).collect();
        assert_eq!(table, greenroom_testkit::contract::methods("greenroom.certification.v1"));
        assert_eq!(table.len(), ACCESS.len());
    }
}
