//! Page tokens (AIP-158). A token names the last key of its page, so pages stay right while others write.

use crate::fault::Fault;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tonic::Code;

const DEFAULT_SIZE: i32 = 50;
const MAX_SIZE: i32 = 1000;
const SCOPE_BYTES: usize = 8;
const LONGEST_KEY: usize = 256;

/// What one page asks of a store: `limit` items with keys greater than `after`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only keys greater than this; empty for the first page.
    pub after: String,
    /// How many items the page has at most.
    pub size: usize,
    scope: Vec<u8>,
}

impl Page {
    /// Reads a request's `page_size` and `page_token`.
    ///
    /// `scope` is everything else the answer depends on: the method, the tenant, the filters. A token made for other
    /// arguments is refused.
    pub fn parse(page_size: i32, page_token: &str, scope: &[&str]) -> Result<Self, Fault> {
        if !(0..=MAX_SIZE).contains(&page_size) {
            let mut violations = crate::violations::Violations::new();
            violations.add("page_size", format!("must lie between 0 and {MAX_SIZE}"));
            return Err(Fault::fields(violations));
        }
        let size = if page_size == 0 { DEFAULT_SIZE } else { page_size };
        let scope = scope_digest(scope);
        let after = if page_token.is_empty() { String::new() } else { open(page_token, &scope)? };
        Ok(Self { after, size: usize::try_from(size).unwrap_or_default(), scope })
    }

    /// How many items to read: one more than the page has, to learn whether another page follows.
    pub fn limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX - 1) + 1
    }

    /// Cuts what was read down to the page, and makes the token of the next page; empty on the last one.
    pub fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, String) {
        let more = items.len() > self.size;
        items.truncate(self.size);
        let token = items.last().filter(|_| more).map(|last| self.seal(&key(last)));
        (items, token.unwrap_or_default())
    }

    /// The token's key is none that this method gave out.
    pub fn invalid() -> Fault {
        let said = "the page token is not one of this method's, or belongs to other arguments";
        Fault::new(Code::InvalidArgument, "PAGE_TOKEN_INVALID", said)
    }

    fn seal(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode([self.scope.as_slice(), key.as_bytes()].concat())
    }
}

fn open(token: &str, scope: &[u8]) -> Result<String, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Page::invalid())?;
    let key = bytes.strip_prefix(scope).ok_or_else(Page::invalid)?;
    let key = String::from_utf8(key.to_vec()).map_err(|_| Page::invalid())?;
    // No key of ours looks otherwise, and an engine may choke on what does.
    if key.is_empty() || key.len() > LONGEST_KEY || key.chars().any(char::is_control) {
        return Err(Page::invalid());
    }
    Ok(key)
}

fn scope_digest(scope: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in scope {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    digest(&SHA256, &bytes).as_ref().iter().take(SCOPE_BYTES).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn list(items: &BTreeSet<u16>, page: &Page) -> (Vec<u16>, String) {
        let key = |item: &u16| format!("{item:05}");
        let limit = usize::try_from(page.limit()).unwrap();
        let read = items.iter().copied().filter(|item| key(item) > page.after).take(limit).collect();
        page.cut(read, key)
    }

    #[test]
    fn a_token_for_other_arguments_is_refused_by_name() {
        let first = Page::parse(1, "", &["a"]).unwrap();
        let (_, token) = list(&BTreeSet::from([1, 2]), &first);
        assert_eq!(Page::parse(1, &token, &["b"]).unwrap_err().reason(), "PAGE_TOKEN_INVALID");
    }

    proptest! {
        #[test]
        fn pages_show_every_item_that_stays_exactly_once(
            stay in prop::collection::btree_set(any::<u16>(), 0..60),
            come in prop::collection::vec(any::<u16>(), 0..20),
            size in 1i32..7,
        ) {
            let mut items = stay.clone();
            let (mut seen, mut token) = (Vec::new(), String::new());
            for step in 0.. {
                let page = Page::parse(size, &token, &["list"]).unwrap();
                let (shown, next) = list(&items, &page);
                seen.extend(shown);
                items.extend(come.get(step));
                if next.is_empty() { break }
                token = next;
            }
            let unique: BTreeSet<u16> = seen.iter().copied().collect();
            prop_assert_eq!(unique.len(), seen.len());
            prop_assert!(stay.is_subset(&unique));
        }
    }
}
