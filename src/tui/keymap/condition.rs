//! `when`: conditions on what the screen shows. A small closed set; a keymap cannot compute.

use std::fmt;

/// Something that is so, or is not so, at the moment a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The selected workspace shows its experiments.
    TreeOpen,
    /// The selected workspace has experiments and hides them.
    TreeClosed,
    /// A run is selected.
    RunSelected,
    /// The selected run has not ended.
    RunActive,
    /// The selected run runs right now.
    RunRunning,
    /// The selected run failed.
    RunFailed,
    /// The selected job has not ended.
    JobActive,
    /// The selected job is held.
    JobHeld,
    /// Runs are marked.
    MarksAny,
    /// The runs are filtered.
    FilterAny,
    /// The log follows its end.
    LogFollowing,
    /// Long lines of the log are wrapped.
    LogWrapped,
    /// One pane has the whole screen.
    PaneZoomed,
}

impl Fact {
    /// All of them, by the names that keymaps use.
    pub const ALL: [(&'static str, Self); 13] = [
        ("tree.open", Self::TreeOpen),
        ("tree.closed", Self::TreeClosed),
        ("run.selected", Self::RunSelected),
        ("run.active", Self::RunActive),
        ("run.running", Self::RunRunning),
        ("run.failed", Self::RunFailed),
        ("job.active", Self::JobActive),
        ("job.held", Self::JobHeld),
        ("marks.any", Self::MarksAny),
        ("filter.any", Self::FilterAny),
        ("log.following", Self::LogFollowing),
        ("log.wrapped", Self::LogWrapped),
        ("pane.zoomed", Self::PaneZoomed),
    ];
}

/// What is so at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u32);

impl Facts {
    /// With a fact that is so, or not.
    #[must_use]
    pub const fn with(self, fact: Fact, so: bool) -> Self {
        if so { Self(self.0 | 1 << fact as u32) } else { self }
    }

    /// Whether it is so.
    pub const fn has(self, fact: Fact) -> bool {
        self.0 & (1 << fact as u32) != 0
    }
}

/// Facts that must all be so, or not be so: `run.active && !marks.any`. An empty one always holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition(Vec<(Fact, bool)>);

impl Condition {
    /// Reads it; the error is the word that is no condition.
    pub fn parse(text: &str) -> Result<Self, String> {
        let part = |part: &str| {
            let part = part.trim();
            let (name, wanted) = part.strip_prefix('!').map_or((part, true), |name| (name.trim(), false));
            let fact = Fact::ALL.iter().find(|(known, _)| *known == name);
            fact.map(|(_, fact)| (*fact, wanted)).ok_or_else(|| name.to_owned())
        };
        text.split("&&").map(part).collect::<Result<_, _>>().map(Self)
    }

    /// Whether it holds.
    pub fn holds(&self, facts: Facts) -> bool {
        self.0.iter().all(|(fact, wanted)| facts.has(*fact) == *wanted)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (fact, wanted)) in self.0.iter().enumerate() {
            let name = Fact::ALL.iter().find(|(_, known)| known == fact).map_or("", |(name, _)| *name);
            write!(f, "{}{}{name}", if at > 0 { " && " } else { "" }, if *wanted { "" } else { "!" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves C1 (conditions of keys).
    #[rstest]
    #[case("marks.any", true)]
    #[case("!marks.any", false)]
    #[case("marks.any&&!run.active", true)]
    #[case("marks.any && run.active", false)]
    #[case(" ! run.active ", true)]
    fn conditions(#[case] text: &str, #[case] holds: bool) {
        let facts = Facts::default().with(Fact::MarksAny, true).with(Fact::RunActive, false);
        let condition = Condition::parse(text).unwrap();
        assert_eq!(condition.holds(facts), holds);
        assert_eq!(Condition::parse(&condition.to_string()), Ok(condition));
    }

    #[rstest]
    #[case("", "")]
    #[case("marks.any &&", "")]
    #[case("marks", "marks")]
    #[case("marks.any || run.active", "marks.any || run.active")]
    fn what_is_no_condition(#[case] text: &str, #[case] word: &str) {
        assert_eq!(Condition::parse(text), Err(word.to_owned()));
    }
}
