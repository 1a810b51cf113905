//! The file in which a session is kept.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::ops::Context;
use crate::tui::app::session::Session;

/// The largest file that is read.
const MOST: u64 = 1 << 20;

/// Where it is.
pub fn file(context: &Context) -> PathBuf {
    context.home.data.join("ui").join("session.json")
}

/// Reads it; what cannot be read is no session, for it is a comfort only.
pub fn load(file: &Path) -> Session {
    let small = fs::metadata(file).is_ok_and(|meta| meta.len() <= MOST);
    let text = if small { fs::read(file).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Writes it, if it has changed: whole or not at all.
pub fn save(file: &Path, session: &Session) -> io::Result<()> {
    if load(file) == *session {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(&serde_json::to_vec_pretty(session)?)?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    // Proves C1 (session restored).
    use super::*;

    #[test]
    fn what_was_saved_is_read_and_damage_is_no_session() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ui/session.json");
        assert_eq!(load(&file), Session::default());
        let session = Session { unwrapped: true, ..Session::default() };
        save(&file, &session).unwrap();
        assert_eq!(load(&file), session);
        fs::write(&file, b"{\"unwrapped\": tr").unwrap();
        assert_eq!(load(&file), Session::default());
    }
}
