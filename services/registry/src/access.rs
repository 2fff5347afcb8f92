//! Who may call what. What is not here is denied.

use greenroom_auth::Access;
use greenroom_auth::OrganizationRole::{self, Platform, Regulator, SuiteOperator};
use greenroom_rpc::server::COMMON_ACCESS;

const PLATFORM: &[OrganizationRole] = &[Platform];

const fn platform(scope: &'static str) -> Access {
    Access::Scope { scope, roles: PLATFORM }
}

const fn keeper(scope: &'static str) -> Access {
    Access::Scope { scope, roles: &[Platform, Regulator] }
}

const ACCESS: &[(&str, Access)] = &[
    ("/greenroom.registry.v1.PermissionService/CheckPermission", platform("permissions.check")),
    ("/greenroom.registry.v1.PermissionService/BatchCheckPermissions", platform("permissions.check")),
    ("/greenroom.registry.v1.PermissionService/GrantPermission", platform("grants.write")),
    ("/greenroom.registry.v1.PermissionService/GetGrant", platform("grants.read")),
    ("/greenroom.registry.v1.PermissionService/ListGrants", platform("grants.read")),
    ("/greenroom.registry.v1.PermissionService/RevokeGrant", platform("grants.write")),
    ("/greenroom.registry.v1.PermissionService/WatchGrants", platform("grants.read")),
    ("/greenroom.registry.v1.StreamerService/EnrolStreamer", platform("streamers.write")),
    ("/greenroom.registry.v1.StreamerService/GetStreamer", platform("streamers.read")),
    ("/greenroom.registry.v1.StreamerService/ListStreamers", platform("streamers.read")),
    ("/greenroom.registry.v1.StreamerService/GetVerifiedLevels", platform("streamers.read")),
    ("/greenroom.registry.v1.StreamerService/WithdrawStreamer", platform("streamers.write")),
    ("/greenroom.registry.v1.StreamerService/UpdateStreamer", platform("streamers.write")),
    ("/greenroom.registry.v1.StreamerService/RebindStreamer", platform("streamers.write")),
    ("/greenroom.registry.v1.StreamerService/EngageStreamer", platform("streamers.write")),
    ("/greenroom.registry.v1.StreamerService/EndEngagement", platform("streamers.write")),
    ("/greenroom.registry.v1.StreamerService/ListEngagements", platform("streamers.read")),
    ("/greenroom.registry.v1.RoomOperatorService/RegisterRoomOperator", platform("room_operators.write")),
    ("/greenroom.registry.v1.RoomOperatorService/GetRoomOperator", platform("room_operators.read")),
    ("/greenroom.registry.v1.RoomOperatorService/ListRoomOperators", platform("room_operators.read")),
    ("/greenroom.registry.v1.RoomOperatorService/UpdateRoomOperator", platform("room_operators.write")),
    ("/greenroom.registry.v1.RoomOperatorService/RecordReverification", platform("room_operators.write")),
    ("/greenroom.registry.v1.RoomOperatorService/WithdrawRoomOperator", platform("room_operators.write")),
    ("/greenroom.registry.v1.PolicyService/SetPolicy", platform("policies.write")),
    ("/greenroom.registry.v1.PolicyService/GetPolicy", platform("policies.read")),
    ("/greenroom.registry.v1.PolicyService/ListPolicyRevisions", platform("policies.read")),
    ("/greenroom.registry.v1.PolicyService/SimulatePolicy", platform("policies.read")),
    ("/greenroom.registry.v1.PolicyService/GetShadowReport", platform("policies.read")),
    ("/greenroom.registry.v1.PolicyService/GetRules", platform("policies.read")),
    ("/greenroom.registry.v1.StreamerService/ReportConditions", platform("streamers.write")),
    ("/greenroom.registry.v1.LiveSessionService/OpenLiveSession", platform("live_sessions.write")),
    ("/greenroom.registry.v1.LiveSessionService/RenewLiveSession", platform("live_sessions.write")),
    ("/greenroom.registry.v1.LiveSessionService/CloseLiveSession", platform("live_sessions.write")),
    ("/greenroom.registry.v1.LiveSessionService/GetLiveSession", platform("live_sessions.read")),
    ("/greenroom.registry.v1.LiveSessionService/ListLiveSessions", platform("live_sessions.read")),
    ("/greenroom.registry.v1.LiveSessionService/WatchLiveSessions", platform("live_sessions.read")),
    ("/greenroom.registry.v1.ConductService/ListViolationKinds", platform("conduct.read")),
    ("/greenroom.registry.v1.ConductService/GetViolation", platform("conduct.read")),
    ("/greenroom.registry.v1.ConductService/ListViolations", platform("conduct.read")),
    ("/greenroom.registry.v1.ConductService/GetConductSummary", platform("conduct.read")),
    ("/greenroom.registry.v1.ConductService/GetSanction", platform("conduct.read")),
    ("/greenroom.registry.v1.ConductService/ListSanctions", platform("conduct.read")),
    ("/greenroom.registry.v1.ConductService/GetAppeal", platform("conduct.read")),
    ("/greenroom.registry.v1.ConductService/ListAppeals", platform("conduct.read")),
    ("/greenroom.registry.v1.ConductService/ReportViolation", platform("conduct.write")),
    ("/greenroom.registry.v1.ConductService/DecideViolation", platform("conduct.write")),
    ("/greenroom.registry.v1.ConductService/ReverseViolation", platform("conduct.write")),
    ("/greenroom.registry.v1.ConductService/ImposeSanction", platform("conduct.write")),
    ("/greenroom.registry.v1.ConductService/LiftSanction", platform("conduct.write")),
    ("/greenroom.registry.v1.ConductService/FileAppeal", platform("conduct.write")),
    ("/greenroom.registry.v1.ConductService/RecordAppealNotice", platform("conduct.write")),
    ("/greenroom.registry.v1.ConductService/BeginAppealReview", platform("appeals.decide")),
    ("/greenroom.registry.v1.ConductService/DecideAppeal", platform("appeals.decide")),
    ("/greenroom.registry.v1.BlocklistService/AddBlocklistEntry", keeper("blocklist.write")),
    ("/greenroom.registry.v1.BlocklistService/LiftBlocklistEntry", keeper("blocklist.write")),
    ("/greenroom.registry.v1.BlocklistService/GetBlocklistEntry", keeper("blocklist.read")),
    ("/greenroom.registry.v1.BlocklistService/ListBlocklistEntries", keeper("blocklist.read")),
    ("/greenroom.registry.v1.AdministrationService/DeclareOverride", platform("overrides.write")),
    ("/greenroom.registry.v1.AdministrationService/EndOverride", platform("overrides.write")),
    (
        "/greenroom.registry.v1.AdministrationService/ListOverrides",
        Access::Scope { scope: "overrides.read", roles: &[Platform, SuiteOperator] },
    ),
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
    use std::collections::BTreeSet;

    #[test]
    fn the_table_and_the_contract_name_the_same_methods() {
        let table: BTreeSet<String> = ACCESS.iter().map(|(method, _)| (*method).to_owned()).collect();
        assert_eq!(table, greenroom_testkit::contract::methods("greenroom.registry.v1"));
        assert_eq!(table.len(), ACCESS.len());
    }
}
