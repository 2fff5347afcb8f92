//! An event as it is kept: its canonical bytes and its place in the hash chain.

use aws_lc_rs::digest::{Context, SHA256, digest};
use greenroom_domain::kernel::Id;
use greenroom_domain::ledger::{EventDraft, Write};

/// SHA-256.
pub type Hash = [u8; 32];

/// The chain's value before the first event.
pub const GENESIS: Hash = [0; 32];

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number: commit order, without gaps, from 1.
    pub sequence: i64,
    /// What kind of fact it is.
    pub kind: String,
    /// The resource name it is about.
    pub subject: String,
    /// The id of the client that caused it; empty for the service itself.
    pub client: String,
    /// The id of that client's organization; empty for the service itself.
    pub organization: String,
    /// The pairwise id of the human who acted through that client; empty for a machine and for the service itself.
    pub person: String,
    /// The method that caused it.
    pub method: String,
    /// The request id of that call; empty if it had none.
    pub request_id: String,
    /// When it was committed, in microseconds since 1970-01-01T00:00:00Z.
    pub commit_time_us: i64,
    /// The fact in its canonical encoding.
    pub payload: Vec<u8>,
    /// Hash over this event and its predecessor's hash.
    pub chain: Vec<u8>,
}

impl Event {
    /// The event number `sequence` of a write, chained to its predecessor.
    pub fn record(draft: &EventDraft, write: &Write, sequence: i64, previous: &[u8]) -> Self {
        let mut event = Self {
            sequence,
            kind: draft.kind.to_owned(),
            subject: draft.subject.clone(),
            client: text(write.actor.client.as_ref()),
            organization: text(write.actor.organization.as_ref()),
            person: text(write.actor.person.as_ref()),
            method: write.method.clone(),
            request_id: write.request.as_ref().map(|key| key.id.clone()).unwrap_or_default(),
            commit_time_us: write.now.as_micros(),
            payload: draft.payload.clone(),
            chain: Vec::new(),
        };
        event.chain = event.expected_chain(previous).to_vec();
        event
    }

    /// The bytes that are hashed: every field but the chain, each behind its length, so that no two events share them.
    ///
    /// The form is frozen. A new form gets a new first line.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = b"greenroom event 1\n".to_vec();
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.commit_time_us.to_be_bytes());
        let texts = [
            &self.kind,
            &self.subject,
            &self.client,
            &self.organization,
            &self.person,
            &self.method,
            &self.request_id,
        ];
        for field in texts.map(String::as_bytes).into_iter().chain([self.payload.as_slice()]) {
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field);
        }
        bytes
    }

    /// The event's hash as a leaf of a Merkle tree (RFC 6962 §2.1), so that the same leaves can feed a signed log.
    pub fn leaf_hash(&self) -> Hash {
        let mut context = Context::new(&SHA256);
        context.update(&[0]);
        context.update(&self.canonical_bytes());
        to_hash(context.finish().as_ref())
    }

    /// What `chain` has to be behind `previous`.
    pub fn expected_chain(&self, previous: &[u8]) -> Hash {
        let mut context = Context::new(&SHA256);
        context.update(&[1]);
        context.update(previous);
        context.update(&self.leaf_hash());
        to_hash(context.finish().as_ref())
    }
}

fn text<K>(id: Option<&Id<K>>) -> String {
    id.map(|id| id.as_str().to_owned()).unwrap_or_default()
}

/// SHA-256 of some bytes: the digest that facts carry of what they leave out.
pub fn sha256(bytes: &[u8]) -> Hash {
    to_hash(digest(&SHA256, bytes).as_ref())
}

fn to_hash(bytes: &[u8]) -> Hash {
    let mut hash = GENESIS;
    hash.copy_from_slice(bytes);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::kernel::Timestamp;
    use proptest::prelude::*;

    fn draft(subject: &str, payload: &[u8]) -> EventDraft {
        EventDraft { kind: "person", subject: subject.to_owned(), payload: payload.to_vec() }
    }

    fn recorded(subject: &str, payload: &[u8]) -> Event {
        let write = Write::by_service("test", vec![], Timestamp::from_micros(7));
        Event::record(&draft(subject, payload), &write, 1, &GENESIS)
    }

    #[test]
    fn the_canonical_form_is_frozen() {
        let hash = recorded("persons/a", b"fact").expected_chain(&GENESIS);
        assert_eq!(
            u128::from_be_bytes(hash[..16].try_into().unwrap()),
            21_959_120_022_659_307_592_919_727_121_821_930_961
        );
    }

    #[test]
    fn moving_a_byte_from_one_field_to_the_next_changes_the_bytes() {
        let mut left = recorded("persons/a", b"fact");
        let mut right = left.clone();
        left.kind = "ab".into();
        left.subject = "c".into();
        right.kind = "a".into();
        right.subject = "bc".into();
        assert_ne!(left.canonical_bytes(), right.canonical_bytes());
    }

    #[test]
    fn another_human_behind_the_same_act_is_another_event() {
        let event = recorded("persons/a", b"fact");
        let other = Event { person: "mina".into(), ..event.clone() };
        assert_ne!(event.expected_chain(&GENESIS), other.expected_chain(&GENESIS));
    }

    proptest! {
        #[test]
        fn any_changed_byte_changes_the_chain(payload in prop::collection::vec(any::<u8>(), 1..64), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let event = recorded("persons/a", &payload);
            let mut changed = event.clone();
            let index = at.index(payload.len());
            changed.payload[index] ^= flip;
            prop_assert_ne!(event.expected_chain(&GENESIS), changed.expected_chain(&GENESIS));
        }
    }
}
