//! Hyperparameter search and early stopping. Pure.
