//! Where the bytes of a log come from: positioned reads, so that many readers share one source without a cursor.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Bytes that can be read at any position and that may grow (or shrink) between two calls.
pub trait Source {
    /// The number of bytes there are now.
    fn len(&self) -> io::Result<u64>;

    /// Reads at `offset` into `buf`; returns how many bytes were read, 0 at or beyond the end.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Whether there is nothing to read now.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Reads until `buf` is full or the source ends; returns how many bytes were read.
    fn read_full_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.read_at(offset + filled as u64, &mut buf[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl Source for &[u8] {
    fn len(&self) -> io::Result<u64> {
        Ok((**self).len() as u64)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let read = rest.len().min(buf.len());
        buf[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }
}

impl Source for Vec<u8> {
    fn len(&self) -> io::Result<u64> {
        Source::len(&self.as_slice())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buf)
    }
}

/// A source as it was when it had so many bytes: what is appended meanwhile is not seen.
pub(super) struct Upto<'a> {
    /// The source.
    pub source: &'a dyn Source,
    /// How much of it is seen.
    pub len: u64,
}

impl Source for Upto<'_> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.source.len()?.min(self.len))
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
        self.source.read_at(offset, &mut buf[..room])
    }
}

/// A file on disk, opened once; it goes on being readable when its name is given to another file.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    path: PathBuf,
}

/// What has become of the path a [`FileSource`] was opened at. That a file shrank is seen by [`Source::len`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It still names the opened file.
    Same,
    /// It names another file now: open it again.
    Replaced,
    /// It names nothing now.
    Gone,
}

impl FileSource {
    /// Opens the file at `path` for reading.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        Ok(Self { file: File::open(&path)?, path })
    }

    /// The path the file was opened at.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still names the opened file.
    pub fn state(&self) -> io::Result<FileState> {
        let identity = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        match std::fs::metadata(&self.path) {
            Ok(now) if identity(&now) == identity(&self.file.metadata()?) => Ok(FileState::Same),
            Ok(_) => Ok(FileState::Replaced),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(FileState::Gone),
            Err(error) => Err(error),
        }
    }
}

impl Source for FileSource {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        FileExt::read_at(&self.file, buf, offset)
    }
}

#[cfg(test)]
mod tests {
    // Proves A11 (views of a log), C6 (a log survives what happens around it).
    use super::*;
    use std::fs;

    /// Gives one byte a call, with an interruption before each.
    struct Stutter(Vec<u8>, std::cell::Cell<bool>);

    impl Source for Stutter {
        fn len(&self) -> io::Result<u64> {
            Source::len(&self.0)
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            if self.1.replace(!self.1.get()) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let one = buf.len().min(1);
            self.0.read_at(offset, &mut buf[..one])
        }
    }

    #[test]
    fn a_full_read_outlasts_short_and_interrupted_reads() {
        let source = Stutter(b"hello world".to_vec(), std::cell::Cell::new(true));
        let mut buf = [0; 8];
        assert_eq!(source.read_full_at(6, &mut buf).unwrap(), 5);
        assert_eq!(&buf[..5], b"world");
    }

    #[test]
    fn reading_beyond_the_end_gives_nothing() {
        let mut buf = [0; 4];
        assert_eq!(b"abc".as_slice().read_at(3, &mut buf).unwrap(), 0);
        assert_eq!(b"abc".as_slice().read_at(u64::MAX, &mut buf).unwrap(), 0);
    }

    #[test]
    fn truncation_and_replacement_are_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.log");
        fs::write(&path, "0123456789").unwrap();
        let source = FileSource::open(&path).unwrap();
        assert_eq!((source.len().unwrap(), source.state().unwrap()), (10, FileState::Same));

        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(4).unwrap();
        assert_eq!(source.len().unwrap(), 4);
        assert_eq!(source.read_full_at(2, &mut [0; 8]).unwrap(), 2);

        let next = dir.path().join("next");
        fs::write(&next, "other").unwrap();
        fs::rename(&next, &path).unwrap();
        assert_eq!(source.state().unwrap(), FileState::Replaced);
        assert_eq!(source.len().unwrap(), 4, "the opened file is still there");

        fs::remove_file(&path).unwrap();
        assert_eq!(source.state().unwrap(), FileState::Gone);
    }
}
