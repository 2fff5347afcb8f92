//! What plans that come to nothing leave behind: an import that says so, and no rows.

use crate::wire::facts;
use greenroom_domain::certification::port::{Change, RollImport, RollImportState, RollTotals, Store};
use greenroom_domain::kernel::RollImportId;
use greenroom_domain::ledger::{Actor, StoreError, Write};
use greenroom_rpc::clock::SharedClock;

/// How often an import is read again because its last rows came in meanwhile.
const ATTEMPTS: usize = 8;

/// What a plan leaves behind when its call is cut off by a deadline or a lost connection.
pub(super) struct Leavings<S: Store> {
    pub(super) store: S,
    pub(super) clock: SharedClock,
    pub(super) import: RollImportId,
    pub(super) actor: Actor,
    pub(super) method: String,
    /// Not once the plan's own commit has begun: from then on only the sweep, much later, can tell what became of it.
    pub(super) removed_on_drop: bool,
}

impl<S: Store> Leavings<S> {
    /// Ends the import, if it is still being planned. One that stays behind where even this fails is swept up later.
    pub(super) async fn abandon(&mut self) {
        self.removed_on_drop = false;
        let by = By { actor: self.actor.clone(), method: self.method.clone() };
        told(&self.import, abandon(&self.store, &self.clock, &self.import, by).await);
    }
}

impl<S: Store> Drop for Leavings<S> {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.removed_on_drop {
            let (store, clock, import) = (self.store.clone(), self.clock.clone(), self.import.clone());
            let by = By { actor: self.actor.clone(), method: std::mem::take(&mut self.method) };
            runtime.spawn(async move { told(&import, abandon(&store, &clock, &import, by).await) });
        }
    }
}

fn told(import: &RollImportId, done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::warn!(error = %error, roll_import = import.as_str(), "a plan given up stays behind for now");
    }
}

/// Who gives a plan up.
#[derive(Clone, Debug, Default)]
pub(crate) struct By {
    /// The caller; nobody for the service itself.
    pub(crate) actor: Actor,
    /// The method that did it.
    pub(crate) method: String,
}

/// Ends an import that is still being planned, and forgets its rows.
pub(crate) async fn abandon<S: Store>(
    store: &S,
    clock: &SharedClock,
    id: &RollImportId,
    by: By,
) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let Some(import) = store.import(id).await? else { return Ok(()) };
        if import.state != RollImportState::Planning {
            return Ok(());
        }
        let state = RollImportState::Abandoned;
        let ended = RollImport { state, totals: RollTotals::default(), ..import };
        let stored = RollImport { version: ended.version.next(), ..ended.clone() };
        let write = Write {
            actor: by.actor.clone(),
            method: by.method.clone(),
            request: None,
            answer: Vec::new(),
            events: vec![facts::of_import(&stored)],
            advance: None,
            now: clock.now(),
        };
        match store.commit(Change::DropRows(ended), write).await {
            Err(StoreError::Conflict) => {}
            done => return done.map(|_| ()),
        }
    }
    Err(StoreError::Conflict)
}
