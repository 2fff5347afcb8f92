//! Certificate rolls as files.

mod archive;
mod book;
mod columns;
mod dialect;
mod documents;
mod reader;
mod table;

pub use book::{damaged as damaged_book, read as read_book};
pub use columns::{Columns, ReadRow, person_finding};
pub use documents::document_type_of;
pub use reader::{Reader, Said};
pub use table::{Field, QuoteOpen, RawRow, Table};
