//! `xt_config.yaml`: schema, layers, validation, and where each value came from.
//!
//! [`load`] reads the layers of [`Sources`], lowest first: built-in defaults, the user's own file, the file
//! of the working directory (or the one named by `--xt-config`), the environment, options. It never fails
//! as a whole: what is wrong becomes a [`Diagnostic`], and the layer below stays in force there.
//!
//! One table, [`schema::SECTIONS`], says what may be written; validation, defaults, [`template`] and
//! [`documentation`] all come from it.

mod diagnostic;
mod document;
pub mod home;
mod load;
mod merge;
pub mod patterns;
mod read;
pub mod schema;
pub mod secret;
mod services;
mod show;
mod sources;
#[cfg(test)]
mod tests;
mod tree;
pub mod typed;
mod validate;
mod yaml;

pub use diagnostic::{Diagnostic, Origin, Severity};
pub use document::{documentation, template};
pub use home::{Home, HomeError};
pub use load::{Loaded, load};
pub use secret::{Secret, SecretError};
pub use services::ServiceError;
pub use show::{ShownValue, show};
pub use sources::Sources;
pub use tree::{Node, Value};
pub use typed::Config;
