use crate::proofing::{attested, record};
use crate::world::{MINA, World};
use greenroom_proto::identity::v1::ProofingResult;
use sqlx::{Connection as _, Row as _, SqliteConnection};

/// One column of each kind in every table, how it is changed, and whose row that is.
const CHANGES: [(&str, &str, &str); 33] = [
    ("organizations", "display_name = 'x'", "organizations/shop"),
    ("organizations", "create_time_us = 1", "organizations/shop"),
    ("clients", "display_name = 'x'", "clients/shop"),
    ("clients", "scopes = scopes || ' persons.resolve'", "clients/shop"),
    ("clients", "tokens_valid_from_us = 1", "clients/shop"),
    ("organizations", "suspension_reason = 'x'", "organizations/shop"),
    ("organizations", "tokens_valid_from_us = 1", "organizations/shop"),
    ("clients", "person = 'x'", "clients/shop"),
    ("clients", "token_binding = 'CLIENT_CERTIFICATE'", "clients/shop"),
    ("client_credentials", "hash = zeroblob(32)", "clients/shop"),
    ("client_credentials", "not_after_us = 1", "clients/shop"),
    ("client_credentials", "key_id = 'x'", "clients/shop"),
    ("client_credentials", "create_time_us = 1", "clients/shop"),
    ("persons", "lookup = zeroblob(32)", "persons/"),
    ("persons", "claim_lookup = zeroblob(32)", "persons/"),
    ("persons", "proven_lookup = NULL", "persons/"),
    ("persons", "document_type = 'PASSPORT'", "persons/"),
    ("persons", "checked_at_us = 1", "persons/"),
    ("persons", "guardian_consent = 'GIVEN'", "persons/"),
    ("persons", "hold_until_us = 1", "persons/"),
    ("persons", "create_time_us = 1", "persons/"),
    ("persons", "due_us = 1", "persons/"),
    // Guarded by itself: it does not open any more.
    ("persons", "wrapped_key = zeroblob(61)", "persons/"),
    ("pairwise_names", "pairwise_id = 'x'", "organizations/shop/persons/"),
    ("pairwise_names", "create_time_us = 1", "organizations/shop/persons/"),
    ("proofings", "result = 'MISMATCH'", "persons/"),
    ("proofings", "authentication = 'REMOTE'", "persons/"),
    ("proofings", "acting_person = 'x'", "persons/"),
    ("proofings", "artefact_sha256 = zeroblob(32)", "persons/"),
    ("proofings", "document_valid_until = '2040-01-01'", "persons/"),
    ("proofings", "client = 'x'", "persons/"),
    ("signing_keys", "sealed = zeroblob(9)", "signingKeys/"),
    ("signing_keys", "retired_from_us = 1", "signingKeys/"),
];

/// The one row of a table that the test is about.
fn row_of(table: &str) -> &'static str {
    match table {
        "organizations" | "clients" => "id = 'shop'",
        "client_credentials" => "client_id = 'shop'",
        _ => "1 = 1",
    }
}

#[tokio::test]
async fn a_changed_column_is_named_whichever_table_it_is_in() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let person = shop.register(MINA).await;
    record(&shop, &person, attested(ProofingResult::Match)).await.unwrap();
    let (folder, config, _) = world.stop().await;
    let url = format!("sqlite:{}", folder.path().join("identity.db").display());
    let report = greenroom_identity::verify(&config).await.unwrap();
    assert!(report.is_clean(), "{report:?}");

    for (table, change, subject) in CHANGES {
        let mut database = SqliteConnection::connect(&url).await.unwrap();
        let column = change.split(' ').next().unwrap();
        let of = row_of(table);
        let read = sqlx::AssertSqlSafe(format!("SELECT quote({column}) AS kept FROM {table} WHERE {of}"));
        let kept: String = sqlx::raw_sql(read).fetch_one(&mut database).await.unwrap().get("kept");
        let set = async |database: &mut SqliteConnection, to: &str| {
            let statement = sqlx::AssertSqlSafe(format!("UPDATE {table} SET {to} WHERE {of}"));
            assert_eq!(sqlx::raw_sql(statement).execute(database).await.unwrap().rows_affected(), 1, "{to}");
        };
        set(&mut database, change).await;
        let report = greenroom_identity::verify(&config).await.unwrap();
        let [named] = report.differing.as_slice() else { panic!("{table} {change}: {report:?}") };
        assert!(named.starts_with(subject), "{table} {change}: {named}");
        set(&mut database, &format!("{column} = {kept}")).await;
        database.close().await.unwrap();
    }
    for table in ["pairwise_names", "proofings"] {
        let mut database = SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DELETE FROM {table}")))
            .execute(&mut database)
            .await
            .unwrap();
    }
    let report = greenroom_identity::verify(&config).await.unwrap();
    assert_eq!((report.differing.len(), report.missing.len()), (0, 2), "{report:?}");
}
