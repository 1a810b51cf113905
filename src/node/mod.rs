//! What runs the runs on a machine: the controller, and the shim that supervises one attempt.
