//! The terminal UI: a pure model and update, an executor for effects, one thread that owns the screen.
