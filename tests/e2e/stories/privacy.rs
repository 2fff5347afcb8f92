//! Names and document numbers live in the identity service, encrypted, and nowhere else. Every story looks for its own when
//! it ends; these show that they would be found.

use greenroom_tests::{Engine, Holder, Hunt, Service, Town};
use sqlx::Connection as _;
use std::collections::BTreeSet;
use tonic::body::Body;
use tonic::codegen::Service as _;
use tonic::codegen::http::{Request, Response};
use tonic::{Code, Status};

#[tokio::test]
async fn no_name_and_no_document_number_is_left_anywhere_in_the_clear() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let holders: Vec<Holder> = (1..=8).map(|serial| Holder::new(serial, "19900307", 3)).collect();
    issuer.import(&holders).await.unwrap();
    for (number, holder) in holders.iter().enumerate() {
        platform.welcome(&format!("account-{number}"), holder).await.unwrap();
    }
    // What is refused is told to the caller, and names nobody.
    let wrong = Holder { document_number: "10990119900307001".to_owned(), ..holders[0].clone() };
    assert_eq!(platform.register(&wrong).await.unwrap_err().code(), Code::InvalidArgument);
    town.end().await;
}

/// Answers that carry a word: one in its message, one in its details.
async fn answer_with(town: &Town, in_message: &str, in_details: &str) {
    let statuses = [
        Status::new(Code::Internal, format!("no {in_message}")),
        Status::with_details(Code::Internal, "no", in_details.to_owned().into_bytes().into()),
    ];
    for status in statuses {
        let answers = tower::service_fn(move |_: Request<Body>| {
            let answer: Response<Body> = status.clone().into_http();
            async { Ok::<_, Status>(answer) }
        });
        town.heard(answers).call(Request::new(Body::empty())).await.unwrap();
    }
}

async fn store(url: &str, word: &str) {
    let statement = format!("CREATE TABLE notes (note TEXT); INSERT INTO notes VALUES ('{word}')");
    let statement = sqlx::raw_sql(sqlx::AssertSqlSafe(statement));
    if url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
        statement.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        statement.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}

async fn what_is_planted_is_found(engine: Engine, family: &str) {
    let mut town = Town::start_on(engine).await;
    // Words that no other story of this process has.
    let planted: Vec<String> = (0..6).map(|number| format!("{family}·种{number}")).collect();
    town.hide(planted.iter().map(String::as_str));
    let [logged, traced, message, details, stored, written] = &planted[..] else { unreachable!() };
    let span = tracing::debug_span!(target: "greenroom_somewhere", "meeting", who = %traced);
    span.in_scope(|| tracing::info!(target: "greenroom_somewhere", "met {logged}"));
    answer_with(&town, message, details).await;
    store(town.database(Service::Registry), stored).await;
    std::fs::write(town.folder().join("note.txt"), written).unwrap();

    let finds = town.hunt().await;

    let found: BTreeSet<&str> = finds.iter().map(|find| find.word.as_str()).collect();
    assert_eq!(found, planted.iter().map(String::as_str).collect(), "{finds:?}");
    let places: BTreeSet<&str> =
        finds.iter().map(|find| find.place.rsplit('/').next().unwrap_or_default()).collect();
    for place in ["the log", "an error", "the tables of Registry", "note.txt"] {
        assert!(places.contains(place), "{place}: {places:?}");
    }
    let in_a_file = places.iter().any(|place| place.starts_with("registry.db"));
    assert_eq!(in_a_file, engine == Engine::Sqlite, "{places:?}");
}

#[tokio::test]
async fn a_name_in_a_log_a_trace_an_error_or_a_database_is_found_on_sqlite() {
    what_is_planted_is_found(Engine::Sqlite, "萨米").await;
}

#[tokio::test]
async fn a_name_in_a_log_a_trace_an_error_or_a_database_is_found_on_postgres() {
    what_is_planted_is_found(Engine::Postgres, "诺尔").await;
}

#[tokio::test]
#[should_panic(expected = "`11010519900307005X` (as it is) in")]
async fn a_story_that_leaves_a_number_behind_fails() {
    let town = Town::empty(Engine::Sqlite).await;
    tracing::info!("a town begins");
    town.hide(["11010519900307005X"]);
    std::fs::write(town.folder().join("note.txt"), "no: 11010519900307005x.").unwrap();
    town.end().await;
}

#[tokio::test]
#[should_panic(expected = "did not call `Town::end`")]
async fn a_story_that_forgets_to_look_fails() {
    drop(Town::empty(Engine::Sqlite).await);
}

#[test]
fn a_word_is_found_however_it_is_written() {
    let (name, number) = ("测试·甲".to_owned(), "11010519900307005X".to_owned());
    let hunt = Hunt::new([&name, &number]);
    let forms = |text: &str| -> Vec<(&str, String)> {
        hunt.look("a place", text.as_bytes()).into_iter().map(|find| (find.form, find.word)).collect()
    };
    for (text, form) in [
        ("by 测试·甲.", "as it is"),
        ("%e6%b5%8b%E8%AF%95%C2%B7%E7%94%B2", "percent-encoded"),
        (r#"{"name":"\u6d4b\u8bd5\u00b7\u7532"}"#, "escaped as in JSON"),
        (r"\u{6d4b}\u{8bd5}\u{b7}\u{7532}", "escaped as in Rust"),
        (r"\xe6\xb5\x8b\xe8\xaf\x95\xc2\xb7\xe7\x94\xb2", "escaped as bytes"),
        (r"\xE6B58BE8AF95C2B7E794B2", "in hexadecimal"),
    ] {
        assert_eq!(forms(text), [(form, name.clone())], "{text}");
    }
    // Wherever it stands among the bytes that are encoded.
    for text in
        ["dGVzdC0xMTAxMDUxOTkwMDMwNzAwNVgtLQ==", "LTExMDEwNTE5OTAwMzA3MDA1WC0=", "MTEwMTA1MTk5MDAzMDcwMDVY"]
    {
        assert!(forms(text).contains(&("in base64", number.clone())), "{text}");
    }
    assert!(forms("测试 甲 110105199003070 05X").is_empty());
}
