//! Every screen at every size, in the colours of the terminal and of the light theme, without colour, and in ASCII.
// Proves C1 (the screen at every size, without colour, in ASCII), C2 (an empty store teaches), C7, A8, B11.
//
// One snapshot holds all looks of a screen: the glyphs and the styles in the terminal's colours in full, of the others what differs.

use std::collections::HashSet;
use std::fmt::Write as _;

use rstest::rstest;

use crate::tui::app::Model;
use crate::tui::app::model::Severity;
use crate::tui::picture::{Means, Pictures};
use crate::tui::testing::{World, draw, glyphs, styles};
use crate::tui::theme::Theme;

/// The looks of one screen.
struct Looks {
    dark: (String, String),
    light: (String, String),
    plain: (String, String),
    ascii: (String, String),
}

impl Looks {
    fn of(model: &Model) -> Self {
        let look = |theme: &Theme| {
            let (_, buffer) = draw(model, theme);
            (glyphs(&buffer), styles(&buffer))
        };
        Self {
            dark: look(&Theme::new(true, true)),
            light: look(&Theme::shipped("light")),
            plain: look(&Theme::new(false, true)),
            ascii: look(&Theme::new(true, false)),
        }
    }

    /// All of them in one text: each row that a look shares with the first is left out.
    fn snapshot(&self) -> String {
        let (glyphs, styles) = &self.dark;
        let mut all = format!("{glyphs}--- dark\n{styles}");
        let _ = write!(all, "--- light\n{}", other_rows(&self.light.1, styles));
        let _ = write!(all, "--- without colour\n{}", other_rows(&self.plain.1, styles));
        // Curves that have no colours have signs.
        for (look, (rows, _)) in [("without colour", &self.plain), ("in ASCII", &self.ascii)] {
            let rows = other_rows(&numbered(rows), &numbered(glyphs));
            if !rows.is_empty() {
                let _ = write!(all, "--- {look}\n{rows}");
            }
        }
        all
    }
}

/// The rows of a text that are not in another; all have their numbers.
fn other_rows(text: &str, other: &str) -> String {
    let others: HashSet<&str> = other.lines().collect();
    text.lines().filter(|row| !others.contains(row)).flat_map(|row| [row, "\n"]).collect()
}

fn numbered(text: &str) -> String {
    text.lines().enumerate().fold(String::new(), |all, (y, row)| all + &format!("{y:>2}: {row}\n"))
}

/// A screen by its name: the keys that lead there from the start.
fn screen(name: &str, size: (u16, u16)) -> Model {
    let keys = match name {
        "main" | "empty" | "toasts" => "",
        "workspaces" => "1 z",
        "jobs" => "2 z",
        "runs" => "3 space space z",
        "hidden" => "1 H 2 H",
        "log" => "4 z",
        "log_search" => "4 z / l o s s enter N N",
        "metrics" => "5 z",
        "params" => "6 z down",
        "files" => "7 z down",
        "picture" => "7 G enter z",
        "events" => "8 z",
        "node" => "9 z",
        "compare" => "space space v",
        "nodes" => "0",
        "tasks" => "x y T",
        "errors" => "!",
        "help" => "?",
        "topics" => "? enter down down",
        "sheet" => "d",
        "confirm" => "space space x",
        "rerun" => "r tab ctrl-u . 1",
        "tags" => "t b e s t",
        "columns" => "C down down space",
        "sort" => "S",
        "palette" => ": r e",
        "filter" => "/ e r r o r",
        "which_key" => "g",
        _ => panic!("no screen is called {name}"),
    };
    let mut world = if name == "empty" { World::empty() } else { World::usual() };
    let mut model = world.model(size);
    // Half blocks in every look: what they show of a picture is tried elsewhere.
    model.means = Means::from_env(Pictures::Auto, |name| (name == "NO_COLOR").then(|| "1".to_owned()));
    if matches!(name, "toasts" | "errors") {
        model.tell(Severity::Good, "cancelled run41.3");
        let text = "the store /home/x/.local/share/xt is busy: another process has kept it locked; try again";
        model.tell(Severity::Error, text);
    }
    world.press(&mut model, keys);
    model
}

#[rstest]
fn every_screen_in_every_look(
    #[values(
        "main",
        "empty",
        "toasts",
        "workspaces",
        "jobs",
        "runs",
        "hidden",
        "log",
        "log_search",
        "metrics",
        "params",
        "files",
        "picture",
        "events",
        "node",
        "compare",
        "nodes",
        "tasks",
        "errors",
        "help",
        "topics",
        "sheet",
        "confirm",
        "rerun",
        "tags",
        "columns",
        "sort",
        "palette",
        "filter",
        "which_key"
    )]
    name: &str,
    #[values((40, 12), (80, 24), (120, 40), (220, 60))] size: (u16, u16),
) {
    let looks = Looks::of(&screen(name, size));
    let here = format!("{name} at {}x{}", size.0, size.1);

    assert_eq!(looks.light.0, looks.dark.0, "{here}");
    for row in looks.ascii.0.lines() {
        // What a script printed is its own.
        assert!(row.is_ascii() || row.contains("loading data"), "{here}: {row}");
    }
    for colour in
        ["red", "green", "yellow", "blue", "magenta", "cyan", "gray", "black", "white", "rgb", "indexed"]
    {
        assert!(!looks.plain.1.contains(colour), "{here}: {}", looks.plain.1);
    }

    insta::with_settings!({ snapshot_path => "../snapshots/matrix", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), looks.snapshot());
    });
}
