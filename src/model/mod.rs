//! What exists: names, workspaces, jobs, runs, events, metrics, and the filter language. Pure.
