//! What the layers of a configuration are read from, as plain data.

use std::path::{Path, PathBuf};

use super::home::Home;

/// The name of every configuration file.
pub(super) const FILE_NAME: &str = "xt_config.yaml";

/// Where [`load`](super::load) looks, lowest layer first. Files that do not exist are no error, except
/// [`explicit`](Self::explicit).
///
/// Environment: `XT_CONFIG__<section>__<key>` or `XT_CONFIG__<section>__<entry>__<key>` sets any value; keys are
/// written with `_` for `-`, entry names as they are (`XT_CONFIG__boxes__vm10__max_runs=2`). For convenience
/// `XT_WORKSPACE`, `XT_EXPERIMENT` and `XT_USERNAME` stand for those keys of `general`, and `XT_TARGET` for
/// `xt-services.target`. Empty variables count as unset. Lists are separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The user's own file.
    pub user_file: Option<PathBuf>,
    /// The file of the working directory: it may come from a stranger's clone, so it may not name commands.
    pub project_file: Option<PathBuf>,
    /// The file named by `--xt-config`, read instead of `project_file`.
    pub explicit: Option<PathBuf>,
    /// Whose account this is, for `$username` where the environment does not tell.
    pub account: Option<String>,
    /// The environment.
    pub env: Vec<(String, String)>,
    /// Options as `section.key` and value.
    pub options: Vec<(String, String)>,
}

impl Sources {
    /// The real thing: the home's file, the working directory's, and this process's account and environment.
    pub fn standard(home: &Home, explicit: Option<PathBuf>, options: Vec<(String, String)>) -> Self {
        Self {
            user_file: Some(home.config_file()),
            project_file: Some(Path::new(FILE_NAME).to_path_buf()),
            explicit,
            account: Some(account_name()),
            env: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            options,
        }
    }

    /// The files, whether they exist or not.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let second = self.explicit.as_ref().or(self.project_file.as_ref());
        self.user_file.iter().chain(second).map(PathBuf::as_path)
    }

    /// The value of an environment variable, if it is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.env
            .iter()
            .rev()
            .find(|(other, value)| other == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// The account's name, or its number where no list of accounts knows it.
fn account_name() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut accounts = accounts.lines().map(|line| line.split(':'));
    let name = accounts.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1) == Some(uid.as_str())).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid{uid}"))
}
