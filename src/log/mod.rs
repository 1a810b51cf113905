//! The bytes of a log: lines, carriage returns, ANSI, levels, search. No UI.
