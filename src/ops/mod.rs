//! The verbs: one file each, called by both faces.
