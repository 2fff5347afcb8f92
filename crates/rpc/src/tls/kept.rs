//! What is made of files, and made anew when they change.

use super::TlsError;
use super::files::{Files, Trace};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What came of looking at the files again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// They are as they were.
    Unchanged,
    /// They are others, and in use from now on.
    Replaced,
}

type Make<T> = dyn Fn(&Files) -> Result<T, TlsError> + Send + Sync;

/// A value made of files.
pub(super) struct Kept<T> {
    files: Vec<PathBuf>,
    make: Box<Make<T>>,
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Arc<T>,
    /// The files as they were looked at last, whether they could be used or not.
    seen: Trace,
}

impl<T> Kept<T> {
    /// Makes the value for the first time.
    pub(super) fn new(
        files: Vec<PathBuf>,
        make: impl Fn(&Files) -> Result<T, TlsError> + Send + Sync + 'static,
    ) -> Result<Self, TlsError> {
        let read = Files::read(&files);
        let state = State { value: Arc::new(make(&read)?), seen: read.trace() };
        Ok(Self { files, make: Box::new(make), state: Mutex::new(state) })
    }

    /// The value in use.
    pub(super) fn get(&self) -> Arc<T> {
        Arc::clone(&self.lock().value)
    }

    /// Looks at the files. A state of theirs that cannot be used is told once, here and in the log.
    pub(super) fn reload(&self) -> Result<Reload, TlsError> {
        let read = Files::read(&self.files);
        let trace = read.trace();
        let mut state = self.lock();
        if state.seen == trace {
            return Ok(Reload::Unchanged);
        }
        state.seen = trace;
        match (self.make)(&read) {
            Ok(value) => {
                state.value = Arc::new(value);
                tracing::info!(files = ?self.files, "certificates were replaced; new connections use them");
                Ok(Reload::Replaced)
            }
            Err(error) => {
                tracing::warn!(error = %error, "certificates were changed and cannot be used; those before stay in use");
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
