//! Policies on the wire and back, and conditions, which they ask for.

use super::{level, optional, read_level};
use greenroom_domain::kernel::{CategoryId, FunctionId, Id, OrganizationId, StandardId, StreamerId, Version};
use greenroom_domain::occupation::JobType;
use greenroom_domain::registry::port::PolicyRevision;
use greenroom_domain::registry::{
    Condition, ConditionFact, Demand, Permission, Policy, PolicyMode, PolicyRule, PolicyTerms, RoomTier,
};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::etag;
use greenroom_rpc::wire::{duration, instant, length, timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A revision of a policy.
pub fn policy(revision: &PolicyRevision) -> proto::Policy {
    let terms = revision.policy.terms();
    let demand = &terms.demand;
    proto::Policy {
        name: policy_name(&terms.platform, terms.permission),
        revision_number: terms.revision,
        accepted_standards: demand.standards.iter().map(StandardId::name).collect(),
        accepted_job_types: demand.job_types.iter().map(ToString::to_string).collect(),
        minimum_level: level(demand.minimum_level).into(),
        max_staleness: Some(duration(terms.max_staleness)),
        effective_time: Some(timestamp(terms.effective_from)),
        create_time: Some(timestamp(revision.created_at)),
        etag: etag::of(Version::new(terms.revision.into())),
        permission: permission(terms.permission).into(),
        conditions: conditions(&demand.conditions),
        rules: terms.rules.iter().map(rule).collect(),
        heed_associations: terms.heeds_associations,
        max_evidence_age: terms.max_evidence_age.map(duration),
        grace_period: Some(terms.grace_period).filter(|grace| !grace.is_zero()).map(duration),
        shadow: terms.mode == PolicyMode::Shadow,
    }
}

/// A revision read back. `None` if it is none that [`policy`] wrote of this platform.
pub fn read_policy(platform: &OrganizationId, given: &proto::Policy) -> Option<PolicyRevision> {
    let demand = Demand {
        standards: names(&given.accepted_standards)?,
        job_types: given.accepted_job_types.iter().map(|id| JobType::from_code(id)).collect::<Option<_>>()?,
        minimum_level: read_level(proto::Level::try_from(given.minimum_level).ok()?)?,
        conditions: read_conditions(&given.conditions)?,
    };
    let policy = Policy::try_new(PolicyTerms {
        platform: platform.clone(),
        permission: read_permission(proto::Permission::try_from(given.permission).ok()?),
        revision: given.revision_number,
        mode: if given.shadow { PolicyMode::Shadow } else { PolicyMode::Live },
        demand,
        rules: given.rules.iter().map(read_rule).collect::<Option<_>>()?,
        heeds_associations: given.heed_associations,
        max_evidence_age: given.max_evidence_age.as_ref().map(length).transpose().ok()?,
        grace_period: given.grace_period.as_ref().map(length).transpose().ok()?.unwrap_or_default(),
        max_staleness: length(given.max_staleness.as_ref()?).ok()?,
        effective_from: instant(given.effective_time.as_ref()?).ok()?,
        version: Version::new(given.revision_number.into()),
    });
    Some(PolicyRevision { policy: policy.ok()?, created_at: instant(given.create_time.as_ref()?).ok()? })
}

fn rule(rule: &PolicyRule) -> proto::PolicyRule {
    proto::PolicyRule {
        categories: rule.categories.iter().map(ToString::to_string).collect(),
        tiers: rule.tiers.iter().map(|tier| room_tier(*tier).into()).collect(),
        functions: rule.functions.iter().map(ToString::to_string).collect(),
        accepted_standards: rule.demand.standards.iter().map(StandardId::name).collect(),
        accepted_job_types: rule.demand.job_types.iter().map(ToString::to_string).collect(),
        minimum_level: level(rule.demand.minimum_level).into(),
        conditions: conditions(&rule.demand.conditions),
    }
}

fn read_rule(given: &proto::PolicyRule) -> Option<PolicyRule> {
    let tiers = given.tiers.iter().map(|tier| read_room_tier(proto::RoomTier::try_from(*tier).ok()?));
    let demand = Demand {
        standards: names(&given.accepted_standards)?,
        job_types: given.accepted_job_types.iter().map(|id| JobType::from_code(id)).collect::<Option<_>>()?,
        minimum_level: read_level(proto::Level::try_from(given.minimum_level).ok()?)?,
        conditions: read_conditions(&given.conditions)?,
    };
    Some(PolicyRule {
        categories: given.categories.iter().map(|id| CategoryId::try_new(id).ok()).collect::<Option<_>>()?,
        tiers: tiers.collect::<Option<_>>()?,
        functions: given.functions.iter().map(|id| FunctionId::try_new(id).ok()).collect::<Option<_>>()?,
        demand,
    })
}

fn names(given: &[String]) -> Option<BTreeSet<StandardId>> {
    given.iter().map(|name| StandardId::parse_name(name).ok()).collect()
}

fn conditions(of: &BTreeMap<Condition, i64>) -> Vec<proto::PolicyCondition> {
    let each = of.iter();
    each.map(|(kind, minimum)| proto::PolicyCondition {
        kind: condition_kind(*kind).into(),
        minimum: *minimum,
    })
    .collect()
}

fn read_conditions(given: &[proto::PolicyCondition]) -> Option<BTreeMap<Condition, i64>> {
    let each = given.iter();
    each.map(|one| {
        let kind = proto::ConditionKind::try_from(one.kind).ok().and_then(read_condition_kind)?;
        Some((kind, one.minimum))
    })
    .collect()
}

/// The name of a platform's policy for a permission.
pub fn policy_name(platform: &OrganizationId, permission: Permission) -> String {
    match permission {
        Permission::LiveSale => format!("policies/{platform}"),
        other => format!("policies/{platform}-{}", other.code().to_ascii_lowercase().replace('_', "-")),
    }
}

/// What a revision is called in the event log: no two platforms can ever mean the same by it.
pub fn subject(platform: &OrganizationId, permission: Permission, revision: i32) -> String {
    let of = match permission {
        Permission::LiveSale => String::new(),
        other => format!("/{}", other.code()),
    };
    format!("policies/{platform}{of}/revisions/{revision}")
}

/// A permission on the wire.
pub const fn permission(permission: Permission) -> proto::Permission {
    match permission {
        Permission::LiveSale => proto::Permission::LiveSale,
        Permission::ImposeSanction => proto::Permission::ImposeSanction,
        Permission::DecideAppeal => proto::Permission::DecideAppeal,
        Permission::SetPolicy => proto::Permission::SetPolicy,
    }
}

/// A permission from the wire; unspecified is a live sale.
pub const fn read_permission(permission: proto::Permission) -> Permission {
    match permission {
        proto::Permission::Unspecified | proto::Permission::LiveSale => Permission::LiveSale,
        proto::Permission::ImposeSanction => Permission::ImposeSanction,
        proto::Permission::DecideAppeal => Permission::DecideAppeal,
        proto::Permission::SetPolicy => Permission::SetPolicy,
    }
}

/// A tier on the wire.
pub const fn room_tier(tier: RoomTier) -> proto::RoomTier {
    match tier {
        RoomTier::Ordinary => proto::RoomTier::Ordinary,
        RoomTier::Large => proto::RoomTier::Large,
        RoomTier::Key => proto::RoomTier::Key,
    }
}

/// A tier from the wire.
pub const fn read_room_tier(tier: proto::RoomTier) -> Option<RoomTier> {
    match tier {
        proto::RoomTier::Unspecified => None,
        proto::RoomTier::Ordinary => Some(RoomTier::Ordinary),
        proto::RoomTier::Large => Some(RoomTier::Large),
        proto::RoomTier::Key => Some(RoomTier::Key),
    }
}

/// A kind of condition on the wire.
pub const fn condition_kind(kind: Condition) -> proto::ConditionKind {
    match kind {
        Condition::Score => proto::ConditionKind::Score,
        Condition::Deposit => proto::ConditionKind::Deposit,
        Condition::Training => proto::ConditionKind::Training,
    }
}

/// A kind of condition from the wire.
pub const fn read_condition_kind(kind: proto::ConditionKind) -> Option<Condition> {
    match kind {
        proto::ConditionKind::Unspecified => None,
        proto::ConditionKind::Score => Some(Condition::Score),
        proto::ConditionKind::Deposit => Some(Condition::Deposit),
        proto::ConditionKind::Training => Some(Condition::Training),
    }
}

/// What was reported of a streamer.
pub fn condition(streamer: &StreamerId, fact: &ConditionFact) -> proto::Condition {
    proto::Condition {
        name: condition_name(streamer, fact.condition),
        kind: condition_kind(fact.condition).into(),
        value: fact.value,
        report_time: Some(timestamp(fact.reported_at)),
        until_time: optional(fact.until),
    }
}

/// The name of what was reported of a streamer.
pub fn condition_name(streamer: &StreamerId, condition: Condition) -> String {
    format!("{}/conditions/{}", Id::name(streamer), condition.code().to_ascii_lowercase())
}

/// What was reported, read back.
pub fn read_condition(given: &proto::Condition) -> Option<ConditionFact> {
    Some(ConditionFact {
        condition: read_condition_kind(proto::ConditionKind::try_from(given.kind).ok()?)?,
        value: given.value,
        reported_at: instant(given.report_time.as_ref()?).ok()?,
        until: given.until_time.as_ref().map(instant).transpose().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::kernel::Timestamp;
    use greenroom_domain::occupation::Level;
    use greenroom_testkit::occupation::{LIVE_SALESPERSON, job_type};
    use std::time::Duration;

    fn shop() -> OrganizationId {
        OrganizationId::try_new("shop").unwrap()
    }

    #[test]
    fn a_policy_is_read_back_as_it_was_written() {
        let standards = BTreeSet::from([StandardId::try_new("internet-marketer-2021").unwrap()]);
        let demand = Demand {
            conditions: Condition::ALL.into_iter().map(|condition| (condition, 7)).collect(),
            ..Demand::of_level(standards, BTreeSet::from([job_type(LIVE_SALESPERSON)]), Level::Four)
        };
        let rule = PolicyRule {
            categories: BTreeSet::from([CategoryId::try_new("food").unwrap()]),
            tiers: RoomTier::ALL.into(),
            functions: BTreeSet::from([FunctionId::try_new("coupons").unwrap()]),
            demand: demand.clone(),
        };
        let full = PolicyTerms {
            revision: 3,
            mode: PolicyMode::Shadow,
            rules: vec![rule],
            heeds_associations: true,
            max_evidence_age: Some(Duration::from_hours(48)),
            grace_period: Duration::from_millis(1_500),
            version: Version::new(3),
            ..PolicyTerms::plain(shop(), demand.clone(), Timestamp::from_micros(9))
        };
        let of = |permission| PolicyTerms {
            permission,
            ..PolicyTerms::plain(shop(), demand.clone(), Timestamp::from_micros(9))
        };
        for terms in Permission::ALL.map(of).into_iter().chain([full]) {
            let policy = Policy::try_new(terms).unwrap();
            let revision = PolicyRevision { policy, created_at: Timestamp::from_micros(5) };
            assert_eq!(read_policy(&shop(), &policy_of(&revision)), Some(revision));
        }
    }

    fn policy_of(revision: &PolicyRevision) -> proto::Policy {
        policy(revision)
    }

    #[test]
    fn a_policy_is_named_after_its_platform_and_what_it_is_about() {
        assert_eq!(policy_name(&shop(), Permission::LiveSale), "policies/shop");
        assert_eq!(policy_name(&shop(), Permission::SetPolicy), "policies/shop-set-policy");
        let other = OrganizationId::try_new("shop-set-policy").unwrap();
        assert_ne!(subject(&other, Permission::LiveSale, 1), subject(&shop(), Permission::SetPolicy, 1));
    }

    #[test]
    fn permissions_tiers_and_conditions_carry_the_same_names_in_the_contract() {
        for one in Permission::ALL {
            assert_eq!(permission(one).as_str_name(), format!("PERMISSION_{}", one.code()));
            assert_eq!(read_permission(permission(one)), one);
        }
        for one in RoomTier::ALL {
            assert_eq!(room_tier(one).as_str_name(), format!("ROOM_TIER_{}", one.code()));
            assert_eq!(read_room_tier(room_tier(one)), Some(one));
        }
        for one in Condition::ALL {
            assert_eq!(condition_kind(one).as_str_name(), format!("CONDITION_KIND_{}", one.code()));
            assert_eq!(read_condition_kind(condition_kind(one)), Some(one));
        }
    }
}
