//! How values on the command line are read; what is wrong with one is said in a few words, after which clap
//! names the option.

use std::time::Duration;

use crate::model::Status;
use crate::model::names::nearest;
use crate::model::notify::Level;

/// `name=value`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write name=value".to_owned()),
    }
}

/// `none`, `job`, `failure`, `end`.
pub fn notify(text: &str) -> Result<Level, String> {
    Level::from_word(text).ok_or_else(|| format!("write one of {}", Level::WORDS.join(", ")))
}

/// `yes`, `no`, and the other words for them.
pub fn yes_no(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "1" | "on" => Ok(true),
        "no" | "false" | "0" | "off" => Ok(false),
        _ => Err("write yes or no".to_owned()),
    }
}

/// A number of seconds.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
    number.ok_or_else(|| "write a number of seconds".to_owned())
}

/// A number from 0 to 1.
pub fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "write a number from 0 to 1".to_owned())
}

/// A status word.
pub fn status(word: &str) -> Result<Status, String> {
    let words = Status::ALL.map(Status::word);
    if let Some(status) = Status::ALL.into_iter().find(|status| status.word() == word) {
        return Ok(status);
    }
    Err(match nearest(word, words) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", words.join(", ")),
    })
}
