//! A server of MongoDB's protocol for tests: the one that `./test` has started, or one of this process's own.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::time::Duration;

/// The connection string of a database that nobody else uses.
pub fn database() -> String {
    format!("{}/xt_{}", server().trim_end_matches('/'), uuid::Uuid::new_v4().simple())
}

/// The address of the server.
pub fn server() -> String {
    static OWN: OnceLock<Own> = OnceLock::new();
    if let Ok(url) = std::env::var("XT_TEST_MONGO") {
        return url;
    }
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
        let line = r#""$@" 2>&1 & cat >/dev/null; kill $!; wait; rm -rf "$FOLDER""#;
        let mut shell = Command::new("sh")
            .args(["-c", line, "sh"])
            .arg(program)
            .args(["--enable-test-commands", "--host", "127.0.0.1", "--port", "0", "--storage-path"])
            .arg(folder.path().join("data"))
            .env("FOLDER", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(shell.stdout.take().unwrap());
        let (found, address) = channel();
        // It is read to its end: a server whose output nobody reads would wait.
        std::thread::spawn(move || {
            let mut said = String::new();
            for line in output.lines().map_while(Result::ok) {
                let listens = line.split_once("listening on ").map(|(_, address)| address.trim().to_owned());
                said.push_str(&line);
                if let Some(address) = listens {
                    let _ = found.send(Ok(address));
                }
            }
            let _ = found.send(Err(said));
        });
        let address =
            address.recv_timeout(Duration::from_mins(1)).expect("the server does not start in time");
        let address = address.unwrap_or_else(|said| panic!("the server does not start: {said}"));
        Self { url: format!("mongodb://{address}"), _shell: shell, _folder: folder }
    }
}

/// Where `tests/servers/mongo.sh` installs it.
fn program() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|cache| !cache.is_empty()).map(PathBuf::from);
    let cache =
        cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache"));
    cache.join("xt-tests/secantusdb-0.7.0b3/bin/secantusd-py")
}
