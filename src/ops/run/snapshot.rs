//! Which files go along with a job.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use globset::Glob;
use ignore::WalkBuilder;

use super::Request;
use super::command::Launchable;
use crate::config::Home;
use crate::config::patterns::Patterns;
use crate::model::job::Snapshot;
use crate::ops::{Context, OpsError, Result};
use crate::report::shape;
use crate::store::code::{Entry, Manifest, Objects};

/// Never taken along, whatever the user's own list says: the history, caches, and xt's own configuration,
/// which may hold keys.
const NEVER: [&str; 5] = ["**/.git", "**/__pycache__", "**/*.pyc", "xt_config.yaml", "**/xt_config.yaml"];

/// The files that would go along.
#[derive(Debug, Default)]
pub struct Files {
    /// By their path in the snapshot: where they are now, and how large.
    files: BTreeMap<PathBuf, (PathBuf, u64)>,
}

impl Files {
    /// Paths and sizes.
    pub fn list(&self) -> impl Iterator<Item = (&Path, u64)> {
        self.files.iter().map(|(path, (_, size))| (path.as_path(), *size))
    }

    /// Where a file is in the snapshot, if it goes along.
    pub fn place_of(&self, file: &Path) -> Option<&Path> {
        let file = file.canonicalize().ok()?;
        self.files.iter().find(|(_, (from, _))| *from == file).map(|(place, _)| place.as_path())
    }

    /// Takes along a script from outside the root, under its own name beside the rest.
    fn add_outsider(&mut self, script: &Path, root: &Path) -> Result<()> {
        let failed = || OpsError::io("read", script);
        let real = script.canonicalize().map_err(failed())?;
        let Some(name) = real.file_name().filter(|_| !real.starts_with(root)) else { return Ok(()) };
        if self.place_of(&real).is_some() {
            return Ok(());
        }
        if self.files.contains_key(Path::new(name)) {
            return Err(OpsError::Refused(format!(
                "{} cannot go along beside another {}: give it a name of its own",
                script.display(),
                Path::new(name).display()
            )));
        }
        let size = real.metadata().map_err(failed())?.len();
        self.files.insert(PathBuf::from(name), (real, size));
        Ok(())
    }

    /// Puts the files into the store, those that are not there already.
    pub fn store(&self, objects: &Objects) -> Result<Snapshot> {
        let mut manifest = Manifest::default();
        for (path, (from, _)) in &self.files {
            let (hash, size) = put(objects, from)?;
            let executable = std::os::unix::fs::PermissionsExt::mode(
                &std::fs::metadata(from).map_err(OpsError::io("read", from))?.permissions(),
            ) & 0o100
                != 0;
            manifest.files.push(Entry { path: path.clone(), hash, size, executable });
        }
        let hash = objects.put_manifest(&manifest)?;
        Ok(Snapshot { hash, files: manifest.files.len() as u64, bytes: manifest.bytes() })
    }
}

/// The hash of a file whose contents are in the store when this returns. Most are there already, and then
/// nothing is copied.
fn put(objects: &Objects, file: &Path) -> Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    let mut source = File::open(file).map_err(OpsError::io("read", file))?;
    let size = io::copy(&mut source, &mut hasher).map_err(OpsError::io("read", file))?;
    let hash = hasher.finalize().to_hex().to_string();
    if objects.has(&hash) { Ok((hash, size)) } else { Ok(objects.put(file)?) }
}

/// Decides whether code goes along and which; refuses what is too large to be meant.
pub fn plan(
    ctx: &Context,
    request: &Request,
    launchables: &[Launchable],
    leader: Option<&Launchable>,
) -> Result<(Option<Files>, Vec<String>)> {
    let named = launchables.iter().chain(leader).find_map(|launchable| launchable.path.as_deref());
    // A command that names no file of the directory (`sleep 3d`, docker) needs none of it (B29).
    let wanted = request.code.unwrap_or(ctx.config.code.code_upload && named.is_some());
    if !wanted {
        return Ok((None, Vec::new()));
    }
    let root = root(&request.directory, named)?;
    let mut omit = ctx.config.code.code_omit.clone();
    omit.extend_from_slice(&request.code_omit);
    let omit = Omit::new(&omit)?.and_folders(&ctx.home);
    let mut found = Found::default();
    for pattern in &ctx.config.code.code_dirs {
        collect(&root, pattern, &omit, &mut found)?;
    }
    let leader = leader.and_then(|leader| leader.path.as_deref()).filter(|leader| Some(*leader) != named);
    if let Some(leader) = leader {
        found.files.add_outsider(leader, &root)?;
    }
    let total: u64 = found.files.files.values().map(|(_, size)| size).sum();
    let most = ctx.config.code.max_size;
    if total > most {
        return Err(OpsError::Refused(too_large(&found.files, total, most, &root)));
    }
    for script in [named, leader].into_iter().flatten() {
        if found.files.place_of(script).is_some() {
            continue;
        }
        found.notes.push(format!(
            "{} itself is left out of the snapshot by code-omit or an ignore file",
            script.display()
        ));
    }
    Ok((Some(found.files), found.notes))
}

/// The directory that `$scriptdir` means: that of the command, or the script's own when it lies elsewhere,
/// so that the command's relative paths stay true.
fn root(directory: &Path, script: Option<&Path>) -> Result<PathBuf> {
    let real = |path: &Path| path.canonicalize().map_err(OpsError::io("find", path));
    let directory = real(directory)?;
    match script.map(real).transpose()? {
        Some(script) if !script.starts_with(&directory) => {
            Ok(script.parent().map_or(directory, Path::to_path_buf))
        }
        _ => Ok(directory),
    }
}

#[derive(Default)]
struct Found {
    files: Files,
    notes: Vec<String>,
}

/// Collects the files of one entry of `code-dirs`: `$scriptdir/**`, `src/**`, `../common/**`, `*.py`.
fn collect(root: &Path, pattern: &str, omit: &Omit, found: &mut Found) -> Result<()> {
    let pattern = pattern.strip_prefix("$scriptdir").map_or(pattern, |rest| rest.trim_start_matches('/'));
    let (base, rest) = split(pattern);
    let folder = if base.as_os_str().is_empty() { root.to_path_buf() } else { root.join(&base) };
    let folder = without_dots(&std::path::absolute(&folder).map_err(OpsError::io("find", &folder))?);
    let matcher = Glob::new(if rest.is_empty() { "**" } else { rest })
        .map_err(|error| OpsError::Refused(format!("code-dirs has a pattern that cannot be read: {error}")))?
        .compile_matcher();
    // What lies outside goes under its own name, beside the rest.
    let prefix = folder
        .strip_prefix(root)
        .map_or_else(|_| folder.file_name().map(PathBuf::from).unwrap_or_default(), Path::to_path_buf);
    let mut walk = WalkBuilder::new(&folder);
    walk.hidden(false).require_git(false).git_global(true).add_custom_ignore_filename(".xtignore");
    let omitted = omit.clone();
    let top = folder.clone();
    walk.filter_entry(move |entry| {
        let path = entry.path();
        path.strip_prefix(&top).is_ok_and(|inside| !omitted.has(inside)) && !omitted.is_own(path)
    });
    for entry in walk.build() {
        let entry = entry.map_err(|error| {
            OpsError::Refused(format!(
                "cannot take the code along: {error}; leave it out with code-omit or .xtignore"
            ))
        })?;
        let path = entry.path();
        let Ok(inside) = path.strip_prefix(&folder) else { continue };
        if inside.as_os_str().is_empty() || !matcher.is_match(inside) {
            continue;
        }
        let Some(kind) = entry.file_type() else { continue };
        if kind.is_symlink() && path.is_dir() {
            found.notes.push(format!("{} is a link to a folder, which is not taken along", inside.display()));
            continue;
        }
        // Links to files are taken as the files they lead to; sockets and pipes are nobody's code.
        let Ok(meta) = path.metadata() else { continue };
        if meta.is_file() {
            found.files.files.insert(prefix.join(inside), (path.to_path_buf(), meta.len()));
        }
    }
    Ok(())
}

/// The path without `..`: a snapshot's paths lead nowhere else.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            clean.pop();
        } else {
            clean.push(part);
        }
    }
    clean
}

/// The part of a pattern before its first wildcard is a folder, the rest is matched below it.
fn split(pattern: &str) -> (PathBuf, &str) {
    let wildcard = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    let cut = pattern[..wildcard].rfind('/').map_or(0, |slash| slash + 1);
    let (base, rest) = pattern.split_at(cut);
    (PathBuf::from(base.trim_end_matches('/')), rest)
}

/// What is left out.
#[derive(Clone)]
struct Omit {
    patterns: Patterns,
    /// xt's own folders: a store does not go into itself, nor keys into a snapshot.
    own: Vec<PathBuf>,
}

impl Omit {
    fn new(patterns: &[String]) -> Result<Self> {
        let own = patterns.iter().map(String::as_str);
        let patterns = Patterns::of_names(NEVER.into_iter().chain(own))
            .map_err(|error| OpsError::Refused(format!("code-omit: {error}")))?;
        Ok(Self { patterns, own: Vec::new() })
    }

    fn and_folders(mut self, home: &Home) -> Self {
        let folders = [&home.config, &home.data, &home.cache, &home.runtime];
        self.own = folders.into_iter().filter_map(|folder| folder.canonicalize().ok()).collect();
        self
    }

    fn has(&self, path: &Path) -> bool {
        self.patterns.matches(path)
    }

    fn is_own(&self, path: &Path) -> bool {
        self.own.iter().any(|folder| folder == path)
    }
}

fn too_large(files: &Files, total: u64, most: u64, root: &Path) -> String {
    let mut largest: Vec<_> = files.list().collect();
    largest.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let lines: Vec<_> = largest
        .iter()
        .take(5)
        .map(|(path, size)| format!("  {:>10}  {}", shape::bytes(*size), path.display()))
        .collect();
    format!(
        "the code in {} would be {} ({} files), more than {}: is it the right directory? The largest:\n{}\n\
         leave files out with .xtignore or code-omit, raise code.max-size, or take no code along with --code=no",
        root.display(),
        shape::bytes(total),
        files.files.len(),
        shape::bytes(most),
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &Found) -> Vec<String> {
        found.files.list().map(|(path, _)| path.display().to_string()).collect()
    }

    // Proves A2, B23: `.git` stays out when the user adds patterns of his own; ignore files are respected together.
    #[test]
    fn the_right_files_go_along() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("project");
        for (file, text) in [
            ("train.py", ""),
            (".git/HEAD", ""),
            ("src/__pycache__/a.pyc", ""),
            ("src/model.py", ""),
            (".gitignore", "data/\n"),
            (".xtignore", "*.ckpt\n"),
            ("data/big.bin", ""),
            ("old.ckpt", ""),
            ("notes.log", ""),
            ("xt_config.yaml", ""),
            ("../common/util.py", ""),
        ] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let omit = Omit::new(&["*.log".to_owned()]).unwrap();
        let mut found = Found::default();
        collect(&root, "$scriptdir/**", &omit, &mut found).unwrap();
        assert_eq!(names(&found), [".gitignore", ".xtignore", "src/model.py", "train.py"]);
        collect(&root, "../common/**", &omit, &mut found).unwrap();
        assert!(names(&found).contains(&"common/util.py".to_owned()));
        let mut some = Found::default();
        collect(&root, "src/*.py", &omit, &mut some).unwrap();
        assert_eq!(names(&some), ["src/model.py"]);
    }
}
