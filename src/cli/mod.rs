//! The command line: clap in, text out. No logic of its own.
