//! What runs the runs on a machine.
//!
//! The **controller** (`xt node`) is one process per machine and store: it claims runs, starts a **shim**
//! (`xt shim`) for each attempt, takes in what the runs say, and records how they end. It may die at any
//! time: all it knows is in the records and in the attempts' directories ([`attempt`]), where the next
//! controller finds it. The shim supervises one attempt and outlives controllers.

pub mod attempt;
pub mod control;
pub mod controller;
pub mod error;
pub mod events;
pub mod hardware;
pub mod inherit;
pub mod layout;
pub mod lock;
pub mod notify;
pub mod patience;
pub mod places;
pub mod process;
pub mod shim;
pub mod socket;

pub use error::NodeError;
pub use layout::Layout;

/// What the node's calls answer.
pub type Result<T> = std::result::Result<T, NodeError>;
