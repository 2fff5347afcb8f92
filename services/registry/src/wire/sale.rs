//! What is on sale, on the wire and back.

use greenroom_domain::kernel::{CategoryId, FunctionId, Id, RoomOperatorId};
use greenroom_domain::registry::{Host, Sale};
use greenroom_proto::registry::v1 as proto;
use std::collections::BTreeSet;

/// A sale, as told to its platform and kept with a session.
pub fn sale(sale: &Sale) -> proto::Sale {
    proto::Sale {
        categories: sale.categories.iter().map(|id| id.as_str().to_owned()).collect(),
        functions: sale.functions.iter().map(|id| id.as_str().to_owned()).collect(),
        room_operator: sale.operator.as_ref().map(RoomOperatorId::name).unwrap_or_default(),
        host: host(sale.host).into(),
    }
}

/// A sale read back. `None` if it is none that [`sale`] wrote.
pub fn read_sale(sale: &proto::Sale) -> Option<Sale> {
    let operator = Some(sale.room_operator.as_str()).filter(|name| !name.is_empty());
    Some(Sale {
        categories: ids::<_, CategoryId>(&sale.categories, CategoryId::try_new)?,
        functions: ids::<_, FunctionId>(&sale.functions, FunctionId::try_new)?,
        operator: operator.map(Id::parse_name).transpose().ok()?,
        host: read_host(proto::Host::try_from(sale.host).ok()?),
    })
}

fn ids<F, I: Ord>(texts: &[String], read: impl Fn(&str) -> Result<I, F>) -> Option<BTreeSet<I>> {
    texts.iter().map(|text| read(text).ok()).collect()
}

const fn host(host: Host) -> proto::Host {
    match host {
        Host::Human => proto::Host::Human,
        Host::SyntheticLabelled => proto::Host::SyntheticLabelled,
        Host::SyntheticUnlabelled => proto::Host::SyntheticUnlabelled,
    }
}

/// Who is seen; unspecified is a human.
pub const fn read_host(host: proto::Host) -> Host {
    match host {
        proto::Host::Unspecified | proto::Host::Human => Host::Human,
        proto::Host::SyntheticLabelled => Host::SyntheticLabelled,
        proto::Host::SyntheticUnlabelled => Host::SyntheticUnlabelled,
    }
}
