//! Ports for listeners that have to know theirs before they start.

use std::fs::File;
use std::net::TcpListener;

/// Three ports in a row that no other test has. Below those that systems hand out to connections by themselves, so that
/// none of these takes one meanwhile.
#[derive(Debug)]
pub struct Ports {
    /// The first of the three.
    pub base: u16,
    _claim: File,
}

impl Ports {
    /// Claims three ports for as long as the value lives, among all processes of this machine.
    ///
    /// # Panics
    /// If there are none.
    #[expect(clippy::expect_used, clippy::panic, reason = "a test cannot go on without it")]
    pub fn claim() -> Self {
        let claims = std::env::temp_dir().join("greenroom-test-ports");
        std::fs::create_dir_all(&claims).expect("a folder for claims");
        for base in (20_000..30_000).step_by(3) {
            let claim = File::create(claims.join(base.to_string())).expect("a claim");
            let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
            if claim.try_lock().is_ok() && (base..base + 3).all(free) {
                return Self { base, _claim: claim };
            }
        }
        panic!("no three ports in a row are free between 20000 and 30000");
    }
}
