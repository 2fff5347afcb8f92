//! The next batch of an application, decided while the one before it is written.

use super::App;
use super::batch::Unfit;
use crate::error::Error;
use greenroom_domain::certification::port::{IssuerRecord, PlanRow, RollBatch, RollImport, Store};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;
use greenroom_rpc::fault::Fault;
use tokio_util::task::AbortOnDropHandle;

/// A batch that is decided and not yet written.
pub(super) struct Decided {
    import: RollImport,
    issuer: IssuerRecord,
    /// The rows it carries out; none if nothing is left.
    pub(super) rows: Vec<PlanRow>,
    /// What they come to.
    pub(super) batch: Result<RollBatch, Unfit>,
    /// When it was decided.
    pub(super) now: Timestamp,
}

/// The batch that is being decided ahead, if one is.
#[derive(Default)]
pub(super) struct Ahead(Option<AbortOnDropHandle<Result<Decided, StoreError>>>);

impl Ahead {
    /// Begins to decide the batch behind the one that leaves `import` so.
    pub(super) fn begin<S: Store>(
        &mut self,
        app: &App<S>,
        import: RollImport,
        issuer: &IssuerRecord,
        rows: i64,
    ) {
        let (app, issuer, now) = (app.clone(), issuer.clone(), app.clock.now());
        let deciding = async move { app.decided(import, issuer, rows, now).await };
        self.0 = Some(AbortOnDropHandle::new(tokio::spawn(deciding)));
    }

    /// The batch behind where `import` stands: what was decided ahead, if nothing has changed since, or decided now.
    pub(super) async fn take<S: Store>(
        &mut self,
        app: &App<S>,
        import: &RollImport,
        issuer: &IssuerRecord,
        rows: i64,
    ) -> Result<Decided, Error> {
        if let Some(deciding) = self.0.take() {
            let decided = deciding.await.map_err(|fault| Fault::hide(&fault))??;
            if decided.import == *import && decided.issuer == *issuer {
                return Ok(decided);
            }
        }
        let now = app.clock.now().max(import.create_time);
        Ok(app.decided(import.clone(), issuer.clone(), rows, now).await?)
    }
}

impl<S: Store> App<S> {
    async fn decided(
        &self,
        import: RollImport,
        issuer: IssuerRecord,
        limit: i64,
        now: Timestamp,
    ) -> Result<Decided, StoreError> {
        // Another replica may have made the plan, by a clock that is a little ahead.
        let now = now.max(import.create_time);
        let rows = self.store.rows_to_apply(&import.id, import.applied_through, limit).await?;
        // A number that somebody else has taken meanwhile is noticed by the store: no need to look new ones up again.
        let changed = |row: &&PlanRow| row.planned.as_ref().is_some_and(|planned| planned.before.is_some());
        let known = self.known_of(rows.iter().filter(changed)).await?;
        let batch = self.decide(&import, &issuer, &rows, &known, now);
        Ok(Decided { import, issuer, rows, batch, now })
    }
}
