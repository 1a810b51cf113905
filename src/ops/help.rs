//! Writes the help as a web site into a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::{OpsError, Result};
use crate::help::site::File;

/// The page by which a folder is known that holds such a site already.
const MARK: &str = "commands.html";

/// Writes the files of the site; a folder with anything else in it is refused. Answers the front page.
pub fn write_site(folder: &Path, files: &[File]) -> Result<PathBuf> {
    fs::create_dir_all(folder).map_err(OpsError::io("create", folder))?;
    let mut entries = fs::read_dir(folder).map_err(OpsError::io("read", folder))?;
    if entries.next().is_some() && !folder.join(MARK).exists() {
        return Err(OpsError::Refused(format!(
            "{} holds other files: name a new folder for the web site",
            folder.display()
        )));
    }
    for file in files {
        let path = folder.join(&file.name);
        fs::write(&path, &file.text).map_err(OpsError::io("write", &path))?;
    }
    Ok(folder.join("index.html"))
}

#[cfg(test)]
mod tests {
    // Proves B12 (the site is written, and writes over nothing of a person's).
    use super::*;

    #[test]
    fn a_site_is_written_again_but_not_among_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let files = [MARK, "index.html"].map(|name| File { name: name.into(), text: "x".into() });
        let site = folder.path().join("a/site");
        assert_eq!(write_site(&site, &files).unwrap(), site.join("index.html"));
        write_site(&site, &files).unwrap();
        let error = write_site(folder.path(), &files).unwrap_err().to_string();
        assert!(error.contains("holds other files"), "{error}");
        assert!(!folder.path().join("index.html").exists());
    }
}
