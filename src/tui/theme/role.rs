//! What a piece of the screen can mean, and what themes call it.

use std::fmt;

/// What a piece of the screen means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text; its colours are those of the whole screen.
    Text,
    /// Text that steps back: labels, units, what is not selected.
    Dim,
    /// Text that matters.
    Strong,
    /// The one accent: what is focused, what can be done.
    Accent,
    /// A key in the hints and the help.
    Key,
    /// A place to type.
    Field,
    /// The letters of a name that fit what was typed.
    Match,
    /// The title of a pane.
    Title,
    /// The title of the focused pane.
    TitleFocused,
    /// The border of a pane.
    Border,
    /// The border of the focused pane.
    BorderFocused,
    /// The selected row of the focused pane.
    Cursor,
    /// The selected row of another pane.
    CursorAway,
    /// A marked row's mark.
    Mark,
    /// A heading of a column.
    Heading,
    /// Something went well.
    Good,
    /// Something needs a look.
    Warning,
    /// Something went wrong.
    Error,
    /// A run that runs.
    Running,
    /// A run that is being started.
    Starting,
    /// A run that waits.
    Waiting,
    /// A run that ended well.
    Completed,
    /// A run that failed.
    Failed,
    /// A run that was ended.
    Cancelled,
    /// A run of which nobody knows.
    Lost,
    /// An error in a log.
    LogError,
    /// A warning in a log.
    LogWarning,
    /// What a log says for its authors.
    LogDebug,
    /// Text that a search has found in a log.
    Found,
    /// The first line of a chart.
    Chart1,
    /// The second.
    Chart2,
    /// The third.
    Chart3,
    /// The fourth.
    Chart4,
    /// The fifth.
    Chart5,
    /// The sixth.
    Chart6,
    /// The seventh.
    Chart7,
    /// The eighth.
    Chart8,
}

/// The groups of roles, which are the tables of a theme's file, each with its roles. In the order of [`Role`].
pub const GROUPS: [(&str, &[(&str, Role)]); 7] = [
    (
        "text",
        &[
            ("plain", Role::Text),
            ("dim", Role::Dim),
            ("strong", Role::Strong),
            ("accent", Role::Accent),
            ("key", Role::Key),
            ("field", Role::Field),
            ("match", Role::Match),
        ],
    ),
    (
        "pane",
        &[
            ("title", Role::Title),
            ("title-focused", Role::TitleFocused),
            ("border", Role::Border),
            ("border-focused", Role::BorderFocused),
        ],
    ),
    (
        "table",
        &[
            ("cursor", Role::Cursor),
            ("cursor-away", Role::CursorAway),
            ("mark", Role::Mark),
            ("heading", Role::Heading),
        ],
    ),
    ("message", &[("good", Role::Good), ("warning", Role::Warning), ("error", Role::Error)]),
    (
        "status",
        &[
            ("running", Role::Running),
            ("starting", Role::Starting),
            ("waiting", Role::Waiting),
            ("completed", Role::Completed),
            ("failed", Role::Failed),
            ("cancelled", Role::Cancelled),
            ("lost", Role::Lost),
        ],
    ),
    (
        "log",
        &[
            ("error", Role::LogError),
            ("warning", Role::LogWarning),
            ("debug", Role::LogDebug),
            ("found", Role::Found),
        ],
    ),
    (
        "chart",
        &[
            ("1", Role::Chart1),
            ("2", Role::Chart2),
            ("3", Role::Chart3),
            ("4", Role::Chart4),
            ("5", Role::Chart5),
            ("6", Role::Chart6),
            ("7", Role::Chart7),
            ("8", Role::Chart8),
        ],
    ),
];

impl Role {
    /// How many there are.
    pub const COUNT: usize = Self::Chart8 as usize + 1;

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        GROUPS.iter().flat_map(|(_, roles)| *roles).map(|(_, role)| *role)
    }

    /// The line of a chart by its number, from zero; after the eighth it begins anew.
    pub const fn chart(number: usize) -> Self {
        const LINES: [Role; 8] = [
            Role::Chart1,
            Role::Chart2,
            Role::Chart3,
            Role::Chart4,
            Role::Chart5,
            Role::Chart6,
            Role::Chart7,
            Role::Chart8,
        ];
        LINES[number % LINES.len()]
    }
}

impl fmt::Display for Role {
    /// As a theme calls it: `status.running`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |(group, roles): &(&'static str, &'static [(&'static str, Self)])| {
            roles.iter().find(|(_, role)| role == self).map(|(name, _)| (*group, *name))
        };
        let (group, name) = GROUPS.iter().find_map(named).unwrap_or_default();
        write!(f, "{group}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves C1 (semantic roles).
    #[test]
    fn every_role_has_a_name_in_the_order_of_the_table() {
        assert!(Role::all().map(|role| role as usize).eq(0..Role::COUNT));
        assert_eq!(Role::Running.to_string(), "status.running");
        assert_eq!((Role::chart(0), Role::chart(9)), (Role::Chart1, Role::Chart2));
    }
}
