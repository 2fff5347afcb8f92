//! What is told of files that cannot be used.

use super::house::section;
use greenroom_rpc::client::connect_with;
use greenroom_rpc::tls::{Certificates, ClientCertificates, ClientTls, ServerTls};
use greenroom_testkit::Authority;
use std::fs;
use tempfile::TempDir;

fn told(section: &ServerTls) -> String {
    Certificates::read(section).err().expect("they cannot be used").to_string()
}

#[test]
fn a_file_that_cannot_be_used_is_told_with_the_reason() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
    let good = section(folder.path(), &authority, ClientCertificates::Required);
    Certificates::read(&good).unwrap();

    let missing = ServerTls { certificate: folder.path().join("no.pem"), ..good.clone() };
    assert!(told(&missing).starts_with("cannot read `"), "{}", told(&missing));
    assert!(told(&missing).contains("no.pem"));

    let swapped = ServerTls { certificate: good.private_key.clone(), ..good.clone() };
    assert!(told(&swapped).contains("server.key`: there is no certificate in it"), "{}", told(&swapped));
    let swapped = ServerTls { private_key: good.certificate.clone(), ..good.clone() };
    assert!(told(&swapped).contains("server.pem`: there is no private key in it"), "{}", told(&swapped));

    let (_, other) = authority.server().write(folder.path(), "other");
    let unfit = ServerTls { private_key: other, ..good.clone() };
    assert!(told(&unfit).contains("other.key` is not that of the certificate in"), "{}", told(&unfit));

    let garbage = folder.path().join("garbage.pem");
    fs::write(&garbage, "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n").unwrap();
    let garbled = ServerTls { client_ca: Some(garbage), ..good.clone() };
    assert!(told(&garbled).contains("garbage.pem`"), "{}", told(&garbled));

    let nobody = ServerTls { client_ca: None, ..good };
    assert_eq!(told(&nobody), "`client_certificates = \"required\"` needs `client_ca`");
}

#[test]
fn an_expired_certificate_is_used_all_the_same() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
    let good = section(folder.path(), &authority, ClientCertificates::None);
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    let (certificate, private_key) = authority.sign(&params).write(folder.path(), "old");
    Certificates::read(&ServerTls { certificate, private_key, ..good }).unwrap();
}

#[test]
fn an_unknown_key_of_the_section_is_refused_by_name() {
    let text = "certificate = \"a\"\nprivate_key = \"b\"\n";
    let read: ServerTls = toml::from_str(text).unwrap();
    assert_eq!((read.client_ca, read.client_certificates), (None, ClientCertificates::None));
    let fault = toml::from_str::<ServerTls>(&format!("{text}colour = \"blue\"\n")).unwrap_err();
    assert!(fault.to_string().contains("colour"), "{fault}");
    let fault = toml::from_str::<ServerTls>(&format!("{text}client_certificates = \"maybe\"\n")).unwrap_err();
    assert!(fault.to_string().contains("maybe"), "{fault}");
}

#[tokio::test]
async fn a_client_is_told_at_once_what_is_wrong_with_its_files() {
    let folder = TempDir::new().unwrap();
    let (certificate, key) = Authority::new("authority").client("backend").write(folder.path(), "client");
    let told = |tls: ClientTls| connect_with("https://127.0.0.1:1", Some(&tls)).unwrap_err().to_string();

    let half = told(ClientTls { certificate: Some(certificate.clone()), ..ClientTls::default() });
    assert!(half.contains("set together or not at all"), "{half}");
    let missing = told(ClientTls { ca: Some(folder.path().join("no.pem")), ..ClientTls::default() });
    assert!(missing.contains("cannot read `") && missing.contains("no.pem"), "{missing}");
    let ca = Some(certificate.clone());
    let swapped = told(ClientTls { ca, certificate: Some(key), private_key: Some(certificate) });
    assert!(swapped.contains("client.key`: there is no certificate in it"), "{swapped}");
}
