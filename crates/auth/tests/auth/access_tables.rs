//! Access tables: default deny, and complete in both directions.

use greenroom_auth::{ANY_ROLE, Access, AccessTable, Caller, Decision, Scopes, TableFault};
use greenroom_domain::identity::OrganizationRole;

use crate::forge::good_claims;

const REGISTER: &str = "/greenroom.identity.v1.PersonService/RegisterPerson";
const CHECK: &str = "/greenroom.registry.v1.PermissionService/CheckPermission";
const STRIKE: &str = "/greenroom.certification.v1.IssuerService/StrikeOffIssuer";
const HEALTH: &str = "/grpc.health.v1.Health/Check";
const WHO: &str = "/greenroom.identity.v1.ClientService/GetClient";

const ENTRIES: &[(&str, Access)] = &[
    (REGISTER, Access::Scope { scope: "identity.persons.write", roles: ANY_ROLE }),
    (CHECK, Access::Scope { scope: "registry.check", roles: &[OrganizationRole::Platform] }),
    (STRIKE, Access::Scope { scope: "registry.check", roles: &[] }),
    (WHO, Access::AnyClient),
];

const COMMON: &[(&str, Access)] = &[(HEALTH, Access::Public)];

fn table() -> AccessTable {
    AccessTable::try_new(ENTRIES.iter().chain(COMMON).copied()).unwrap()
}

fn caller(scopes: &str, roles: &[OrganizationRole]) -> Caller {
    let scopes = Scopes::parse(scopes).unwrap();
    Caller { scopes, roles: roles.to_vec(), ..Caller::from(&good_claims()) }
}

#[test]
fn a_stranger_reaches_public_methods_alone() {
    let table = table();
    assert_eq!(table.decide(HEALTH, None), Decision::Allowed);
    for method in [REGISTER, CHECK, STRIKE, WHO] {
        assert_eq!(table.decide(method, None), Decision::Unauthenticated, "{method}");
    }
}

#[test]
fn a_method_that_is_not_in_the_table_is_denied_to_all() {
    let table = table();
    let operator = caller("registry.check identity.persons.write", ANY_ROLE);
    for method in [
        "",
        "/",
        "//",
        "/greenroom.registry.v1.PermissionService/",
        "/greenroom.registry.v1.PermissionService/checkPermission",
        "/greenroom.registry.v1.PermissionService/CheckPermission/",
        "greenroom.registry.v1.PermissionService/CheckPermission",
        "/greenroom.registry.v1.PermissionService/CheckPermission?x=1",
        "/grpc.health.v1.Health/check",
    ] {
        assert_eq!(table.decide(method, Some(&operator)), Decision::UnknownMethod, "{method}");
        assert_eq!(table.decide(method, None), Decision::UnknownMethod, "{method}");
    }
}

#[test]
fn scope_and_role_are_both_needed() {
    let table = table();
    let platform = &[OrganizationRole::Platform];
    assert_eq!(table.decide(CHECK, Some(&caller("registry.check", platform))), Decision::Allowed);
    let missing = Decision::MissingScope { scope: "registry.check" };
    for scopes in ["registry", "registry.check.all", "Registry.Check", "identity.persons.write"] {
        assert_eq!(table.decide(CHECK, Some(&caller(scopes, platform))), missing, "{scopes}");
    }
    for roles in [&[][..], &[OrganizationRole::Issuer, OrganizationRole::SuiteOperator]] {
        let decision = table.decide(CHECK, Some(&caller("registry.check", roles)));
        assert_eq!(decision, Decision::WrongRole { needed: platform });
    }
    assert_eq!(table.decide(WHO, Some(&caller("x", &[]))), Decision::Allowed);
}

#[test]
fn any_role_is_each_role_and_no_role_is_nobody() {
    let table = table();
    for role in OrganizationRole::ALL {
        let caller = caller("identity.persons.write registry.check", &[role]);
        assert!(caller.has_role(role));
        assert_eq!(table.decide(REGISTER, Some(&caller)), Decision::Allowed);
        assert_eq!(table.decide(STRIKE, Some(&caller)), Decision::WrongRole { needed: &[] });
    }
}

#[test]
fn a_table_is_held_against_the_methods_that_exist() {
    let table = table();
    let all = [REGISTER, CHECK, STRIKE, WHO, HEALTH];
    assert_eq!(table.missing_and_extra(all), (vec![], vec![]));
    let new = "/greenroom.registry.v1.PolicyService/SetPolicy";
    let (missing, extra) = table.missing_and_extra([new, REGISTER, CHECK, HEALTH]);
    assert_eq!((missing, extra), (vec![new.to_owned()], vec![STRIKE.to_owned(), WHO.to_owned()]));
}

#[test]
fn a_table_tells_what_is_public_and_which_scopes_exist() {
    assert_eq!(table().public_methods(), [HEALTH]);
    assert_eq!(table().scopes(), ["identity.persons.write", "registry.check"]);
    assert_eq!((table().get(WHO), table().get("/x.Y/Z")), (Some(Access::AnyClient), None));
}

#[test]
fn a_table_that_contradicts_itself_is_refused() {
    let twice = AccessTable::try_new([(HEALTH, Access::Public), (HEALTH, Access::AnyClient)]);
    assert_eq!(twice.err(), Some(TableFault::Duplicate(HEALTH)));
    for method in ["", "x", "/x", "x/y", "/x/", "//y", "/x/y/z", "/x/a.b", "/x /y", "/*"] {
        let fault = AccessTable::try_new([(method, Access::Public)]).err();
        assert_eq!(fault, Some(TableFault::NotAMethod(method)), "{method}");
    }
}
