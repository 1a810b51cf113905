//! A server of MongoDB's protocol for tests: the one that `./test` has started, or one of this process's own.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The connection string of a database that nobody else uses.
pub fn database() -> String {
    format!("{}/xt_{}", server().trim_end_matches('/'), uuid::Uuid::new_v4().simple())
}

/// The address of the server.
pub fn server() -> String {
    if let Ok(url) = std::env::var("XT_TEST_MONGO") {
        return url;
    }
    static OWN: OnceLock<Own> = OnceLock::new();
    OWN.get_or_init(Own::start).url.clone()
}

/// A server of this process's own. A shell stands between: it ends the server when this process has gone, however.
struct Own {
    url: String,
    _shell: Child,
    _folder: tempfile::TempDir,
}

impl Own {
    fn start() -> Self {
        let program = program();
        assert!(
            program.exists(),
            "there is no server for this test: `./test` installs and starts one, or set XT_TEST_MONGO to one's address"
        );
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let line = r#""$@" >"$LOG" 2>&1 & cat >/dev/null; kill $!; wait; rm -rf "$FOLDER""#;
        let shell = Command::new("sh")
            .args(["-c", line, "sh"])
            .arg(program)
            .args([
                "--enable-test-commands",
                "--host",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--storage-path",
            ])
            .arg(folder.path().join("data"))
            .env("LOG", folder.path().join("log"))
            .env("FOLDER", folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let mut log = String::new();
            if let Ok(mut file) = std::fs::File::open(folder.path().join("log")) {
                let _ = file.read_to_string(&mut log);
            }
            assert!(Instant::now() < end, "the server does not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { url: format!("mongodb://127.0.0.1:{port}"), _shell: shell, _folder: folder }
    }
}

/// Where `tests/servers/mongo.sh` installs it.
fn program() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|cache| !cache.is_empty()).map(PathBuf::from);
    let cache =
        cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache"));
    cache.join("xt-tests/secantusdb-0.7.0b3/bin/secantusd-py")
}
