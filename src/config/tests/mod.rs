//! The configuration as a whole.

mod content;
mod hostile;
mod layers;
mod schema;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::*;

/// Configuration files in a folder of their own.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load_user(text: impl AsRef<[u8]>) -> Loaded {
    load(&Sources { user_file: Some(Folder::new().file("user.yaml", text)), ..Sources::default() })
}

/// `load` reads before the folder is gone.
fn load_layers(user: &str, project: &str, env: &[(&str, &str)], options: &[(&str, &str)]) -> Loaded {
    let folder = Folder::new();
    load(&Sources {
        user_file: Some(folder.file("user.yaml", user)),
        project_file: Some(folder.file("project.yaml", project)),
        env: pairs(env),
        options: pairs(options),
        ..Sources::default()
    })
}

/// What is wrong or suspicious.
fn findings(loaded: &Loaded) -> Vec<String> {
    let told = loaded.diagnostics.iter().filter(|found| found.severity != Severity::Note);
    told.map(ToString::to_string).collect()
}

/// What changes nothing.
fn notes(loaded: &Loaded) -> Vec<String> {
    let told = loaded.diagnostics.iter().filter(|found| found.severity == Severity::Note);
    told.map(ToString::to_string).collect()
}

fn fixtures(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config").join(kind);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    assert!(!files.is_empty());
    files
}
