//! The same roll in other files.

use crate::rolls::{HEADING, good_row, roll};
use crate::world::{World, header_of, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{RollEncoding, RollFormat, RollImportState, RollRowVerdict};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

fn gb(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

fn codes(row: &wire::RollImportRow) -> Vec<&str> {
    row.findings.iter().map(|finding| finding.code.as_str()).collect()
}

/// A sheet with the heading and the first rows of a roll, all text.
fn sheet(rows: usize) -> Worksheet {
    let mut sheet = Worksheet::new();
    for (row, line) in (0..).zip(roll(rows).lines()) {
        for (column, field) in (0..).zip(line.split(',')) {
            sheet.write_string(row, column, field).unwrap();
        }
    }
    sheet
}

fn book(sheets: Vec<Worksheet>) -> Vec<u8> {
    let mut book = Workbook::new();
    for sheet in sheets {
        book.push_worksheet(sheet);
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn a_roll_comes_to_the_same_plan_in_every_file() {
    let world = World::start().await;
    world.accredit("north").await;
    let text = roll(1500);
    let files = [
        (text.as_bytes().to_vec(), RollFormat::Csv, RollEncoding::Utf8),
        (format!("\u{feff}{text}").into_bytes(), RollFormat::Csv, RollEncoding::Utf8),
        (gb(&text), RollFormat::Csv, RollEncoding::Gb18030),
        (gb(&text.replace(',', ";")), RollFormat::Csv, RollEncoding::Gb18030),
        (text.replace(',', "\t").into_bytes(), RollFormat::Csv, RollEncoding::Utf8),
        (book(vec![sheet(1500)]), RollFormat::Xlsx, RollEncoding::Unspecified),
    ];
    let mut digests = std::collections::BTreeSet::new();
    for (file, format, encoding) in files {
        let import = world.plan("north", &file, "").await.unwrap();
        assert_eq!((import.format(), import.encoding()), (format, encoding));
        assert_eq!(import.totals.unwrap().create_count, 1500);
        digests.insert(import.digest);
    }
    assert_eq!(digests.len(), 1);
}

#[tokio::test]
async fn bytes_the_encoding_does_not_know_are_told_with_their_row() {
    let world = World::start().await;
    world.accredit("north").await;
    let file = [
        gb(HEADING),
        gb(&good_row(1)),
        b"\xff\xff,".to_vec(),
        gb(&good_row(2)[good_row(2).find(',').unwrap() + 1..]),
    ];
    let import = world.plan("north", &file.concat(), "").await.unwrap();
    let rows = world.rows("north", &import).await;
    assert_eq!((rows[1].row, rows[1].findings[0].column.as_str()), (3, "姓名"));
    assert_eq!((rows[1].verdict(), codes(&rows[1])), (RollRowVerdict::Invalid, vec!["WRONG_ENCODING"]));
    let header = wire::RollHeader { encoding: RollEncoding::Utf8.into(), ..header_of("north") };
    let rolls = world.rolls("north", Role::Issuer);
    let refused = world.plan_as(rolls, header, &gb(&roll(1))).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLL_UNREADABLE", "what is said outranks what the bytes tell");
}

#[tokio::test]
async fn numbers_that_a_spreadsheet_has_rounded_are_refused_and_days_are_read() {
    let world = World::start().await;
    world.accredit("north").await;
    let mut sheet = sheet(6);
    sheet.write_number(1, 2, 110_105_194_912_310_020.0).unwrap();
    let day = ExcelDateTime::parse_from_str("2024-05-06").unwrap();
    sheet.write_datetime_with_format(2, 6, &day, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    sheet.write_number(3, 6, day.to_excel()).unwrap();
    sheet.write_number(4, 6, 20_240_506.0).unwrap();
    sheet.write_number(5, 4, 3.0).unwrap();
    sheet.write_blank(6, 6, &Format::new()).unwrap();
    let import = world.plan("north", &book(vec![sheet]), "").await.unwrap();
    let rows = world.rows("north", &import).await;
    assert_eq!((codes(&rows[0]), rows[0].findings[0].column.as_str()), (vec!["CELL_NOT_TEXT"], "证件号码"));
    for row in &rows[1..5] {
        assert_eq!((row.verdict(), codes(row)), (RollRowVerdict::Create, vec![]), "row {}", row.row);
    }
    assert_eq!(codes(&rows[5]), ["FIELD_MISSING"]);
}

#[tokio::test]
async fn a_sheet_is_read_by_its_name_and_a_damaged_workbook_is_refused() {
    let world = World::start().await;
    world.accredit("north").await;
    let mut notes = Worksheet::new();
    notes.write_string(0, 0, "notes").unwrap();
    let mut named = sheet(2);
    named.set_name("2024").unwrap();
    let file = book(vec![notes, named]);
    let plan = async |sheet: &str, file: &[u8]| {
        let header = wire::RollHeader { sheet: sheet.to_owned(), ..header_of("north") };
        world.plan_as(world.rolls("north", Role::Issuer), header, file).await
    };
    assert_eq!(plan("2024", &file).await.unwrap().row_count, 2);
    for (sheet, bytes) in [("", &file[..]), ("2025", &file[..]), ("2024", &file[..file.len() / 2])] {
        assert_eq!(reason(&plan(sheet, bytes).await.unwrap_err()), "ROLL_UNREADABLE");
    }
}

#[tokio::test]
async fn an_import_can_be_watched_under_the_id_that_was_chosen_and_is_abandoned_when_it_is_refused() {
    let world = World::start().await;
    world.accredit("north").await;
    let id = "7d1c9b54-0b0b-4c83-9a39-3f1f6f2f5b10";
    let header = wire::RollHeader { roll_import_id: id.to_owned(), ..header_of("north") };
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let mut rolls = world.rolls("north", Role::Issuer);
    let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let call = tokio::spawn(async move { rolls.plan_roll_import(stream).await });
    let name = format!("rollImports/{id}");
    let [first, rest @ ..] = &crate::world::parts_of(header.clone(), roll(9000).as_bytes())[..] else {
        panic!()
    };
    sender.send(first.clone()).await.unwrap();
    for part in rest {
        sender.send(part.clone()).await.unwrap();
    }
    greenroom_testkit::eventually("rows are planned", async || {
        let request = wire::GetRollImportRequest { name: name.clone() };
        let seen = world.rolls("north", Role::Issuer).get_roll_import(request).await.ok()?;
        let seen = seen.into_inner().roll_import.unwrap();
        (seen.state() == RollImportState::Planning && seen.row_count >= 1000).then_some(())
    })
    .await;
    let early = world.get("north", &name).await;
    assert_eq!(reason(&world.apply("north", &early).await.unwrap_err()), "ROLL_NOT_PLANNED");
    drop(sender);
    let planned = call.await.unwrap().unwrap().into_inner().roll_import.unwrap();
    assert_eq!((planned.name.clone(), planned.row_count), (name, 9000));
    let again = world.plan_as(world.rolls("north", Role::Issuer), header, roll(1).as_bytes()).await;
    assert_eq!(reason(&again.unwrap_err()), "ROLL_IMPORT_EXISTS");
    let other = "8d1c9b54-0b0b-4c83-9a39-3f1f6f2f5b11";
    let header = wire::RollHeader { roll_import_id: other.to_owned(), ..header_of("north") };
    let refused = world.plan_as(world.rolls("north", Role::Issuer), header, b"x\n").await;
    assert_eq!(reason(&refused.unwrap_err()), "ROLL_UNREADABLE");
    let ended = world.get("north", &format!("rollImports/{other}")).await;
    assert_eq!((ended.state(), ended.row_count), (RollImportState::Abandoned, 0));
    world.end_clean().await;
}
