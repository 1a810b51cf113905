//! The submitter's environment: runs start in it, whoever's shell the controller was started from.

use crate::node::places::VARIABLE as XT_MACHINE;

/// Parts of names that look like secrets'.
const SECRETS: [&str; 8] = ["KEY", "SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "CONN_STR", "SAS"];

/// Variables that belong to the terminal or to xt itself.
const LOCAL: [&str; 9] =
    ["TERM_SESSION_ID", "TMUX", "TMUX_PANE", "STY", "WINDOWID", "SHLVL", "_", "OLDPWD", "XT_CONFIG"];

/// What is passed on, and what was held back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    passed: Vec<(String, String)>,
    held_back: Vec<String>,
}

impl Environment {
    /// Names and values.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.passed
    }

    /// The names alone, for the record.
    pub fn names(&self) -> Vec<String> {
        self.passed.iter().map(|(name, _)| name.clone()).collect()
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

/// Captures this process's environment.
pub fn capture(configured: &[String], asked: &[String]) -> Environment {
    filter(
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        configured,
        asked,
    )
}

fn filter(
    variables: impl Iterator<Item = (String, String)>,
    configured: &[String],
    asked: &[String],
) -> Environment {
    let mut environment = Environment::default();
    for (name, value) in variables {
        // Those of a run that submits another are not the new run's, but for where xt is at home.
        let is_home = name == "XT_HOME" || name == XT_MACHINE;
        if LOCAL.contains(&name.as_str()) || (name.starts_with("XT_") && !is_home) {
            continue;
        }
        let wanted = configured.contains(&name) || asked.contains(&name);
        let upper = name.to_uppercase();
        if SECRETS.iter().any(|part| upper.contains(part)) && !wanted {
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
        let variables = all.iter().map(|name| ((*name).to_owned(), "v".to_owned()));
        let environment = filter(variables, &["HF_TOKEN".to_owned()], &[]);
        assert_eq!(environment.names(), ["PATH", "HF_TOKEN", "XT_HOME", "XT_MACHINE"]);
        let note = environment.note().unwrap();
        assert!(note.contains("MY_PASSWORD, WANDB_API_KEY"), "{note}");
    }

    #[test]
    fn the_umask_is_known() {
        assert!(umask() <= 0o777);
    }
}
