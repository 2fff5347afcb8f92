//! Certificate rolls as files.

mod columns;
mod documents;
mod table;

pub use columns::{Columns, ReadRow, person_finding};
pub use documents::document_type_of;
pub use table::{Field, QuoteOpen, RawRow, Table};
