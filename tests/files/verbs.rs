// Proves A9, B14, B18, B19, B20, B37 end to end: the verbs on files work the same in a folder and on Azure.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rstest::rstest;

use crate::azurite::{Azurite, KEY};
use crate::clean::at_home;
use crate::proxy::{Fault, Proxy};
use crate::world::noise;

/// The program in a home of its own, with files in a folder or on Azure.
struct Xt {
    folder: tempfile::TempDir,
    /// A workspace that no other test has: it is a container on a server that all tests share.
    ws: String,
    server: Option<Azurite>,
}

impl Xt {
    fn new(kind: &str) -> Self {
        let server = (kind == "azure").then(Azurite::new);
        let xt = Self { folder: tempfile::tempdir().unwrap(), ws: crate::world::container(), server };
        std::fs::create_dir_all(xt.path("project")).unwrap();
        let port = xt.server.as_ref().map(Azurite::port);
        xt.configure(port);
        xt
    }

    /// Writes the configuration, with files behind a port.
    fn configure(&self, port: Option<u16>) {
        let storage = port.map_or(String::new(), |port| {
            format!(
                "external-services:\n  myaccount: {{type: storage, provider: azure-blob, key: \"$env:KEY_OF_TEST\", \
                 endpoint: \"http://127.0.0.1:{port}/devstoreaccount1\"}}\nxt-services: {{storage: myaccount}}\n"
            )
        });
        let file = xt::config::Home::below(&self.path("home")).config_file();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, format!("general: {{workspace: {}}}\n{storage}", self.ws)).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path("project").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path("project").join(name)).unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xt"));
        command.args(args).current_dir(self.path("project"));
        at_home(&mut command, &self.path("home"), &self.path("machine"));
        command.env("KEY_OF_TEST", KEY);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn ok(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert!(output.status.success(), "xt {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn fails(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert_eq!(output.status.code(), Some(1), "xt {args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        let args: Vec<_> = ["--json"].into_iter().chain(args.iter().copied()).collect();
        serde_json::from_str(&self.ok(&args)).unwrap()
    }

    /// What a list tells: kinds and paths.
    fn list(&self, args: &[&str]) -> Vec<String> {
        let args: Vec<_> = ["list", "blobs"].into_iter().chain(args.iter().copied()).collect();
        let rows = self.json(&args);
        let word = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| format!("{} {}", word(row, "kind"), word(row, "path")))
            .collect()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[rstest]
fn files_of_a_workspace_go_there_and_back(#[values("folder", "azure")] kind: &str) {
    let xt = Xt::new(kind);
    xt.write("a.txt", "one");
    xt.write("data/b ü.txt", "two");
    xt.write("data/deep/none", "");
    assert_eq!(xt.list(&[]), Vec::<String>::new());
    assert_eq!(xt.ok(&["upload", "a.txt"]), format!("1 file (3 B) uploaded to the workspace {}\n", xt.ws));
    let told = xt.json(&["upload", "data", "mine"]);
    assert_eq!(told["uploaded"], serde_json::json!(["mine/b ü.txt", "mine/deep/none"]));
    assert_eq!(xt.list(&[]), ["blob a.txt", "folder mine/"]);
    assert_eq!(xt.list(&["--subdirs=1"]), ["blob a.txt", "blob mine/b ü.txt", "folder mine/deep/"]);
    assert_eq!(xt.list(&["--subdirs=-1"]), ["blob a.txt", "blob mine/b ü.txt", "blob mine/deep/none"]);
    assert_eq!(xt.list(&["mine/*"]), ["blob mine/b ü.txt"]);
    assert_eq!(xt.ok(&["view", "blob", "mine/b ü.txt"]), "two");
    xt.ok(&["download", "mine", "back"]);
    assert_eq!((xt.text("back/b ü.txt"), xt.text("back/deep/none")), ("two".into(), String::new()));
    // Only what differs goes, both ways.
    xt.write("data/b ü.txt", "TWO");
    let told = xt.json(&["upload", "data", "mine", "--update"]);
    assert_eq!((&told["uploaded"], &told["same"]), (&serde_json::json!(["mine/b ü.txt"]), &1.into()));
    let told = xt.json(&["download", "mine", "back", "--update"]);
    assert_eq!((&told["downloaded"], &told["same"]), (&1.into(), &1.into()));
    assert_eq!(xt.text("back/b ü.txt"), "TWO");
    // Packed on the way, there and back.
    xt.ok(&["upload", "data", "all.zip", "--zip"]);
    xt.ok(&["download", "all.zip", "unpacked", "--unzip"]);
    assert_eq!(xt.text("unpacked/b ü.txt"), "TWO");
    xt.ok(&["download", "mine", "mine.zip", "--zip"]);
    xt.ok(&["upload", "mine.zip", "again", "--unzip"]);
    assert_eq!(xt.ok(&["view", "blob", "again/b ü.txt"]), "TWO");
    // Deleted by name, and asked before.
    assert_eq!(xt.ok(&["delete", "blobs", "mine", "--dry-run"]), "mine/b ü.txt\nmine/deep/none\n");
    assert!(xt.fails(&["delete", "blobs", "mine"]).contains("Say --yes"));
    xt.ok(&["delete", "blobs", "mine", "--yes"]);
    assert_eq!(
        xt.list(&["--subdirs=-1"]),
        ["blob a.txt", "blob again/b ü.txt", "blob again/deep/none", "blob all.zip"]
    );
    let told = xt.fails(&["delete", "blobs", "mine", "--yes"]);
    assert_eq!(
        told,
        format!(
            "xt: no blob matches `mine` of the workspace {}; `xt list blobs` tells what there is\n",
            xt.ws
        )
    );
    for wrong in [&["download", "../x"][..], &["view", "blob", "/etc/passwd"], &["upload", "a.txt", "../x"]] {
        assert!(xt.fails(wrong).contains("is no path of a blob"), "{wrong:?}");
    }
    assert!(xt.fails(&["view", "blob", "none"]).contains("there is no blob"));
}

#[rstest]
fn shares_belong_to_everybody(#[values("folder", "azure")] kind: &str) {
    let xt = Xt::new(kind);
    let name = &xt.ws;
    let share = format!("--share={name}");
    xt.write("x", "text");
    assert!(xt.fails(&["upload", "x", &share]).contains(&format!("there is no share `{name}`")));
    xt.ok(&["create", "share", name]);
    assert!(xt.fails(&["create", "share", name]).contains("already"));
    xt.ok(&["upload", "x", "deep/x", &share]);
    assert_eq!(xt.list(&[&share]), ["folder deep/"]);
    assert!(xt.ok(&["list", "shares"]).lines().any(|line| line == name));
    xt.ok(&["download", "deep/x", "y", &share]);
    assert_eq!(xt.text("y"), "text");
    assert!(xt.fails(&["delete", "share", name]).contains("with 1 blob (4 B) for good?"));
    xt.ok(&["delete", "share", name, "--yes"]);
    assert!(!xt.ok(&["list", "shares"]).lines().any(|line| line == name));
}

// Proves P7: a command that was killed in the middle is given again and goes on; nobody ever sees half a file.
#[test]
fn killed_transfers_go_on() {
    let xt = Xt::new("azure");
    let block = 4 << 20;
    let bytes = noise(9 * block + 77, 1);
    xt.write("big", &bytes);
    let server = xt.server.as_ref().unwrap().port();
    let held_after = |kind: &'static str, limit: usize| {
        let mut count = 0;
        Proxy::before(server, move |line: &str| {
            count += usize::from(line.contains(kind));
            if count > limit { Fault::Hold } else { Fault::Pass }
        })
    };
    let killed = |args: &[&str], proxy: Proxy, kind: &str, at: usize| {
        xt.configure(Some(proxy.port));
        let mut child = xt.command(args).spawn().unwrap();
        let mut seen = 0;
        while seen < at {
            seen += usize::from(proxy.requests.recv().unwrap().contains(kind));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        drop(proxy);
        xt.configure(Some(server));
    };
    xt.write("small", "s");
    xt.ok(&["upload", "small"]);
    killed(&["upload", "big"], held_after("blockid=", 4), "blockid=", 9);
    assert_eq!(xt.list(&[]), ["blob small"]);
    let output = xt.output(&["upload", "big"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && told.contains("of it had arrived before an interruption"), "{told}");
    killed(&["download", "big", "back"], held_after("GET ", 5), "GET ", 9);
    let project = xt.path("project");
    assert!(!project.join("back").exists());
    let output = xt.output(&["download", "big", "back"]);
    assert!(output.status.success(), "{output:?}");
    assert!(std::fs::read(project.join("back")).unwrap() == bytes);
    assert_eq!(names(&project), ["back", "big", "small"]);
}

// Proves P10: what goes wrong is told in one line, without the key, and the key is in no argument and no log.
#[test]
fn what_goes_wrong_is_told() {
    let xt = Xt::new("azure");
    xt.write("x", "x");
    let mut wrong = xt.command(&["upload", "x"]);
    let output = wrong.env("KEY_OF_TEST", "aHVudGVyMg==").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && told.contains("the account's key is refused"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    let mut without = xt.command(&["upload", "x"]);
    let output = without.env_remove("KEY_OF_TEST").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("the environment variable `KEY_OF_TEST` that holds a secret is not set"), "{told}");
    let file = xt::config::Home::below(&xt.path("home")).config_file();
    for (text, why) in [
        ("xt-services: {storage: none}", "no external service of `type: storage` is called so"),
        (
            "external-services: {s: {type: storage, provider: ftp}}\nxt-services: {storage: s}",
            "has the provider `ftp`",
        ),
        ("external-services: {s: {type: storage}}\nxt-services: {storage: s}", "needs a `provider`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let told = xt.fails(&["list", "blobs"]);
        assert!(told.contains(why), "{told}");
        xt.ok(&["list", "workspaces"]);
    }
    let other = xt.path("elsewhere");
    let text = format!(
        "external-services: {{s: {{type: storage, provider: store-file, path: \"{}\"}}}}\nxt-services: {{storage: s}}",
        other.display()
    );
    std::fs::write(&file, text).unwrap();
    xt.ok(&["upload", "x"]);
    assert_eq!(std::fs::read_to_string(other.join("ws1/__ws__/x")).unwrap(), "x");
}
