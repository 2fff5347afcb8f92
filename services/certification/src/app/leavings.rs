//! What plans that come to nothing leave behind.

use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::RollImportId;

/// What a plan leaves behind when its call is cut off by a deadline or a lost connection.
pub(super) struct Leavings<S: Store> {
    pub(super) store: S,
    pub(super) import: RollImportId,
    /// Not once the plan's own commit has begun: from then on only the sweep, much later, can tell what became of it.
    pub(super) removed_on_drop: bool,
}

impl<S: Store> Drop for Leavings<S> {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.removed_on_drop {
            let (store, import) = (self.store.clone(), self.import.clone());
            runtime.spawn(async move { unstage(&store, &import).await });
        }
    }
}

/// Forgets what was staged. Rows that stay behind where even this fails are swept away later.
pub(super) async fn unstage<S: Store>(store: &S, import: &RollImportId) {
    if let Err(error) = store.unstage(import).await {
        tracing::warn!(error = %error, roll_import = import.as_str(), "rows of a plan given up stay behind for now");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_certification_store_sqlite::Store as Sqlite;
    use greenroom_domain::certification::RollVerdict;
    use greenroom_domain::certification::port::PlanRow;

    async fn rows_left(removed_on_drop: bool) -> (Sqlite, RollImportId, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("c.db").display());
        let store = Sqlite::open(&url).await.unwrap();
        let import = RollImportId::try_new("i1").unwrap();
        let row = PlanRow {
            row: 2,
            verdict: RollVerdict::Invalid,
            number: String::new(),
            planned: None,
            findings: Vec::new(),
        };
        store.stage(&import, &[row]).await.unwrap();
        drop(Leavings { store: store.clone(), import: import.clone(), removed_on_drop });
        (store, import, folder)
    }

    #[tokio::test]
    async fn a_plan_that_is_cut_off_takes_its_rows_along() {
        let (store, import, _folder) = rows_left(true).await;
        greenroom_testkit::eventually("the rows are gone", async || {
            store.rows(&import, None, 0, 9).await.unwrap().is_empty().then_some(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_plan_whose_commit_has_begun_leaves_its_rows_alone() {
        let (store, import, _folder) = rows_left(false).await;
        assert_eq!(store.rows(&import, None, 0, 9).await.unwrap().len(), 1);
    }
}
