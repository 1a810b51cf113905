//! Where runs run: one backend a file, each only launches, ends, resizes and describes controllers.
