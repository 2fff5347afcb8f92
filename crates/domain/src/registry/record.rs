use crate::kernel::{OrganizationId, Timestamp, Version};

/// What a [`Record`] is a record of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A breach of a platform's rules.
    Violation,
    /// A measure against a streamer.
    Sanction,
    /// A streamer's word against a measure.
    Appeal,
    /// Somebody a platform does not admit.
    BlocklistEntry,
    /// Who runs a live room 直播间运营者.
    RoomOperator,
    /// Who works for whom.
    Engagement,
    /// What an organization lets another one see or do.
    Grant,
    /// A circumstance somebody reported.
    Condition,
    /// A decision of a human in place of the rules'.
    Override,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Violation,
        Self::Sanction,
        Self::Appeal,
        Self::BlocklistEntry,
        Self::RoomOperator,
        Self::Engagement,
        Self::Grant,
        Self::Condition,
        Self::Override,
    ];

    /// The stable code, used in storage. It is the kind of the record's events, too, and so a lower-case word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::Sanction => "sanction",
            Self::Appeal => "appeal",
            Self::BlocklistEntry => "blocklist_entry",
            Self::RoomOperator => "room_operator",
            Self::Engagement => "engagement",
            Self::Grant => "grant",
            Self::Condition => "condition",
            Self::Override => "override",
        }
    }

    /// The kind with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A resource of the registry as its last fact tells it.
///
/// The fact says everything; the other members are what a store has to find it by. Name, kind, owner and time of creation
/// never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The resource name. Ids grow with time, so the order of names is the order of creation.
    pub name: String,
    /// What it is.
    pub kind: RecordKind,
    /// Whose it is: who may see it.
    pub owner: OrganizationId,
    /// The resource name of what it is about; empty where it is about nothing in particular.
    pub about: String,
    /// A value that no other record of this kind and owner has, such as a reference of the owner's own.
    pub key: Option<String>,
    /// The stable code of its state.
    pub state: String,
    /// Grows with every change.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The fact in its canonical encoding, byte for byte the payload of the event that said it.
    pub fact: Vec<u8>,
}

/// Which records a list shows. What is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Those about this resource.
    pub about: Option<String>,
    /// Those in this state.
    pub state: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_kinds() {
        for kind in RecordKind::ALL {
            assert_eq!(RecordKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(RecordKind::from_code("streamer"), None);
    }
}
