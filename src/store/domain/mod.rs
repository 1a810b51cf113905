//! What changes of records mean, whatever keeps them: pure, and the same for every store.

pub mod birth;
pub mod blocks;
pub mod counts;
pub mod dependents;
pub mod endings;
pub mod leader;
pub mod order;
pub mod parent;
pub mod patch;
pub mod said;
