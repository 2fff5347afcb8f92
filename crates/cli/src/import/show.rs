//! How imports and their rows look in a terminal.

use crate::say;
use greenroom_proto::certification::v1::{RollImport, RollImportRow, RollTotals};

/// The totals of a plan.
pub fn totals_table(plan: &RollImport) -> String {
    let totals = plan.totals.unwrap_or_default();
    let RollTotals {
        create_count,
        update_count,
        unchanged_count,
        ambiguous_count,
        invalid_count,
        missing_count,
    } = totals;
    let mut table =
        say::table(&["roll", "rows", "create", "update", "unchanged", "ambiguous", "invalid", "missing"]);
    let mut row = vec![plan.file_name.clone()];
    let counts = [
        plan.row_count,
        create_count,
        update_count,
        unchanged_count,
        ambiguous_count,
        invalid_count,
        missing_count,
    ];
    row.extend(counts.iter().map(ToString::to_string));
    table.add_row(row);
    table.to_string()
}

/// In which languages findings are shown.
#[derive(Clone, Copy)]
pub enum Languages {
    /// English only.
    English,
    /// English and Chinese.
    Both,
}

/// Rows with what is wrong with them.
pub fn rows_table(rows: &[RollImportRow], languages: Languages) -> String {
    let mut table = say::table(&["row", "verdict", "column", "code", "finding"]);
    for row in rows {
        let verdict = row.verdict().as_str_name().trim_start_matches("ROLL_ROW_VERDICT_").to_owned();
        for finding in &row.findings {
            let said = match languages {
                Languages::English => finding.message.clone(),
                Languages::Both => format!("{}\n{}", finding.message, finding.message_zh),
            };
            let change = match (finding.before.as_str(), finding.after.as_str()) {
                ("", "") => String::new(),
                (before, "") => format!("\n{before}"),
                (before, after) => format!("\n{before} → {after}"),
            };
            // What is no row of the file is known by its number.
            let place = if row.row > 0 { row.row.to_string() } else { row.certificate_number.clone() };
            table.add_row([&place, &verdict, &finding.column, &finding.code, &format!("{said}{change}")]);
        }
    }
    table.to_string()
}
