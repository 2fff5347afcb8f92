use crate::world::{MINA, World, request_id};
use greenroom_identity::{StartError, start};
use greenroom_proto::identity::v1::{CreateClientRequest, OrganizationRole, RegisterPersonRequest};
use std::path::Path;
use tokio_util::sync::CancellationToken;

fn database_files(folder: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let database =
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("identity.db"));
    database.map(|path| std::fs::read(path).unwrap()).collect()
}

fn contains(files: &[Vec<u8>], text: &str) -> bool {
    files.iter().any(|file| file.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[tokio::test]
async fn no_name_no_document_and_no_secret_is_readable_in_the_database() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let identity = Some(crate::world::named(crate::world::claim(MINA.0, MINA.1)));
    let register = RegisterPersonRequest { identity, request_id: request_id(), ..Default::default() };
    shop.persons().register_person(register).await.unwrap();
    let client = CreateClientRequest {
        request_id: request_id(),
        ..crate::world::new_client("till", "shop", &["persons.read"])
    };
    let secret = world.operator().clients().create_client(client).await.unwrap().into_inner().client_secret;

    let running = database_files(world.folder());
    let (folder, _, _) = world.stop().await;
    for files in [running, database_files(folder.path())] {
        assert!(contains(&files, "clients/till"), "the files are looked at in the right place");
        for hidden in [MINA.0, MINA.1, "11010519900307", "1990-03-07", "19900307", secret.as_str()] {
            assert!(!contains(&files, hidden), "{hidden}");
        }
    }
}

#[tokio::test]
async fn an_untouched_database_verifies_clean() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    shop.register(MINA).await;
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
    // The suite and its three clients, the shop and its client, a key, a person, the shop's name for it.
    assert_eq!((report.events, report.subjects), (9, 9));
}

#[tokio::test]
async fn a_role_changed_behind_the_services_back_is_noticed() {
    let world = World::start().await;
    world.organization("assessor", OrganizationRole::Issuer).await;
    let (folder, config, _) = world.stop().await;
    let path = folder.path().join("identity.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(6).position(|window| window == b"ISSUER").unwrap();
    bytes[at..at + 6].copy_from_slice(b"AGENCY");
    std::fs::write(&path, bytes).unwrap();

    let report = greenroom_identity::verify(&config).await.unwrap();
    assert_eq!(report.differing, ["organizations/assessor"]);
    assert_eq!((report.chain_fault, report.missing, report.extra), (None, vec![], vec![]));
}

#[tokio::test]
async fn a_database_without_its_keys_file_is_not_started() {
    let (folder, config, clock) = World::start().await.stop().await;
    std::fs::remove_file(&config.keys_file).unwrap();
    let refused = start(config.clone(), clock.shared(), CancellationToken::new()).await.err().unwrap();
    assert!(matches!(refused, StartError::Secrets(_)) && refused.to_string().contains("backup"), "{refused}");

    let other = World::start().await;
    std::fs::copy(&other.config.keys_file, &config.keys_file).unwrap();
    let refused = start(config, clock.shared(), CancellationToken::new()).await.err().unwrap();
    assert!(matches!(refused, StartError::Keys(_)), "{refused}");
    drop(folder);
}

#[tokio::test]
async fn a_first_start_that_was_interrupted_registers_the_keys_it_left_behind() {
    let (folder, config, clock) = World::start().await.stop().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("identity.db") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let before = std::fs::read(config.credentials_dir.join("registry.json")).unwrap();
    let world = World::in_folder_of((folder, config, clock)).await;
    assert_eq!(std::fs::read(world.config.credentials_dir.join("registry.json")).unwrap(), before);
    crate::resolving::nobody(&world.suite("registry")).await;
}
