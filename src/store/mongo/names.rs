//! The collections and the fields that are xt's own; all others are `XTLib`'s.

/// Jobs, as `XTLib` has them.
pub const JOBS: &str = "__jobs__";
/// What is known of the database as a whole, as `XTLib` has it; a document of ours tells the version.
pub const INFO: &str = "__mongo_info__";
/// Workspaces and the numbers they give out, as `XTLib` has them.
pub const WORKSPACES: &str = "ws_counters";
/// Counters of ours.
pub const COUNTERS: &str = "__xt_counters__";
/// Submits by their tokens, and what is left to do of them.
pub const SUBMITS: &str = "__xt_submits__";
/// What is no more, for those who watch.
pub const GONE: &str = "__xt_gone__";
/// Runs that were deleted.
pub const TRASH: &str = "__xt_trash__";
/// Ends that are to be told.
pub const ENDINGS: &str = "__xt_endings__";
/// Signs of life.
pub const NODES: &str = "__xt_nodes__";
/// What was measured of runs: a document a run, which names the blocks.
pub const LOAD: &str = "__xt_load__";
/// Blocks of history: metrics and load.
pub const BLOCKS: &str = "__xt_blocks__";
/// Events of runs that have said more than their documents should hold.
pub const EVENTS: &str = "__xt_events__";

/// What the fields of ours begin with.
pub const OURS: &str = "_xt_";
/// The stamp of the last change.
pub const STAMP: &str = "_xt_stamp";
/// The last write, by a token of its own: a change is applied to what its writer has seen, or not at all.
pub const REV: &str = "_xt_rev";
/// The tokens of the last writes: whose answer was lost finds here whether it took place.
pub const PAST: &str = "_xt_past";
/// The home whose controller starts it.
pub const OWNER: &str = "_xt_owner";
/// Of a job: somebody's controller may have something to do with it.
pub const LIVE: &str = "_xt_live";
/// Of a job: changes of its runs that its document does not show yet.
pub const OPEN: &str = "_xt_open";
/// Of a job: it waits for others.
pub const WAITING: &str = "_xt_waiting";
/// Of a job: the workspaces in which it has runs.
pub const SPREAD: &str = "_xt_workspaces";
/// Of a job that has just ended: under which token its end is to be told.
pub const ENDED: &str = "_xt_ended";
/// Of a run that has just ended: its end is to be told.
pub const UNTOLD: &str = "_xt_untold";
/// Log calls taken in so far.
pub const CALLS: &str = "_xt_calls";
/// By metric, the blocks of its history: a list of tokens and numbers of points.
pub const HISTORY: &str = "_xt_history";
/// By file, how far it was taken in.
pub const SOURCES: &str = "_xt_sources";
/// Marks a metric event that was mirrored for `XTLib`'s readers: it is in the history too.
pub const MIRROR: &str = "_xt_mirror";
/// How many events lie beside its document.
pub const BESIDE: &str = "_xt_beside";
/// The events of a run.
pub const LOG: &str = "log_records";

/// The collection of a workspace's runs bears its name, so these names are no workspaces.
pub fn is_reserved(name: &str) -> bool {
    name.starts_with("__") || name.starts_with("system.") || name == WORKSPACES
}
