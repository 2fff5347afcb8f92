use crate::kernel::{CategoryId, FunctionId, LiveSessionId, RoomOperatorId};
use std::collections::BTreeSet;
use std::time::Duration;

/// What is asked of the decision: may this person do that, in these circumstances?
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// What the person wants to do.
    pub permission: Permission,
    /// What is on sale, where and how.
    pub sale: Sale,
    /// The session it is asked for; none for no session in particular.
    pub session: Option<LiveSessionId>,
    /// How old the news may be for this one question: it tightens the limits of law and policy and cannot loosen them.
    pub max_staleness: Option<Duration>,
}

impl Question {
    /// Whether somebody may sell live, in these circumstances.
    pub fn of_sale(sale: Sale) -> Self {
        Self { sale, ..Self::default() }
    }
}

/// What a platform permits, each under a policy of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Permission {
    /// 直播带货: to sell live.
    #[default]
    LiveSale,
    /// To impose or lift a sanction, find on a violation, or write to the platform's blocklist, as an administrator
    /// 平台管理员 of the platform.
    ImposeSanction,
    /// To decide an appeal, as an administrator of the platform.
    DecideAppeal,
    /// To change a policy of the platform, as its administrator.
    SetPolicy,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 4] = [Self::LiveSale, Self::ImposeSanction, Self::DecideAppeal, Self::SetPolicy];

    /// The stable code, used in names, storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LiveSale => "LIVE_SALE",
            Self::ImposeSanction => "IMPOSE_SANCTION",
            Self::DecideAppeal => "DECIDE_APPEAL",
            Self::SetPolicy => "SET_POLICY",
        }
    }

    /// The permission with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.code() == code)
    }
}

/// What is on sale, where and how: everything beside the streamer that the law or a policy may look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sale {
    /// The product categories.
    pub categories: BTreeSet<CategoryId>,
    /// The functions of the platform that are used.
    pub functions: BTreeSet<FunctionId>,
    /// Who runs the room 直播间运营者; none where the streamer does.
    pub operator: Option<RoomOperatorId>,
    /// Who is seen.
    pub host: Host,
}

/// Who is seen in a live room.
///
/// Source: Order 117, art. 37: a person made by artificial intelligence is labelled as such throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Host {
    /// A human.
    #[default]
    Human,
    /// A person made by artificial intelligence, labelled as such throughout.
    SyntheticLabelled,
    /// The same without a label.
    SyntheticUnlabelled,
}

impl Host {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Human, Self::SyntheticLabelled, Self::SyntheticUnlabelled];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Human => "HUMAN",
            Self::SyntheticLabelled => "SYNTHETIC_LABELLED",
            Self::SyntheticUnlabelled => "SYNTHETIC_UNLABELLED",
        }
    }

    /// The kind with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|host| host.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_code(permission.code()), Some(permission));
        }
        for host in Host::ALL {
            assert_eq!(Host::from_code(host.code()), Some(host));
        }
    }
}
