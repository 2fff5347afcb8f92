//! Who may call what. What is not here is denied.

use greenroom_auth::Access;
use greenroom_auth::OrganizationRole::{self, Platform, Regulator, SuiteOperator};
use greenroom_rpc::server::COMMON_ACCESS;

const PLATFORM: &[OrganizationRole] = &[Platform];

const fn platform(scope: &'static str) -> Access {
    Access::Scope { scope, roles: PLATFORM }
}

const ACCESS: &[(&str, Access)] = &[
    ("/greenroom.registry.v1.PermissionService/CheckPermission", platform("permissions.check")),
    ("/greenroom.registry.v1.PermissionService/BatchCheckPermissions", platform("permissions.check")),
    ("/greenroom.registry.v1.StreamerService/EnrolStreamer", platform("streamers.write")),
    ("/greenroom.registry.v1.StreamerService/GetStreamer", platform("streamers.read")),
    ("/greenroom.registry.v1.StreamerService/ListStreamers", platform("streamers.read")),
    ("/greenroom.registry.v1.StreamerService/GetVerifiedLevels", platform("streamers.read")),
    ("/greenroom.registry.v1.StreamerService/WithdrawStreamer", platform("streamers.write")),
    ("/greenroom.registry.v1.PolicyService/SetPolicy", platform("policies.write")),
    ("/greenroom.registry.v1.PolicyService/GetPolicy", platform("policies.read")),
    ("/greenroom.registry.v1.PolicyService/ListPolicyRevisions", platform("policies.read")),
    ("/greenroom.registry.v1.LiveSessionService/OpenLiveSession", platform("live_sessions.write")),
    ("/greenroom.registry.v1.LiveSessionService/RenewLiveSession", platform("live_sessions.write")),
    ("/greenroom.registry.v1.LiveSessionService/CloseLiveSession", platform("live_sessions.write")),
    ("/greenroom.registry.v1.LiveSessionService/GetLiveSession", platform("live_sessions.read")),
    ("/greenroom.registry.v1.LiveSessionService/ListLiveSessions", platform("live_sessions.read")),
    ("/greenroom.registry.v1.LiveSessionService/WatchLiveSessions", platform("live_sessions.read")),
    (
        "/greenroom.registry.v1.RegistryFeedService/WatchRegistryEvents",
        Access::Scope { scope: "feed.read", roles: &[SuiteOperator, Regulator] },
    ),
];

/// Every method of this listener.
pub fn access_entries() -> impl Iterator<Item = (&'static str, Access)> {
    ACCESS.iter().chain(COMMON_ACCESS).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_reflect::DescriptorPool;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_and_the_contract_name_the_same_methods() {
        let pool = DescriptorPool::decode(greenroom_proto::FILE_DESCRIPTOR_SET).unwrap();
        let services = pool.services().filter(|service| service.package_name() == "greenroom.registry.v1");
        let contract: BTreeSet<String> = services
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .map(|method| format!("/{}/{}", method.parent_service().full_name(), method.name()))
            .collect();
        let table: BTreeSet<String> = ACCESS.iter().map(|(method, _)| (*method).to_owned()).collect();
        assert_eq!(table, contract);
    }

    #[test]
    fn nothing_but_health_and_reflection_is_public() {
        let public = access_entries().filter(|(_, access)| *access == Access::Public);
        assert!(public.map(|(method, _)| method).all(|method| method.starts_with("/grpc.")));
    }

    #[test]
    fn the_contract_names_the_scope_of_every_method() {
        let pool = DescriptorPool::decode(greenroom_proto::FILE_DESCRIPTOR_SET).unwrap();
        let files = pool.files().filter(|file| file.package_name() == "greenroom.registry.v1");
        let comments: String = files
            .flat_map(|file| {
                file.file_descriptor_proto().source_code_info.clone().unwrap_or_default().location
            })
            .map(|location| location.leading_comments().to_owned())
            .collect();
        for (method, access) in ACCESS {
            let Access::Scope { scope, .. } = access else { panic!("{method} asks for no scope") };
            assert!(comments.contains(&format!("scope `{scope}`")), "{method}: {scope}");
        }
    }
}
