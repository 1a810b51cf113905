//! What the UI knows and how it changes: a model, messages, a pure update, effects as data.

pub mod act;
pub mod board;
pub mod click;
pub mod columns;
pub mod compare;
pub mod detail;
pub mod dialog;
pub mod effect;
pub mod filter;
pub mod form;
pub mod layout;
pub mod ledger;
pub mod list;
pub mod log;
pub mod message;
pub mod model;
pub mod nodes;
pub mod palette;
pub mod rerun;
pub mod runs;
pub mod screen;
pub mod session;
pub mod sheet;
pub mod tab;
pub mod tagging;
pub mod topics;
pub mod tree;
pub mod trends;
pub mod update;

pub use effect::{Effect, Generation, TaskId};
pub use layout::Pane;
pub use message::Msg;
pub use model::Model;
pub use screen::Screen;
pub use tab::Tab;
pub use update::update;
