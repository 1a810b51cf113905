//! What the faces tell about their commands and keys, as plain data: the pages of the web site are made of it.

/// A verb, or a verb and its noun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Its words after `xt`: `["list", "runs"]`; empty for the program itself.
    pub path: Vec<String>,
    /// What it does, in a line.
    pub about: String,
    /// Its syntax.
    pub usage: String,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// Its arguments and options.
    pub groups: Vec<OptionGroup>,
    /// What there is to say about it.
    pub notes: Vec<Note>,
    /// Command lines that show it.
    pub examples: Vec<String>,
}

/// A part of what is said about a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A paragraph.
    Text(String),
    /// Lines to be shown as they are.
    Code(Vec<String>),
}

/// Options under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionGroup {
    /// The heading.
    pub title: String,
    /// The options.
    pub options: Vec<CommandOption>,
}

/// An option or argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandOption {
    /// How it is written: `-w, --workspace <WORKSPACE>`.
    pub spelling: String,
    /// What it means.
    pub help: String,
    /// The values it takes, each with its meaning (or nothing), if they are a fixed set.
    pub values: Vec<(String, String)>,
    /// What holds without it.
    pub default: Vec<String>,
    /// Other names for it.
    pub aliases: Vec<String>,
}

impl Command {
    /// `xt list runs`.
    pub fn name(&self) -> String {
        std::iter::once("xt").chain(self.path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }

    /// The name of its page.
    pub fn file(&self) -> String {
        if self.path.is_empty() {
            "commands.html".into()
        } else {
            format!("{}.html", self.name().replace(' ', "-"))
        }
    }
}

/// Keys of the terminal UI under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyGroup {
    /// The heading.
    pub title: String,
    /// The keys.
    pub keys: Vec<KeyHelp>,
    /// They are for what lies over the panes, which names them itself: the cheat sheet needs no room for them.
    pub over: bool,
}

/// What a key of the terminal UI does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyHelp {
    /// The keys that do it; none if it is only a command.
    pub keys: Vec<String>,
    /// The command, as it is typed after `:`.
    pub command: String,
    /// What it does, in a line.
    pub doc: String,
}
