//! What a verb works with: home, configuration, store. The one place where the command line reads them.

use super::grammar::{Globals, Screen};
use super::out::Out;
use crate::config::{self, Home, Loaded, Sources};
use crate::ops::{Context, OpsError, Result};
use crate::store::sqlite::Durability;

/// The surroundings of this command, opened when a verb needs them.
#[derive(Debug)]
pub struct Startup {
    globals: Globals,
}

impl Startup {
    /// Opens nothing yet.
    pub const fn new(globals: Globals) -> Self {
        Self { globals }
    }

    /// How the terminal UI is wanted.
    pub const fn screen(&self) -> &Screen {
        &self.globals.screen
    }

    /// xt's own folders, made by nobody yet.
    pub fn home(&self) -> Result<Home> {
        Ok(Home::from_env()?)
    }

    /// The configuration and what is wrong with it: for verbs that are about just that.
    pub fn configuration(&self, home: &Home) -> Loaded {
        config::load(&self.sources(home))
    }

    /// Where the configuration is read from.
    pub fn sources(&self, home: &Home) -> Sources {
        Sources::standard(home, self.globals.xt_config.clone(), self.globals.set.clone())
    }

    /// Opens the store, as every verb but a few does; refuses when the configuration has errors.
    ///
    /// Whoever finds unfinished work and nobody doing it starts a controller; if that fails it is told, and the verb
    /// itself may still do what was asked.
    pub fn context(&self, out: &mut Out) -> Result<Context> {
        let home = self.home()?;
        home.create()?;
        let loaded = self.configuration(&home);
        let errors: Vec<_> = loaded.errors().map(ToString::to_string).collect();
        if !errors.is_empty() {
            let count = if errors.len() == 1 { "an error" } else { "errors" };
            return Err(OpsError::Refused(format!(
                "the configuration has {count}; `xt config --show` tells what is in force without\n{}",
                errors.join("\n")
            )));
        }
        let ctx = Context::open(home, loaded.config, Durability::Disk)?;
        if let Err(error) = ctx.ensure_controller() {
            out.warn(&format!("runs wait, and their controller could not be started: {error}"));
        }
        Ok(ctx)
    }

    /// Opens the store for the controller itself, which goes on with what of the configuration can be
    /// understood: runs need it whatever somebody is just editing.
    pub fn node(&self) -> Result<Context> {
        let home = self.home()?;
        let loaded = self.configuration(&home);
        Context::open(home, loaded.config, Durability::System)
    }
}
