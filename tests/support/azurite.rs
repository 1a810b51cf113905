//! Azurite, Microsoft's emulator of Azure Blob Storage: the one `./test` has started, or one of this test's own.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The published key of the emulator's one account.
pub const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A server that can be asked as long as this is kept.
pub struct Azurite {
    /// The address of its account.
    pub endpoint: String,
    own: Option<(Child, tempfile::TempDir)>,
}

impl Azurite {
    /// The server of the whole run of the tests, else one that is started here.
    pub fn new() -> Self {
        if let Ok(endpoint) = std::env::var("XT_TEST_AZURE") {
            return Self { endpoint, own: None };
        }
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"));
        let program = cache.join("xt-tests/azurite-3.35.0/node_modules/.bin/azurite-blob");
        assert!(program.exists(), "there is no Azurite at {}: ./test installs it", program.display());
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string(), "--location"])
            .arg(folder.path())
            .args(["--silent", "--disableTelemetry", "--skipApiVersionCheck"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            endpoint: format!("http://127.0.0.1:{port}/devstoreaccount1"),
            own: Some((child, folder)),
        };
        let end = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "Azurite does not answer");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        server
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        let host = self.endpoint.trim_start_matches("http://127.0.0.1:");
        host.split('/').next().unwrap().parse().unwrap()
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.own {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
