use crate::world::World;
use greenroom_certification::sample;
use greenroom_proto::certification::v1 as wire;
use std::collections::{BTreeMap, BTreeSet};

/// Verdict and codes by row, as the companion file has them.
fn expected() -> BTreeMap<i32, (String, BTreeSet<String>)> {
    let mut reader = csv::Reader::from_reader(sample::EXPECTED.as_bytes());
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        let codes = record[2].split('|').filter(|code| !code.is_empty()).map(str::to_owned);
        (record[0].parse().unwrap(), (record[1].to_owned(), codes.collect()))
    });
    rows.collect()
}

fn found(row: &wire::RollImportRow) -> (String, BTreeSet<String>) {
    let verdict = row.verdict().as_str_name().trim_start_matches("ROLL_ROW_VERDICT_").to_owned();
    (verdict, row.findings.iter().map(|finding| finding.code.clone()).collect())
}

#[tokio::test]
async fn every_row_of_the_sample_roll_comes_to_what_was_intended() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", sample::ROLL, "").await.unwrap();
    let rows = world.rows("north", &import).await;
    let expected = expected();
    assert_eq!(rows.len(), expected.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| found(row) != expected[&row.row])
        .map(|row| format!("row {}: {:?} instead of {:?}", row.row, found(row), expected[&row.row]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let totals = import.totals.unwrap();
    let sum = [
        totals.create_count,
        totals.update_count,
        totals.unchanged_count,
        totals.ambiguous_count,
        totals.invalid_count,
    ];
    assert_eq!(sum.iter().sum::<i32>(), import.row_count);
    let applied = world.apply("north", &import).await.unwrap().roll_import.unwrap();
    assert_eq!(applied.applied_count, totals.create_count);
    let again = world.plan("north", sample::ROLL, "").await.unwrap().totals.unwrap();
    assert_eq!((again.create_count, again.update_count, again.unchanged_count), (0, 0, totals.create_count));
}
