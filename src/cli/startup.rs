//! What a verb works with: home, configuration, store. The one place where the command line reads them.

use super::grammar::Globals;
use crate::config::{Config, Home};
use crate::ops::{Context, Result};
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

    /// Opens the store, as every verb but a few does; refuses when the configuration has errors.
    ///
    /// Whoever finds unfinished work and nobody doing it starts a controller; if that fails, the verb itself
    /// may still do what was asked.
    pub fn context(&self) -> Result<Context> {
        let ctx = self.open(Durability::Disk)?;
        let _ = ctx.ensure_controller();
        Ok(ctx)
    }

    /// Opens the store for the controller itself.
    pub fn node(&self) -> Result<Context> {
        self.open(Durability::System)
    }

    fn open(&self, durability: Durability) -> Result<Context> {
        let home = Home::from_env()?;
        let config = self.config()?;
        Context::open(home, config, durability)
    }

    fn config(&self) -> Result<Config> {
        let mut config = Config::default();
        for (key, value) in &self.globals.set {
            if key == "internal.controller-idle" {
                config.internal.controller_idle = value.parse().unwrap_or(30.0);
            }
        }
        Ok(config)
    }
}
