//! `xt_config.yaml`: schema, layers, validation, and where each value came from.
