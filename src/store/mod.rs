//! Where records and files are kept.
