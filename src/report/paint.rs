//! The colours of the command line, in one place.

use anstyle::{AnsiColor, Style};

use crate::model::Status;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing special.
    Plain,
    /// The head of a column.
    Heading,
    /// The title of a group.
    Group,
    /// A status word.
    Status(Status),
    /// Of less interest.
    Muted,
    /// What is typed, or stands in a file.
    Code,
    /// Leads elsewhere.
    Link,
    /// In another tone.
    Emphasis,
    /// A curve of a chart, by its palette index.
    Curve(usize),
    /// The points behind a smoothed curve.
    Behind(usize),
}

/// Curves next to each other in a legend are told apart on dark and on light terminals.
const CURVES: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::Magenta,
    AnsiColor::Green,
    AnsiColor::Red,
    AnsiColor::Blue,
];

/// Whether whoever looks at text understands Unicode: unless `XT_ASCII=1` or the locale says otherwise.
pub fn is_unicode(var: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    // Where nothing is said, UTF-8 is what nearly every terminal reads.
    let utf8 = locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    utf8 && set("XT_ASCII").is_none_or(|value| value == "0")
}

/// Colours, or none: state is told by words, colours only make them quicker to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    coloured: bool,
}

impl Paint {
    /// No colours: for a pipe, or as the user wishes.
    pub const fn plain() -> Self {
        Self { coloured: false }
    }

    /// The terminal's own 16 colours.
    pub const fn colour() -> Self {
        Self { coloured: true }
    }

    /// Whether there are colours.
    pub const fn is_coloured(self) -> bool {
        self.coloured
    }

    /// How a text of this role is styled.
    pub fn style(self, role: Role) -> Style {
        let style = Style::new();
        if !self.coloured {
            return style;
        }
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(anstyle::Color::Ansi(colour)));
        match role {
            Role::Plain => style,
            Role::Heading | Role::Group => style.bold(),
            Role::Muted => style.dimmed(),
            Role::Curve(index) => colour(CURVES[index % CURVES.len()]),
            Role::Behind(index) => colour(CURVES[index % CURVES.len()]).dimmed(),
            Role::Code => colour(AnsiColor::Cyan),
            Role::Link => style.underline(),
            Role::Emphasis => style.italic(),
            Role::Status(status) => match status {
                Status::Running | Status::Spawning => colour(AnsiColor::Cyan),
                Status::Completed => colour(AnsiColor::Green),
                Status::Error | Status::Aborted => colour(AnsiColor::Red),
                Status::Lost => colour(AnsiColor::Magenta),
                Status::Cancelled => colour(AnsiColor::Yellow),
                Status::Created | Status::Allocating | Status::Queued | Status::Unknown => style.dimmed(),
            },
        }
    }

    /// Appends a text in the style of its role.
    pub fn write(self, out: &mut String, role: Role, text: &str) {
        use std::fmt::Write as _;
        let style = self.style(role);
        let _ = write!(out, "{style}{text}{style:#}");
    }
}
