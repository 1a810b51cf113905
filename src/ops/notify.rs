//! Who is told that runs have ended: what holds for a submit, and `xt notify test`.

use crate::config::typed::Notify;
use crate::model::notify::Level;
use crate::node::notify::{Channels, Message, Output, Patience, Told};
use crate::ops::{Context, OpsError, Result};

/// Who is told, as configured.
pub fn channels(config: &Notify) -> Channels {
    Channels { command: config.command.clone(), url: config.url.clone() }
}

/// Of which ends of a job somebody is told: as asked, else as configured; of nothing when there is nobody.
pub fn level(config: &Notify, asked: Option<Level>) -> Level {
    if channels(config).is_empty() { Level::None } else { asked.unwrap_or(config.on) }
}

/// A warning for whoever asks for what he will not get.
pub fn nobody(config: &Notify, asked: Option<Level>) -> Option<String> {
    let wants = asked.is_some_and(|asked| asked != Level::None);
    (wants && channels(config).is_empty()).then(|| {
        "nobody is told when it ends: set `command` or `url` under `notify` in your configuration".to_owned()
    })
}

/// Sends a message to everybody who is configured; what a command prints is shown.
pub fn test(ctx: &Context) -> Result<Vec<Told>> {
    let channels = channels(&ctx.config.notify);
    if channels.is_empty() {
        return Err(OpsError::Refused(
            "there is nobody to tell: set `command` or `url` under `notify` in your configuration \
             (`xt config --create` writes one; `xt help queue` tells more)"
                .to_owned(),
        ));
    }
    let message = Message::test(&ctx.workspace(None), &ctx.username, &ctx.box_name);
    Ok(channels.tell(&message, Patience::default(), Output::Shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::secret::Secret;

    // Proves C11: a submit may say otherwise, and nothing is kept for nobody.
    #[test]
    fn a_submit_decides_if_there_is_somebody() {
        let nobody_there = Notify { on: Level::Failure, command: None, url: None };
        let somebody = Notify { command: Some(Secret::inline("true")), ..nobody_there.clone() };
        assert_eq!(level(&nobody_there, Some(Level::End)), Level::None);
        assert_eq!(level(&somebody, None), Level::Failure);
        assert_eq!(level(&somebody, Some(Level::None)), Level::None);
        assert!(nobody(&nobody_there, Some(Level::End)).is_some());
        assert_eq!(nobody(&nobody_there, Some(Level::None)), None);
        assert_eq!(nobody(&nobody_there, None), None);
        assert_eq!(nobody(&somebody, Some(Level::End)), None);
    }
}
