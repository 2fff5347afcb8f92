use super::*;
use crate::roll::{Field, RawRow, read_book};

const LIST: &str = "<workbook><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
const PLACES: &str = "<Relationships><Relationship Id=\"rId1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>";
const STRINGS: &str =
    "<?xml version=\"1.0\"?><sst uniqueCount=\"2\"><si><t>a</t></si><si><t>b</t></si></sst>";

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn book(strings: &str, sheet: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
    archive(&[
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", "<Relationships/>"),
        ("xl/workbook.xml", LIST),
        ("xl/_rels/workbook.xml.rels", PLACES),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId=\"1\" formatCode=\"x\"/></numFmts></styleSheet>",
        ),
        ("xl/media/image1.png", "\0\0"),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

fn sheet(cells: &[(&str, usize)]) -> String {
    let cell = |(place, string): &(&str, usize)| format!("<c r=\"{place}\" t=\"s\"><v>{string}</v></c>");
    cells.iter().map(cell).collect()
}

fn rows(book: Vec<u8>) -> Result<Vec<RawRow>, Error> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(9);
    read_book(book, "", &sender)?;
    drop(sender);
    Ok(std::iter::from_fn(|| receiver.blocking_recv()).flatten().collect())
}

fn is_damaged(read: &Result<impl Sized, Error>) -> bool {
    matches!(read, Err(Error::RollUnreadable("workbook_damaged", _)))
}

fn is_too_large(read: &Result<impl Sized, Error>) -> bool {
    matches!(read, Err(Error::RollTooLarge { .. }))
}

#[test]
fn nothing_is_kept_but_what_is_read() {
    let kept = harmless(&book(STRINGS, "")).unwrap();
    let mut kept = ZipArchive::new(Cursor::new(kept)).unwrap();
    let mut names: Vec<String> =
        (0..kept.len()).map(|place| kept.by_index(place).unwrap().name().unwrap().into_owned()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "_rels/.rels",
            "xl/_rels/workbook.xml.rels",
            "xl/sharedStrings.xml",
            "xl/workbook.xml",
            "xl/worksheets/sheet1.xml"
        ]
    );
    let read = rows(book(STRINGS, &sheet(&[("A1", 0), ("C1", 1)]))).unwrap();
    let text = |text: &str| Field::Text(text.to_owned());
    assert_eq!(read, [RawRow { row: 1, count: 3, fields: vec![text("a"), text(""), text("b")] }]);
}

#[test]
fn memory_is_not_set_aside_for_strings_that_are_only_announced() {
    for told in [
        "<sst uniqueCount=\"999999999999999\">",
        "<sst uniqueCount = '4000001'>",
        "<x:sst a='1' uniqueCount=\"000099999999999\">",
        "<sst a='uniqueCount'\tuniqueCount=\"99999999999999999999999\">",
    ] {
        assert!(is_too_large(&rows(book(&STRINGS.replace("<sst uniqueCount=\"2\">", told), ""))), "{told}");
    }
    assert!(rows(book(&STRINGS.replace("\"2\"", "\"1400000\""), "")).is_ok());
}

#[test]
fn a_workbook_of_too_much_is_refused_before_it_is_read() {
    let many = format!("<sst>{}</sst>", "<si/>".repeat(MOST_ELEMENTS as usize));
    assert!(is_too_large(&harmless(&book(&many, ""))), "more strings than any roll has");
    let long = "x".repeat(LONGEST_TOKEN + 1);
    assert!(is_too_large(&harmless(&book(STRINGS, &long))), "an endless text");
    let long = format!("<c r=\"><{long}\"/>");
    assert!(is_too_large(&harmless(&book(STRINGS, &long))), "an endless value");
    let sheets = LIST.replace("name=\"a\"", &format!("name=\"{}\"", "a".repeat(200_000)));
    let listed = archive(&[("xl/workbook.xml", &sheets)]);
    assert!(is_too_large(&harmless(&listed)), "an endless list of sheets");
}

#[test]
fn what_could_hide_something_is_damage() {
    for hidden in ["<!-- <c> -->", "<![CDATA[<c>]]>", "<!DOCTYPE x>", "\0", "<?>", "<c\"><\"><!-- -->"] {
        let read = harmless(&book(STRINGS, hidden));
        assert_eq!(is_damaged(&read), hidden != "<?>", "{hidden}");
    }
    assert!(is_damaged(&harmless(b"PK\x03\x04")));
    assert!(
        is_damaged(&harmless(&archive(&[("xl/worksheets/sheet1.xml", "<worksheet/>")]))),
        "no list of sheets"
    );
}

#[test]
fn cells_out_of_their_order_are_not_put_into_other_columns() {
    for cells in [
        vec![("A1", 0), ("C2", 0), ("B2", 1)],
        vec![("A1", 0), ("A2", 0), ("A2", 1)],
        vec![("A1", 0), ("A3", 0), ("A2", 1)],
        vec![("A1", 0), ("A1048577", 1)],
        vec![("A1", 0), ("XFE1", 1)],
    ] {
        assert!(is_damaged(&rows(book(STRINGS, &sheet(&cells)))), "{cells:?}");
    }
}
