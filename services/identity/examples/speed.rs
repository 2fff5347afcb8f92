//! Temporary.
#![expect(warnings, reason = "temporary")]
use greenroom_identity::{AUDIENCE, Config, start};
use greenroom_proto::identity::v1::person_query::By;
use greenroom_proto::identity::v1::*;
use greenroom_rpc::client::*;
use greenroom_rpc::clock::SystemClock;
use std::sync::Arc;
fn card(birth: &str, sequence: usize) -> String {
    let digits = format!("110105{birth}{sequence:03}");
    let sum = digits.bytes().fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    let check = (12 - sum) % 11;
    let check = if check == 10 { "X".to_owned() } else { check.to_string() };
    format!("{digits}{check}")
}
#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::in_folder(dir.path());
    config.listen.set_port(0);
    if let Some(url) = std::env::args().nth(1) {
        config.database_url = url;
    }
    let r = start(config.clone(), Arc::new(SystemClock), Default::default()).await.unwrap();
    let ch = connect(&format!("http://{}", r.address)).unwrap();
    let cred = greenroom_rpc::credential::read(&config.credentials_dir.join("certification.json")).unwrap();
    let cred = Arc::new(cred);
    let tokens = Tokens::new(ch.clone(), cred.clone(), AUDIENCE, Arc::new(SystemClock));
    let mut persons = person_service_client::PersonServiceClient::new(Authenticated::new(ch.clone(), tokens));
    let mut n = 0;
    for round in ["register", "find"] {
        let t = std::time::Instant::now();
        for call in 0..20 {
            let queries = (0..1000)
                .map(|i| PersonQuery {
                    by: Some(By::Claim(IdentityClaim {
                        real_name: "样例众人".into(),
                        document_type: 1,
                        document_number: card(&format!("19{:02}0101", 40 + call), i),
                    })),
                })
                .collect();
            let a = persons
                .resolve_persons(ResolvePersonsRequest { queries, register_missing: true })
                .await
                .unwrap()
                .into_inner();
            n += a.resolutions.len();
        }
        println!("{round}: {:.0} rows/s", 20_000.0 / t.elapsed().as_secs_f64());
    }
    let t = std::time::Instant::now();
    for _ in 0..300 {
        let tokens = Tokens::new(ch.clone(), cred.clone(), AUDIENCE, Arc::new(SystemClock));
        tokens.bearer().await.unwrap();
    }
    println!("assertion tokens, one after another: {:.0}/s", 300.0 / t.elapsed().as_secs_f64());
}
