//! Stores to try, and files to try them with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use xt::config::Secret;
use xt::config::typed::StorageService;
use xt::store::Files;
use xt::store::azure::{Azure, Limits};
use xt::store::blobs::{Address, Blob, Depth, Download, Entry, Step, Upload};
use xt::store::folder::Folder;

use crate::azurite::{Azurite, KEY};

/// Blocks are small here, so that small files have many.
pub const BLOCK: usize = 64 << 10;

pub const LIMITS: Limits = Limits { block: BLOCK, slots: 4, retries: 5, pause: Duration::from_millis(1) };

/// What a configuration would say of an account.
pub fn service(endpoint: &str) -> StorageService {
    StorageService {
        name: "myaccount".to_owned(),
        provider: "azure-blob".to_owned(),
        path: None,
        key: Some(Secret::inline(KEY)),
        sas: None,
        connection_string: None,
        endpoint: Some(endpoint.to_owned()),
    }
}

/// An account behind a port: the server's own, or a proxy's.
pub fn azure(port: u16, limits: Limits) -> Azure {
    let endpoint = format!("http://127.0.0.1:{port}/devstoreaccount1");
    Azure::open(&service(&endpoint), limits, &|_| None).unwrap()
}

/// A container that no other test has.
pub fn container() -> String {
    format!("t{}", uuid::Uuid::new_v4().simple())
}

/// A store to try, with what keeps it.
pub struct Store {
    pub files: Box<dyn Files>,
    pub container: String,
    pub here: tempfile::TempDir,
    _server: Option<Azurite>,
}

impl Store {
    pub fn new(kind: &str) -> Self {
        let here = tempfile::tempdir().unwrap();
        let server = (kind == "azure").then(Azurite::new);
        let files: Box<dyn Files> = match &server {
            Some(server) => Box::new(azure(server.port(), LIMITS)),
            None => Box::new(Folder::new(here.path().join("store"))),
        };
        Self { files, container: container(), here, _server: server }
    }

    pub fn at(&self, path: &str) -> Address {
        Address::new(&self.container, path)
    }

    pub fn local(&self, name: &str) -> PathBuf {
        self.here.path().join(name)
    }

    /// What a list tells: blobs by path and size, folders by path.
    pub fn list(&self, path: &str, depth: Depth) -> Vec<String> {
        let mut found = Vec::new();
        let told = self.files.list(&self.at(path), depth, &mut |entry| {
            found.push(match entry {
                Entry::Blob(blob) => format!("{} {}", blob.path, blob.size),
                Entry::Folder(path) => path,
            });
            Ok(())
        });
        told.unwrap();
        found
    }
}

/// Bytes that no two places share.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Uploads one file; answers the steps.
pub fn upload(files: &dyn Files, from: &Path, to: &Address) -> xt::store::Result<Vec<Step>> {
    let mut steps = Vec::new();
    let one = [Upload { from: from.to_owned(), to: to.clone() }];
    files.upload(&one, &mut |step| steps.push(step)).map(|()| steps)
}

/// Downloads one blob; answers the steps.
pub fn download(files: &dyn Files, from: &Address, to: &Path) -> xt::store::Result<Vec<Step>> {
    let blob: Blob = files.stat(from)?.unwrap();
    let mut steps = Vec::new();
    let one = [Download { from: from.clone(), blob, to: to.to_owned() }];
    files.download(&one, false, &mut |step| steps.push(step)).map(|()| steps)
}

/// Sums of what steps tell: bytes sent, bytes that need not be.
pub fn sums(steps: &[Step]) -> (u64, u64) {
    steps.iter().fold((0, 0), |(sent, resumed), step| match step {
        Step::Bytes(bytes) => (sent + bytes, resumed),
        Step::Resumed(bytes) => (sent, resumed + bytes),
        Step::File => (sent, resumed),
    })
}
