//! The `xt` program.
fn main() {}
