//! The submitter's environment: runs start in it, whoever's shell the controller was started from.

use indexmap::IndexMap;

use crate::config::secret::{Secret, names_secret};
use crate::config::typed::General;
use crate::node::places::VARIABLE as XT_MACHINE;
use crate::ops::{OpsError, Result};

/// Variables that belong to the terminal or to xt itself.
const LOCAL: [&str; 9] =
    ["TERM_SESSION_ID", "TMUX", "TMUX_PANE", "STY", "WINDOWID", "SHLVL", "_", "OLDPWD", "XT_CONFIG"];

/// What a run's environment is made of, and what was held back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    passed: Vec<(String, String)>,
    configured: IndexMap<String, Secret>,
    held_back: Vec<String>,
}

impl Environment {
    /// Names and values, references of the configuration resolved.
    pub fn resolve(&self) -> Result<Vec<(String, String)>> {
        let configured = self.configured.iter().map(|(name, secret)| {
            let value = secret.resolve();
            let told = |error| OpsError::Refused(format!("`general.env-vars.{name}`: {error}"));
            Ok((name.clone(), value.map_err(told)?))
        });
        self.passed.iter().cloned().map(Ok).chain(configured).collect()
    }

    /// The names alone, for the record.
    pub fn names(&self) -> Vec<String> {
        self.passed.iter().map(|(name, _)| name).chain(self.configured.keys()).cloned().collect()
    }

    /// Tells what was held back, for a script that misses it would fail in a puzzling way.
    pub fn note(&self) -> Option<String> {
        if self.held_back.is_empty() {
            return None;
        }
        let names = self.held_back.join(", ");
        Some(format!("not passed on, for they look like secrets: {names} (pass one with --env=NAME)"))
    }
}

/// Captures this process's environment, with the configuration's variables over it, and over these what was asked for.
pub fn capture(general: &General, asked: &[String]) -> Environment {
    filter(
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        general,
        asked,
    )
}

fn filter(
    variables: impl Iterator<Item = (String, String)>,
    general: &General,
    asked: &[String],
) -> Environment {
    let mut environment = Environment { configured: general.env_vars.clone(), ..Environment::default() };
    for (name, value) in variables {
        // Those of a run that submits another are not the new run's, but for where xt is at home.
        let is_home = name == "XT_HOME" || name == XT_MACHINE;
        if LOCAL.contains(&name.as_str()) || (name.starts_with("XT_") && !is_home) {
            continue;
        }
        let is_asked = asked.contains(&name);
        if is_asked {
            environment.configured.shift_remove(&name);
        } else if environment.configured.contains_key(&name) {
            continue;
        }
        if names_secret(&name) && !is_asked && !general.pass_env.contains(&name) {
            environment.held_back.push(name);
        } else {
            environment.passed.push((name, value));
        }
    }
    environment.held_back.sort();
    environment
}

/// The umask of this process. The kernel tells it only here without changing it.
pub fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let octal = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    octal.and_then(|octal| u32::from_str_radix(octal.trim(), 8).ok()).unwrap_or(0o022)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn captured(all: &[&str], config: &str, asked: &[&str]) -> Environment {
        let variables = all.iter().map(|name| ((*name).to_owned(), "mine".to_owned()));
        let options = vec![("general.env-vars".to_owned(), config.to_owned())];
        let mut loaded = load(&Sources { options, ..Sources::default() });
        assert_eq!(loaded.errors().next(), None);
        loaded.config.general.pass_env = vec!["HF_TOKEN".to_owned()];
        let asked: Vec<_> = asked.iter().map(|name| (*name).to_owned()).collect();
        filter(variables, &loaded.config.general, &asked)
    }

    // Proves P10: what looks like a secret is not passed on unasked.
    #[test]
    fn secrets_stay_behind_unless_asked_for() {
        let all = [
            "PATH",
            "WANDB_API_KEY",
            "HF_TOKEN",
            "XT_RUN_NAME",
            "XT_HOME",
            "XT_MACHINE",
            "TMUX",
            "MY_PASSWORD",
        ];
        let environment = captured(&all, "{}", &[]);
        assert_eq!(environment.names(), ["PATH", "HF_TOKEN", "XT_HOME", "XT_MACHINE"]);
        let note = environment.note().unwrap();
        assert!(note.contains("MY_PASSWORD, WANDB_API_KEY"), "{note}");
    }

    // Proves A10 (`general.env-vars`): a person's variables, then the configuration's, then those of the command line.
    #[test]
    fn later_layers_of_the_environment_win() {
        let config = "{THREADS: 4, MODE: fast, API_KEY: hunter2, NEW: 1}";
        let environment = captured(&["THREADS", "MODE", "API_KEY", "OTHER"], config, &["MODE"]);
        let expected =
            [("MODE", "mine"), ("OTHER", "mine"), ("THREADS", "4"), ("API_KEY", "hunter2"), ("NEW", "1")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(environment.resolve().unwrap(), expected);
        assert_eq!(environment.names(), expected.map(|(name, _)| name));
        assert_eq!(environment.note(), None);
        assert!(!format!("{environment:?}").contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_had_refuses_the_submit_by_name() {
        let environment = captured(&[], "{A: $env:XT_NO_SUCH}", &[]);
        let message = environment.resolve().unwrap_err().to_string();
        assert!(
            message.starts_with("`general.env-vars.A`: the environment variable `XT_NO_SUCH`"),
            "{message}"
        );
    }

    #[test]
    fn the_umask_is_known() {
        assert!(umask() <= 0o777);
    }
}
