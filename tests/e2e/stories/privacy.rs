//! Names and document numbers live in the identity service, encrypted, and nowhere else.

use greenroom_tests::{Holder, Town};
use std::path::Path;

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

fn contains(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

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
    let refused =
        platform.register(&Holder { real_name: "别人".to_owned(), ..holders[0].clone() }).await.unwrap_err();
    for word in [&holders[0].real_name, &holders[0].document_number] {
        assert!(!format!("{refused:?}").contains(word.as_str()));
        assert!(!contains(refused.details(), word));
    }

    let files = files(town.folder());
    assert!(files.iter().any(|(name, _)| name.ends_with("identity.db")));
    for (name, bytes) in files {
        for holder in &holders {
            assert!(!contains(&bytes, &holder.real_name), "a name in {name}");
            assert!(!contains(&bytes, &holder.document_number), "a document number in {name}");
        }
    }
}
