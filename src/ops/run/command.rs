//! From what a person typed to a command that can be started.

use std::path::{Component, Path, PathBuf};

use crate::model::names::{nearest, visible};
use crate::ops::{OpsError, Result};

/// A command, and the file of the person's own that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launchable {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The script's name, or the program's.
    pub script: String,
    /// The script's full path, when a word of the command is a file.
    pub path: Option<PathBuf>,
    /// The program without its path.
    pub app: String,
}

impl Launchable {
    /// Names the script by its place in the snapshot where the typed word leads out of it (`../x/train.py`,
    /// `/home/me/train.py`): what runs is the copy.
    pub fn move_to(&mut self, directory: &Path, place: &Path) {
        let leads_out = |word: &str| {
            let path = Path::new(word);
            path.is_absolute() || path.components().any(|part| part == Component::ParentDir)
        };
        let script = self.path.as_deref();
        let names_it = |word: &String| leads_out(word) && script == Some(directory.join(word).as_path());
        if let Some(at) = self.command.iter().position(names_it) {
            let place = place.to_string_lossy();
            self.command[at] = if at == 0 { format!("./{place}") } else { place.into_owned() };
        }
    }
}

/// Finds out what the words mean in a directory; with `multi` the first word is a file of commands.
pub fn resolve(words: &[String], directory: &Path, multi: bool) -> Result<Vec<Launchable>> {
    let Some(first) = words.first() else {
        return Err(OpsError::Refused(
            "nothing to run: name a script or a program, as in `xt run train.py`".into(),
        ));
    };
    if !multi {
        return Ok(vec![one(words, directory)?]);
    }
    let path = directory.join(first);
    let text = std::fs::read_to_string(&path).map_err(OpsError::io("read the list of commands", &path))?;
    let mut commands = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let broken = |error: shell_words::ParseError| {
            OpsError::Refused(format!("{}:{number}: {error}", path.display()))
        };
        let mut line = shell_words::split(line).map_err(broken)?;
        line.extend_from_slice(&words[1..]);
        commands.push(one(&line, directory)?);
    }
    if commands.is_empty() {
        return Err(OpsError::Refused(format!("{} has no commands in it", path.display())));
    }
    Ok(commands)
}

/// The script that a parent runs before its children, as in `--parent-script='prepare.py --quick'`.
pub fn parent_script(line: &str, directory: &Path) -> Result<Launchable> {
    let broken = |error| OpsError::Refused(format!("--parent-script={}: {error}", visible(line)));
    let words = shell_words::split(line).map_err(broken)?;
    if words.is_empty() {
        return Err(OpsError::Refused("--parent-script names no script".to_owned()));
    }
    one(&words, directory)
}

fn one(words: &[String], directory: &Path) -> Result<Launchable> {
    let word = words.first().map(String::as_str).unwrap_or_default();
    let file = directory.join(word);
    if file.is_file() && !is_foreign_program(&file, directory) {
        return script(words, &file);
    }
    if !file.is_file() && (word.contains('/') || looks_like_script(word) || find_program(word).is_none()) {
        return Err(missing(word, directory));
    }
    let path = words[1..].iter().map(|word| directory.join(word)).find(|path| path.is_file());
    let script = path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let mut command = words.to_vec();
    if word.contains('/') && !Path::new(word).is_absolute() {
        // It stays where it is, whether it is taken along (`.venv/bin/python` seldom is) or not.
        command[0] =
            std::path::absolute(&file).map_err(OpsError::io("find", &file))?.to_string_lossy().into_owned();
    }
    Ok(Launchable {
        command,
        script: script.unwrap_or_else(|| word.to_owned()),
        path,
        app: file.file_name().map_or_else(|| word.into(), |name| name.to_string_lossy()).into_owned(),
    })
}

/// A program named by its path that is not the person's own work, as `/bin/sleep` or `.venv/bin/python` (which
/// leads out of the directory): what it is given to run may be.
fn is_foreign_program(file: &Path, directory: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    is_executable(file)
        && !file.to_str().is_some_and(looks_like_script)
        && !real(file).starts_with(real(directory))
}

/// A file of the person's own: started by its interpreter, or by itself.
fn script(words: &[String], file: &Path) -> Result<Launchable> {
    let word = &words[0];
    let interpreter = match extension(word) {
        Some("py") => Some(
            ["python3", "python"].into_iter().find(|name| find_program(name).is_some()).ok_or_else(|| {
                OpsError::Refused(format!(
                    "no python3 is on PATH to run {}: install one, or activate its environment",
                    visible(word)
                ))
            })?,
        ),
        Some("sh") => Some("bash"),
        _ if is_executable(file) => None,
        _ => {
            return Err(OpsError::Refused(format!(
                "{} is neither executable nor of a kind xt can start: chmod +x it, or name its interpreter (xt run ruby {})",
                visible(word),
                visible(word)
            )));
        }
    };
    let mut command: Vec<_> = interpreter.map(str::to_owned).into_iter().collect();
    // A program in the directory itself is found by the kernel only with a path.
    command.push(if interpreter.is_none() && !word.contains('/') {
        format!("./{word}")
    } else {
        word.clone()
    });
    command.extend_from_slice(&words[1..]);
    let name = file.file_name().map_or_else(|| word.clone(), |name| name.to_string_lossy().into_owned());
    Ok(Launchable {
        app: interpreter.map_or_else(|| name.clone(), str::to_owned),
        command,
        script: name,
        path: Some(file.to_path_buf()),
    })
}

fn extension(word: &str) -> Option<&str> {
    Path::new(word).extension()?.to_str()
}

fn looks_like_script(word: &str) -> bool {
    matches!(extension(word), Some("py" | "sh"))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

/// Where a program is on PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file() && is_executable(file))
}

fn missing(word: &str, directory: &Path) -> OpsError {
    let place =
        Path::new(word).parent().map_or_else(|| directory.to_path_buf(), |parent| directory.join(parent));
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    let names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let wanted = Path::new(word).file_name().map_or(word.into(), |name| name.to_string_lossy());
    let near = nearest(&wanted, names.iter().map(String::as_str)).map(str::to_owned);
    OpsError::Missing { what: "script or program", name: visible(word), nearest: near }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        shell_words::split(line).unwrap()
    }

    // Proves A2, B1, B40.
    #[test]
    fn words_become_commands() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        std::fs::write(at.join("train.py"), "").unwrap();
        std::fs::write(at.join("go.sh"), "").unwrap();
        std::fs::write(at.join("tool"), "").unwrap();
        let run = |line: &str| resolve(&words(line), at, false).map(|mut all| all.remove(0));
        assert_eq!(run("train.py --lr=.03").unwrap().command, ["python3", "train.py", "--lr=.03"]);
        assert_eq!(run("go.sh a").unwrap().command, ["bash", "go.sh", "a"]);
        let given = run("python3 -O train.py").unwrap();
        assert_eq!((given.script.as_str(), given.app.as_str()), ("train.py", "python3"));
        assert!(given.path.is_some());
        assert_eq!(run("sleep 3d").unwrap().path, None);
        let by_path = run("/bin/sleep 3").unwrap();
        assert_eq!((by_path.path, by_path.app.as_str()), (None, "sleep"));
        std::fs::create_dir(at.join("venv")).unwrap();
        std::os::unix::fs::symlink("/bin/sh", at.join("venv/python")).unwrap();
        let of_venv = run("venv/python train.py").unwrap();
        assert_eq!((of_venv.script.as_str(), of_venv.app.as_str()), ("train.py", "python"));
        assert_eq!(of_venv.path, Some(at.join("train.py")));
        assert_eq!(of_venv.command, [at.join("venv/python").to_str().unwrap(), "train.py"]);
        let error = run("trian.py").unwrap_err().to_string();
        assert_eq!(error, "there is no script or program `trian.py`; did you mean `train.py`?");
        assert!(run("tool").unwrap_err().to_string().contains("chmod +x"));
        assert!(run("no-such-program-at-all").is_err());
    }

    #[test]
    fn a_list_of_commands_becomes_a_command_a_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("train.py"), "").unwrap();
        std::fs::write(folder.path().join("list.txt"), "# sweep\ntrain.py --lr=1\n\ntrain.py --lr='2 3'\n")
            .unwrap();
        let all = resolve(&words("list.txt --epochs=3"), folder.path(), true).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].command, ["python3", "train.py", "--lr=2 3", "--epochs=3"]);
        std::fs::write(folder.path().join("bad.txt"), "train.py\necho 'open\n").unwrap();
        let error = resolve(&words("bad.txt"), folder.path(), true).unwrap_err().to_string();
        assert!(error.contains("bad.txt:2: "), "{error}");
    }
}
