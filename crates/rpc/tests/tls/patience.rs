//! Connections that say nothing, and addresses that have too many. Time is the runtime's, stopped, and goes on by itself
//! when nothing else does.

use super::house::{ISSUER, router, section};
use greenroom_rpc::accept::{Admission, PATIENCE};
use greenroom_rpc::server::serve_streams;
use greenroom_rpc::tls::{ClientCertificates, ServerTls};
use greenroom_testkit::{Authority, ManualClock, TestIssuer, eventually};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::sync::CancellationToken;

const LOOPBACK: &str = "127.0.0.1:5000";
const QUESTION: &[u8] = b"GET /peer HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A listener without a network.
struct Listener(mpsc::UnboundedSender<io::Result<(DuplexStream, SocketAddr)>>);

impl Listener {
    async fn open(tls: Option<&ServerTls>, most: u32) -> Self {
        let admission = Admission::new(tls, NonZeroU32::new(most).unwrap()).unwrap();
        let (router, _) = router(&TestIssuer::new(ISSUER), &ManualClock::monday_noon()).await;
        let (sender, incoming) = mpsc::unbounded_channel();
        let incoming = UnboundedReceiverStream::new(incoming);
        tokio::spawn(serve_streams(incoming, admission, router, CancellationToken::new()));
        Self(sender)
    }

    fn connect(&self, from: &str) -> DuplexStream {
        let (near, far) = duplex(64 * 1024);
        self.0.send(Ok((far, from.parse().unwrap()))).unwrap();
        near
    }
}

/// How long it takes until the other side ends a connection.
async fn until_cut(mut stream: impl AsyncRead + Unpin) -> Duration {
    let begin = Instant::now();
    let mut rest = Vec::new();
    // Ends in either way a connection ends.
    drop(stream.read_to_end(&mut rest).await);
    begin.elapsed()
}

/// Asks in HTTP/1.1 who one is, and keeps the connection.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    stream.write_all(QUESTION).await?;
    let mut told = Vec::new();
    while !told.ends_with(b"nobody") {
        if stream.read_buf(&mut told).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

fn about(patience: Duration) -> std::ops::Range<Duration> {
    patience..patience + Duration::from_millis(100)
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_never_finishes_a_request_is_cut() {
    let listener = Listener::open(None, 100).await;
    let beginnings: [&[u8]; 4] = [
        b"",
        b"PRI * HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        &QUESTION[..20],
    ];
    for begun in beginnings {
        let mut stream = listener.connect(LOOPBACK);
        stream.write_all(begun).await.unwrap();
        let cut = until_cut(stream).await;
        assert!(about(PATIENCE).contains(&cut), "{cut:?} after {begun:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_trickles_is_cut_as_well() {
    let listener = Listener::open(None, 100).await;
    let (mut from, mut to) = tokio::io::split(listener.connect(LOOPBACK));
    let trickling = tokio::spawn(async move {
        for byte in QUESTION.iter().cycle() {
            to.write_all(std::slice::from_ref(byte)).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        io::Result::Ok(())
    });
    let cut = until_cut(&mut from).await;
    assert!(about(PATIENCE).contains(&cut), "{cut:?}");
    assert!(trickling.await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_has_made_a_request_may_stay() {
    let listener = Listener::open(None, 100).await;
    let mut stream = listener.connect(LOOPBACK);
    ask(&mut stream).await.unwrap();
    tokio::time::sleep(2 * PATIENCE).await;
    ask(&mut stream).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whoever_dawdles_in_a_handshake_is_cut_and_holds_up_nobody() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
    let tls = section(folder.path(), &authority, ClientCertificates::None);
    let listener = Listener::open(Some(&tls), 100).await;
    let silent = listener.connect(LOOPBACK);
    let mut half = listener.connect(LOOPBACK);
    half.write_all(&[22, 3, 1, 2, 0, 1, 0]).await.unwrap();

    let begin = Instant::now();
    let mut swift = over_tls(&authority, listener.connect(LOOPBACK)).await;
    ask(&mut swift).await.unwrap();
    let idle = over_tls(&authority, listener.connect(LOOPBACK)).await;
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());

    for cut in [until_cut(silent).await, until_cut(half).await, until_cut(idle).await] {
        assert!(cut < PATIENCE + Duration::from_millis(100), "{cut:?}");
    }
    assert!(about(PATIENCE).contains(&begin.elapsed()), "{:?}", begin.elapsed());
    ask(&mut swift).await.unwrap();
}

async fn over_tls(authority: &Authority, stream: DuplexStream) -> TlsStream<DuplexStream> {
    try_over_tls(authority, stream).await.unwrap()
}

async fn try_over_tls(authority: &Authority, stream: DuplexStream) -> io::Result<TlsStream<DuplexStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await
}

#[tokio::test(start_paused = true)]
async fn files_that_change_are_noticed_within_seconds() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
    let tls = section(folder.path(), &authority, ClientCertificates::None);
    let listener = Listener::open(Some(&tls), 100).await;
    over_tls(&authority, listener.connect(LOOPBACK)).await;

    let successor = Authority::new("successor");
    successor.server().write(folder.path(), "server");
    tokio::time::sleep(Duration::from_secs(5)).await;

    eventually("the new certificate is shown", || async {
        try_over_tls(&successor, listener.connect(LOOPBACK)).await.ok()
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_address_has_so_many_connections_and_no_more_until_one_is_gone() {
    let listener = Listener::open(None, 2).await;
    let mut held = [listener.connect(LOOPBACK), listener.connect("127.0.0.1:5001")];
    for stream in &mut held {
        ask(stream).await.unwrap();
    }

    assert_eq!(until_cut(listener.connect("127.0.0.1:5002")).await, Duration::ZERO);
    // The same address, as a socket for both kinds of addresses tells it.
    assert_eq!(until_cut(listener.connect("[::ffff:127.0.0.1]:5003")).await, Duration::ZERO);
    ask(&mut listener.connect("127.0.0.2:5000")).await.unwrap();

    let [first, mut second] = held;
    drop(first);
    eventually("its place is free", || async {
        let mut next = listener.connect("127.0.0.1:5004");
        ask(&mut next).await.ok()
    })
    .await;
    ask(&mut second).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_handshake_counts_as_a_connection() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
    let tls = section(folder.path(), &authority, ClientCertificates::None);
    let listener = Listener::open(Some(&tls), 1).await;
    let silent = listener.connect(LOOPBACK);
    assert_eq!(until_cut(listener.connect(LOOPBACK)).await, Duration::ZERO);
    until_cut(silent).await;
    ask(&mut over_tls(&authority, listener.connect(LOOPBACK)).await).await.unwrap();
}
