//! The file in which the typed commands are kept, one a line, the latest last: readable by the person alone, for it
//! may name what nobody else should see.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::ops::Context;
use crate::tui::app::palette::remember;

/// The most that is read, in bytes.
const MOST: u64 = 1 << 18;

/// Where it is.
pub fn file(context: &Context) -> PathBuf {
    context.home.data.join("ui").join("history")
}

/// Reads it; what cannot be read is no history, for it is a comfort only.
pub fn load(file: &Path) -> Vec<String> {
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(file) {
        let _ = file.take(MOST).read_to_end(&mut bytes);
    }
    let mut lines = Vec::new();
    for line in String::from_utf8_lossy(&bytes).lines().filter(|line| !line.contains(char::is_control)) {
        remember(&mut lines, line);
    }
    lines
}

/// Adds what was typed in this session to whatever is there by now: whole or not at all.
pub fn save(file: &Path, typed: &[String]) -> io::Result<()> {
    if typed.is_empty() {
        return Ok(());
    }
    let mut lines = load(file);
    for line in typed {
        remember(&mut lines, line);
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // A temporary file is its owner's alone, and stays so under its new name.
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    for line in &lines {
        writeln!(new, "{line}")?;
    }
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    // Proves C1 (the palette's history between sessions: private, bounded).
    use super::*;
    use crate::tui::app::palette::LINES;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn two_sessions_keep_what_both_have_typed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ui/history");
        assert!(load(&file).is_empty());
        save(&file, &["sort loss".into(), "cancel run run4".into()]).unwrap();
        save(&file, &["quit".into()]).unwrap();
        assert_eq!(load(&file), ["sort loss", "cancel run run4", "quit"]);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let many: Vec<String> = (0..2 * LINES).map(|number| format!("sort c{number}")).collect();
        save(&file, &many).unwrap();
        assert_eq!(load(&file), many[LINES..]);
        fs::write(&file, b"\xff\x1b[2J\nquit\n").unwrap();
        assert_eq!(load(&file), ["quit"]);
    }
}
