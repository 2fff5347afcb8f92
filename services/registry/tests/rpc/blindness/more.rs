//! What is asked of the methods about conduct, blocklists, administrators, grants and policies.

use super::{Asks, FIRST, encoded};
use crate::town::{Replica, Town};
use crate::town_conduct::{administration, blocklists, conduct, permanent, until};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;

/// What a platform has of these.
#[derive(Clone)]
pub struct More {
    pub grant: String,
    pub violation: String,
    pub sanction: String,
    pub appeal: String,
    pub entry: String,
    pub overriding: String,
}

impl More {
    /// Has a platform make one of each about a streamer that nothing of it takes off the air.
    pub async fn about(town: &Town, replica: &Replica, streamer: &str) -> Self {
        let granting = GrantPermissionRequest { streamer: streamer.to_owned(), ..Default::default() };
        let granted = town.grant_as(replica, granting).await.unwrap();
        let report =
            ReportViolationRequest { violation: Some(violation(town, streamer)), ..Default::default() };
        let reported = conduct(replica).report_violation(town.call("shop", report)).await.unwrap();
        let warning = town.sanction(streamer, Measure::Warning, permanent());
        let sanction = town.impose(replica, warning).await.unwrap().name;
        let filed = conduct(replica).file_appeal(town.call("shop", filing(&sanction))).await.unwrap();
        town.person("shop", "ana");
        let listing =
            AddBlocklistEntryRequest { entry: Some(listing(town, "persons/ana")), ..Default::default() };
        let listed = blocklists(replica).add_blocklist_entry(town.call("shop", listing)).await.unwrap();
        let desk = town.desk("shop", "shop-desk", Some("ann"));
        let declaration = DeclareOverrideRequest {
            reason: "the administrators are away".to_owned(),
            length: Some(prost_types::Duration { seconds: 3_600, nanos: 0 }),
            ..Default::default()
        };
        let declared =
            administration(replica).declare_override(town.call_with(&desk, declaration)).await.unwrap();
        Self {
            grant: granted.grant.unwrap().name,
            violation: reported.into_inner().violation.unwrap().name,
            sanction,
            appeal: filed.into_inner().appeal.unwrap().name,
            entry: listed.into_inner().entry.unwrap().name,
            overriding: declared.into_inner().override_entry.unwrap().name,
        }
    }

    /// The names.
    pub fn names(&self) -> [&str; 6] {
        [&self.grant, &self.violation, &self.sanction, &self.appeal, &self.entry, &self.overriding]
    }

    /// Names of the same lengths that nobody ever gave.
    pub fn invented(&self, other: impl Fn(&str) -> String) -> Self {
        Self {
            grant: other(&self.grant),
            violation: other(&self.violation),
            sanction: other(&self.sanction),
            appeal: other(&self.appeal),
            entry: other(&self.entry),
            overriding: other(&self.overriding),
        }
    }
}

fn violation(town: &Town, streamer: &str) -> Violation {
    Violation {
        streamer: streamer.to_owned(),
        kind: "violationKinds/false-publicity".to_owned(),
        description: "seen on air".to_owned(),
        occur_time: Some(timestamp(town.clock.now())),
        ..Default::default()
    }
}

fn filing(sanction: &str) -> FileAppealRequest {
    let statement = "the goods were there".to_owned();
    let appeal = Appeal { sanction: sanction.to_owned(), statement, ..Default::default() };
    FileAppealRequest { appeal: Some(appeal), ..Default::default() }
}

fn listing(town: &Town, subject: &str) -> BlocklistEntry {
    BlocklistEntry {
        subject: subject.to_owned(),
        notice: Some(town.notice()),
        term: Some(until(town.in_hours(24))),
        ..Default::default()
    }
}

fn text() -> String {
    "a reason that is told".to_owned()
}

/// A notice and a term that hold whenever they are read.
fn notice() -> Notice {
    Notice {
        facts: text(),
        reasons: text(),
        legal_basis: text(),
        appeal_channel: text(),
        appeal_until_time: Some(prost_types::Timestamp { seconds: 4_000_000_000, nanos: 0 }),
    }
}

pub const TABLE: &[(&str, &str, Asks)] = &[
    ("PermissionService", "GrantPermission", |names| {
        encoded([GrantPermissionRequest { streamer: names.streamer.clone(), ..Default::default() }])
    }),
    ("PermissionService", "GetGrant", |names| encoded([GetGrantRequest { name: names.more.grant.clone() }])),
    ("PermissionService", "ListGrants", |names| {
        encoded([ListGrantsRequest { streamer: names.streamer.clone(), ..Default::default() }])
    }),
    ("PermissionService", "RevokeGrant", |names| {
        let message =
            RevokeGrantRequest { name: names.more.grant.clone(), reason: text(), ..Default::default() };
        encoded([message.clone(), RevokeGrantRequest { etag: FIRST.to_owned(), ..message }])
    }),
    ("PermissionService", "WatchGrants", |names| {
        encoded([
            WatchGrantsRequest { grant: names.more.grant.clone(), ..Default::default() },
            WatchGrantsRequest { streamer: names.streamer.clone(), ..Default::default() },
        ])
    }),
    ("PolicyService", "SimulatePolicy", |names| {
        let policy = Policy { name: names.policy.clone(), ..Default::default() };
        encoded([SimulatePolicyRequest { policy: Some(policy), ..Default::default() }])
    }),
    ("PolicyService", "GetShadowReport", |names| {
        encoded([GetShadowReportRequest { name: names.policy.clone() }])
    }),
    ("PolicyService", "GetRules", |_| Vec::new()),
    ("StreamerService", "ReportConditions", |names| {
        let score = Condition { kind: ConditionKind::Score.into(), value: 90, ..Default::default() };
        let streamer = names.streamer.clone();
        encoded([ReportConditionsRequest { streamer, conditions: vec![score], ..Default::default() }])
    }),
    ("ConductService", "ListViolationKinds", |_| Vec::new()),
    ("ConductService", "ReportViolation", |names| {
        let violation = Violation {
            streamer: names.streamer.clone(),
            kind: "violationKinds/false-publicity".to_owned(),
            description: text(),
            occur_time: Some(prost_types::Timestamp { seconds: 1_700_000_000, nanos: 0 }),
            ..Default::default()
        };
        encoded([ReportViolationRequest { violation: Some(violation), ..Default::default() }])
    }),
    ("ConductService", "DecideViolation", |names| {
        let message = DecideViolationRequest {
            name: names.more.violation.clone(),
            outcome: ViolationState::Dismissed.into(),
            reason: text(),
            ..Default::default()
        };
        encoded([message.clone(), DecideViolationRequest { etag: FIRST.to_owned(), ..message }])
    }),
    ("ConductService", "ReverseViolation", |names| {
        let name = names.more.violation.clone();
        encoded([ReverseViolationRequest { name, reason: text(), ..Default::default() }])
    }),
    ("ConductService", "GetViolation", |names| {
        encoded([GetViolationRequest { name: names.more.violation.clone() }])
    }),
    ("ConductService", "ListViolations", |names| {
        encoded([ListViolationsRequest { streamer: names.streamer.clone(), ..Default::default() }])
    }),
    ("ConductService", "GetConductSummary", |names| {
        encoded([GetConductSummaryRequest { streamer: names.streamer.clone() }])
    }),
    ("ConductService", "ImposeSanction", |names| {
        let sanction = |streamer: &str, violation: &str| Sanction {
            streamer: streamer.to_owned(),
            measure: Measure::Warning.into(),
            kind: ReasonKind::Policy.into(),
            notice: Some(notice()),
            term: Some(permanent()),
            violations: Some(violation.to_owned()).into_iter().filter(|name| !name.is_empty()).collect(),
            ..Default::default()
        };
        let asked = [sanction(&names.streamer, ""), sanction(&names.own, &names.more.violation)];
        encoded(asked.map(|one| ImposeSanctionRequest { sanction: Some(one), ..Default::default() }))
    }),
    ("ConductService", "LiftSanction", |names| {
        let message =
            LiftSanctionRequest { name: names.more.sanction.clone(), reason: text(), ..Default::default() };
        encoded([message.clone(), LiftSanctionRequest { etag: FIRST.to_owned(), ..message }])
    }),
    ("ConductService", "GetSanction", |names| {
        encoded([GetSanctionRequest { name: names.more.sanction.clone() }])
    }),
    ("ConductService", "ListSanctions", |names| {
        encoded([ListSanctionsRequest { streamer: names.streamer.clone(), ..Default::default() }])
    }),
    ("ConductService", "FileAppeal", |names| encoded([filing(&names.more.sanction)])),
    ("ConductService", "BeginAppealReview", |names| {
        encoded([BeginAppealReviewRequest { name: names.more.appeal.clone(), ..Default::default() }])
    }),
    ("ConductService", "DecideAppeal", |names| {
        encoded([DecideAppealRequest {
            name: names.more.appeal.clone(),
            outcome: AppealState::Upheld.into(),
            reasons: text(),
            ..Default::default()
        }])
    }),
    ("ConductService", "RecordAppealNotice", |names| {
        let notified_time = Some(prost_types::Timestamp { seconds: 1_700_000_000, nanos: 0 });
        let name = names.more.appeal.clone();
        encoded([RecordAppealNoticeRequest { name, notified_time, ..Default::default() }])
    }),
    ("ConductService", "GetAppeal", |names| encoded([GetAppealRequest { name: names.more.appeal.clone() }])),
    ("ConductService", "ListAppeals", |names| {
        encoded([ListAppealsRequest { sanction: names.more.sanction.clone(), ..Default::default() }])
    }),
    ("BlocklistService", "AddBlocklistEntry", |names| {
        let entry = |subject: &str| BlocklistEntry {
            subject: subject.to_owned(),
            notice: Some(notice()),
            term: Some(permanent()),
            ..Default::default()
        };
        let asked = [entry(&names.streamer), entry(&names.person)];
        encoded(asked.map(|one| AddBlocklistEntryRequest { entry: Some(one), ..Default::default() }))
    }),
    ("BlocklistService", "LiftBlocklistEntry", |names| {
        let name = names.more.entry.clone();
        encoded([LiftBlocklistEntryRequest { name, reason: text(), ..Default::default() }])
    }),
    ("BlocklistService", "GetBlocklistEntry", |names| {
        encoded([GetBlocklistEntryRequest { name: names.more.entry.clone() }])
    }),
    ("BlocklistService", "ListBlocklistEntries", |_| Vec::new()),
    ("AdministrationService", "DeclareOverride", |_| Vec::new()),
    ("AdministrationService", "EndOverride", |names| {
        let name = names.more.overriding.clone();
        encoded([EndOverrideRequest { name, reason: text(), ..Default::default() }])
    }),
    ("AdministrationService", "ListOverrides", |_| Vec::new()),
];
