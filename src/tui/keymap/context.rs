//! Where a key is pressed: what its meaning depends on, and the tables of a keymap that speak of it.

use crate::tui::app::{Pane, Tab};

/// A part of the screen with keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyContext {
    /// The workspaces.
    Workspaces,
    /// The jobs.
    Jobs,
    /// The runs.
    Runs,
    /// A tab of the selected run.
    Detail(Tab),
    /// The screen of machines.
    Nodes,
    /// The screen that compares runs.
    Compare,
    /// The screen of background tasks.
    Tasks,
    /// The screen of what went wrong.
    Errors,
    /// What lies over the panes to be read, answered or chosen from.
    Popup,
    /// The choice of the columns.
    Columns,
    /// The help topics.
    Topics,
    /// A form.
    Form,
    /// A line to type.
    Prompt,
}

impl KeyContext {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let lists = [Self::Workspaces, Self::Jobs, Self::Runs];
        let screens = [Self::Nodes, Self::Compare, Self::Tasks, Self::Errors];
        let over = [Self::Popup, Self::Columns, Self::Topics, Self::Form, Self::Prompt];
        lists.into_iter().chain(Tab::ALL.map(Self::Detail)).chain(screens).chain(over)
    }

    /// Whether it lies over the panes, and letters are commands in it.
    pub const fn is_popup(self) -> bool {
        matches!(self, Self::Popup | Self::Columns | Self::Topics)
    }

    /// Whether letters are text in it.
    pub const fn is_typing(self) -> bool {
        matches!(self, Self::Form | Self::Prompt)
    }

    /// That of a pane, whose detail shows a tab.
    pub const fn of(pane: Pane, tab: Tab) -> Self {
        match pane {
            Pane::Workspaces => Self::Workspaces,
            Pane::Jobs => Self::Jobs,
            Pane::Runs => Self::Runs,
            Pane::Detail => Self::Detail(tab),
        }
    }

    /// The name of its table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workspaces => "workspaces",
            Self::Jobs => "jobs",
            Self::Runs => "runs",
            Self::Detail(Tab::Log) => "logs",
            Self::Detail(Tab::Metrics) => "metrics",
            Self::Detail(Tab::Params) => "params",
            Self::Detail(Tab::Files) => "files",
            Self::Detail(Tab::Events) => "events",
            Self::Detail(Tab::Node) => "node",
            Self::Nodes => "nodes",
            Self::Compare => "compare",
            Self::Tasks => "tasks",
            Self::Errors => "errors",
            Self::Popup => "popup",
            Self::Columns => "columns",
            Self::Topics => "topics",
            Self::Form => "form",
            Self::Prompt => "prompt",
        }
    }

    /// The tables that speak of it; what an earlier one says goes before what a later one says.
    pub fn tables(self) -> impl Iterator<Item = Table> {
        let wide = match self {
            Self::Workspaces | Self::Jobs | Self::Runs => [Some(Table::List), None],
            Self::Detail(Tab::Metrics) => [Some(Table::Charts), Some(Table::Detail)],
            Self::Detail(_) => [Some(Table::Detail), None],
            Self::Compare => [Some(Table::Charts), None],
            Self::Columns | Self::Topics => [Some(Table::Of(Self::Popup)), None],
            Self::Nodes | Self::Tasks | Self::Errors | Self::Popup | Self::Form | Self::Prompt => {
                [None, None]
            }
        };
        let [first, second] = wide;
        let global = (!self.is_typing()).then_some(Table::Global);
        [Some(Table::Of(self)), first, second, global].into_iter().flatten()
    }
}

/// A table of a keymap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// Of all parts of the screen.
    Global,
    /// Of all lists.
    List,
    /// Of all tabs.
    Detail,
    /// Of all charts of metrics.
    Charts,
    /// Of one part.
    Of(KeyContext),
}

impl Table {
    /// All of them, the wide ones first.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Global, Self::List, Self::Detail, Self::Charts]
            .into_iter()
            .chain(KeyContext::all().map(Self::Of))
    }

    /// Its name in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::List => "list",
            Self::Detail => "detail",
            Self::Charts => "charts",
            Self::Of(context) => context.name(),
        }
    }

    /// Where its keys work, in a few words.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Global => "everywhere",
            Self::List => "in all lists",
            Self::Detail => "in all tabs of a run",
            Self::Charts => "where metrics are drawn",
            Self::Of(KeyContext::Workspaces | KeyContext::Jobs | KeyContext::Runs) => "in this list",
            Self::Of(KeyContext::Detail(_)) => "in this tab",
            Self::Of(KeyContext::Nodes | KeyContext::Compare | KeyContext::Tasks | KeyContext::Errors) => {
                "on this screen"
            }
            Self::Of(KeyContext::Popup) => "in what lies over the panes",
            Self::Of(KeyContext::Columns) => "where columns are chosen",
            Self::Of(KeyContext::Topics) => "in the help topics",
            Self::Of(KeyContext::Form) => "in forms; letters are text",
            Self::Of(KeyContext::Prompt) => "where a line is typed; letters are text",
        }
    }

    /// The parts of the screen it speaks of.
    pub fn contexts(self) -> impl Iterator<Item = KeyContext> {
        KeyContext::all().filter(move |context| context.tables().any(|table| table == self))
    }
}
