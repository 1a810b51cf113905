//! Zip archives that are packed before an upload and unpacked after a download.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::model::names::visible;
use crate::ops::{OpsError, Result};
use crate::store::blobs::below;

/// Files from here on need the larger form of archives.
const LARGE: u64 = 1 << 31;

/// Packs files by name.
pub fn pack<'a>(files: impl IntoIterator<Item = (&'a str, &'a Path)>, to: &Path) -> Result<()> {
    let broken = |error: zip::result::ZipError| OpsError::io("write", to)(io::Error::other(error));
    let mut zip = ZipWriter::new(File::create(to).map_err(OpsError::io("create", to))?);
    for (name, path) in files {
        let mut file = File::open(path).map_err(OpsError::io("read", path))?;
        let size = file.metadata().map_err(OpsError::io("read", path))?.len();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(size >= LARGE);
        zip.start_file(name, options).map_err(broken)?;
        io::copy(&mut file, &mut zip).map_err(OpsError::io("write", to))?;
    }
    zip.finish().map(drop).map_err(broken)
}

/// Unpacks an archive below a folder; answers the names and where they are. An archive with an entry that leads
/// out of the folder, or that is a link, is refused before anything is unpacked.
pub fn unpack(archive: &Path, folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let broken = |error: zip::result::ZipError| OpsError::io("unpack", archive)(io::Error::other(error));
    let file = File::open(archive).map_err(OpsError::io("read", archive))?;
    let mut zip = ZipArchive::new(file).map_err(broken)?;
    let mut entries = Vec::new();
    for place in 0..zip.len() {
        let entry = zip.by_index_raw(place).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        let path = below(folder, name.trim_end_matches('/')).filter(|_| !entry.is_symlink());
        let Some(path) = path else {
            return Err(OpsError::Refused(format!(
                "the archive {} is not unpacked: its entry `{}` leads out of the folder, or is a link",
                archive.display(),
                visible(&name)
            )));
        };
        if entry.is_file() {
            entries.push((place, name, path));
        }
    }
    for (place, _, path) in &entries {
        let mut entry = zip.by_index(*place).map_err(broken)?;
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(OpsError::io("create", parent))?;
        // What lies there may be a link to elsewhere: the file takes its place, and is not written through it.
        let mut part = tempfile::NamedTempFile::new_in(parent).map_err(OpsError::io("write in", parent))?;
        io::copy(&mut entry, &mut part).map_err(OpsError::io("unpack", path))?;
        part.persist(path).map_err(|error| OpsError::io("create", path)(error.error))?;
    }
    Ok(entries.into_iter().map(|(_, name, path)| (name, path)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn archive(folder: &Path, entries: &[(&str, &str, bool)]) -> PathBuf {
        let path = folder.join("a.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for (name, text, link) in entries {
            let options = SimpleFileOptions::default();
            if *link {
                zip.add_symlink(*name, *text, options).unwrap();
            } else {
                zip.start_file(*name, options).unwrap();
                io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
            }
        }
        zip.finish().unwrap();
        path
    }

    // Proves B19: what is packed is what is unpacked, an empty file included.
    #[test]
    fn files_are_packed_and_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("one"), "1").unwrap();
        fs::write(at("none"), "").unwrap();
        let (one, none) = (at("one"), at("none"));
        pack([("deep/one ü", one.as_path()), ("none", none.as_path())], &at("a.zip")).unwrap();
        let unpacked = unpack(&at("a.zip"), &at("to")).unwrap();
        let names: Vec<_> = unpacked.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["deep/one ü", "none"]);
        assert_eq!(fs::read_to_string(at("to/deep/one ü")).unwrap(), "1");
        assert_eq!(fs::read_to_string(at("to/none")).unwrap(), "");
    }

    // Proves P9: an archive of a stranger writes nothing outside the folder, not even through a link.
    #[rstest]
    #[case("../evil", "x", false)]
    #[case("a/../../evil", "x", false)]
    #[case("/tmp/evil", "x", false)]
    #[case("link", "/etc", true)]
    fn entries_that_leave_the_folder_are_refused(#[case] name: &str, #[case] text: &str, #[case] link: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = archive(folder.path(), &[("good", "1", false), (name, text, link)]);
        let told = unpack(&path, &folder.path().join("to")).unwrap_err().to_string();
        assert!(told.contains("is not unpacked: its entry"), "{told}");
        assert!(!folder.path().join("to/good").exists() && !folder.path().join("evil").exists());
    }

    #[test]
    fn a_link_in_the_folder_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join("outside");
        fs::write(&outside, "kept").unwrap();
        fs::create_dir(folder.path().join("to")).unwrap();
        std::os::unix::fs::symlink(&outside, folder.path().join("to/name")).unwrap();
        let path = archive(folder.path(), &[("name", "new", false)]);
        unpack(&path, &folder.path().join("to")).unwrap();
        assert_eq!(fs::read_to_string(outside).unwrap(), "kept");
        assert_eq!(fs::read_to_string(folder.path().join("to/name")).unwrap(), "new");
    }

    #[test]
    fn what_is_no_archive_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.zip"), "no zip").unwrap();
        let told = unpack(&folder.path().join("a.zip"), folder.path()).unwrap_err().to_string();
        assert!(told.starts_with("cannot unpack"), "{told}");
    }
}
