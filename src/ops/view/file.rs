//! One file of a run: where it is, and what it is.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use super::picture;
use crate::model::RunPath;
use crate::model::names::visible;
use crate::ops::{Context, OpsError, Result};

/// Bytes from which the kind of a file is told.
const HEAD: u64 = 8 << 10;

/// What begins like this is that.
const SIGNATURES: [(&[u8], &str); 13] = [
    (b"%PDF-", "PDF document"),
    (b"PK\x03\x04", "zip archive (also .pt, .npz, .docx)"),
    (b"\x1f\x8b", "gzip archive"),
    (b"\x28\xb5\x2f\xfd", "zstd archive"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ\0", "xz archive"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 data"),
    (b"\x93NUMPY", "NumPy array"),
    (b"PAR1", "Parquet table"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"\x7fELF", "program"),
    (b"\x80\x02", "Python pickle"),
    (b"\x80\x04", "Python pickle"),
];

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, which can be read.
    Text,
    /// A picture, which can be shown; its format.
    Picture(&'static str),
    /// Something else; what, as far as its beginning tells.
    Binary(&'static str),
}

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

/// Finds a file by its path in the run's folder. Only regular files of that folder are found: nothing a link or
/// a name with `..` leads to.
pub fn locate(ctx: &Context, run: &RunPath, inside: &str) -> Result<PathBuf> {
    let missing = || OpsError::Missing { what: "file of this run", name: visible(inside), nearest: None };
    let plain = Path::new(inside).components().all(|step| matches!(step, Component::Normal(_)));
    let folder = ctx.layout.run_files(&run.ws, run.run);
    let path = folder.join(inside);
    let real = |path: &Path| path.canonicalize().map_err(|_| missing());
    if !plain || !crate::ops::files::is_plain(&run.ws) || !real(&path)?.starts_with(real(&folder)?) {
        return Err(missing());
    }
    let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
    is_file.then_some(path).ok_or_else(missing)
}

/// Looks what a file is.
pub fn look(ctx: &Context, run: &RunPath, inside: &str) -> Result<Look> {
    let path = locate(ctx, run, inside)?;
    let file = File::open(&path).map_err(OpsError::io("read", &path))?;
    let size = file.metadata().map_err(OpsError::io("read", &path))?.len();
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head).map_err(OpsError::io("read", &path))?;
    Ok(Look { path, size, kind: kind(&head) })
}

/// What a file is that begins with these bytes.
fn kind(head: &[u8]) -> Kind {
    let find = |known: &[(&[u8], &'static str)]| {
        known.iter().find(|(begin, _)| begins(head, begin)).map(|(_, name)| *name)
    };
    let binary = head.contains(&0);
    // Two bytes alone may begin a text, too.
    if let Some(name) = find(&picture::SIGNATURES).filter(|name| *name != picture::BMP || binary) {
        return Kind::Picture(name);
    }
    match find(&SIGNATURES) {
        Some(name) => Kind::Binary(name),
        None if binary => Kind::Binary("binary data"),
        None => Kind::Text,
    }
}

/// Whether a file begins like this, where `?` stands for any byte.
pub(super) fn begins(head: &[u8], pattern: &[u8]) -> bool {
    head.len() >= pattern.len()
        && head.iter().zip(pattern).all(|(byte, wanted)| matches!(wanted, b'?') || byte == wanted)
}

#[cfg(test)]
mod tests {
    // Proves P9 (names lead nowhere else), B31 (what a file is).
    use super::*;
    use crate::ops::testing::World;
    use rstest::rstest;

    #[rstest]
    #[case(b"", Kind::Text)]
    #[case(b"BMW is a text\n", Kind::Text)]
    #[case("größer\n".as_bytes(), Kind::Text)]
    #[case(b"\x89PNG\r\n\x1a\n\0\0", Kind::Picture("PNG image"))]
    #[case(b"RIFF\x10\0\0\0WEBPVP8 ", Kind::Picture("WebP image"))]
    #[case(b"RIFF\x10\0\0\0WAVEfmt ", Kind::Binary("binary data"))]
    #[case(b"PK\x03\x04\0", Kind::Binary("zip archive (also .pt, .npz, .docx)"))]
    #[case(b"some\0bytes", Kind::Binary("binary data"))]
    fn kinds(#[case] head: &[u8], #[case] expected: Kind) {
        assert_eq!(kind(head), expected);
    }

    #[test]
    fn only_files_of_the_run_are_found() {
        let world = World::new();
        let run = world.single("ws1");
        world.end_all();
        let found = look(&world.ctx, &run, "after/output/console.txt").unwrap();
        assert_eq!((found.size, found.kind), (19, Kind::Text));
        let folder = world.ctx.layout.run_files("ws1", run.run);
        let secret = world.folder.path().join("secret");
        std::fs::write(&secret, "x").unwrap();
        std::os::unix::fs::symlink(&secret, folder.join("link")).unwrap();
        std::os::unix::fs::symlink(world.folder.path(), folder.join("out")).unwrap();
        for wrong in
            ["link", "out/secret", "../run1/after/output/console.txt", "after", "none", "/etc/passwd", ""]
        {
            let error = look(&world.ctx, &run, wrong).unwrap_err().to_string();
            assert!(error.starts_with("there is no file of this run"), "{wrong}: {error}");
        }
    }
}
