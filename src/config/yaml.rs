//! YAML text to a tree whose nodes know their positions.
//!
//! Built on the parser's events rather than on its ready-made tree, because a file is untrusted input: depth
//! and size (aliases included) are bounded before anything is built. Scalars stay text; what they mean is
//! decided where their type is known, so that `version: 1.10` can be read as a text and stay `1.10`.

use std::borrow::Cow;
use std::collections::HashMap;

use indexmap::IndexMap;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

use super::diagnostic::quoted;

const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 50_000;
const CORE_TAGS: [&str; 7] = ["str", "int", "float", "bool", "null", "seq", "map"];

/// A position in the text; both counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub mark: Mark,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// `plain` is false for quoted and block scalars, which are always text.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Raw>),
    /// Each key with the key's own position.
    Map(IndexMap<String, (Mark, Raw)>),
}

#[derive(Debug)]
pub(super) struct Document {
    /// Nothing for a text without content.
    pub root: Option<Raw>,
    /// Keys written twice in one map; the last one counts, as in `PyYAML`.
    pub duplicates: Vec<(Mark, String)>,
}

/// Text that is not usable YAML.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub mark: Mark,
    pub message: String,
}

/// Reads one document.
pub(super) fn parse(text: &str) -> Result<Document, SyntaxError> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let (event, span) = event.map_err(|error| SyntaxError {
            mark: mark(*error.marker()),
            message: format!("this is not valid YAML: {}", error.info()),
        })?;
        builder.event(event, span)?;
    }
    Ok(Document { root: builder.root, duplicates: builder.duplicates })
}

fn mark(marker: Marker) -> Mark {
    Mark { line: marker.line(), column: marker.col() + 1 }
}

fn error<T>(mark: Mark, message: impl Into<String>) -> Result<T, SyntaxError> {
    Err(SyntaxError { mark, message: message.into() })
}

/// A finished node with what it costs to copy it.
#[derive(Clone)]
struct Built {
    raw: Raw,
    nodes: usize,
    height: usize,
}

/// A list or map that is still open.
struct Open {
    mark: Mark,
    anchor: usize,
    nodes: usize,
    height: usize,
    inside: Inside,
}

enum Inside {
    List(Vec<Raw>),
    Map { entries: IndexMap<String, (Mark, Raw)>, key: Option<(Mark, String)>, inherited: Vec<Raw> },
}

#[derive(Default)]
struct Builder {
    root: Option<Raw>,
    open: Vec<Open>,
    anchors: HashMap<usize, Built>,
    nodes: usize,
    documents: usize,
    duplicates: Vec<(Mark, String)>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let mark = mark(span.start);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return error(mark, "a second YAML document begins here; keep the file to one");
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && !forces_text(mark, tag.as_ref())?;
                let content = Content::Scalar { text: text.into_owned(), plain };
                self.finish(Built { raw: Raw { mark, content }, nodes: 1, height: 0 }, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => {
                forces_text(mark, tag.as_ref())?;
                self.enter(mark, anchor, Inside::List(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                forces_text(mark, tag.as_ref())?;
                let inside = Inside::Map { entries: IndexMap::new(), key: None, inherited: Vec::new() };
                self.enter(mark, anchor, inside)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave()?,
            Event::Alias(anchor) => {
                let Some(mut built) = self.anchors.get(&anchor).cloned() else {
                    return error(mark, "this alias names a value that contains it");
                };
                built.raw.mark = mark;
                self.finish(built, 0)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn enter(&mut self, mark: Mark, anchor: usize, inside: Inside) -> Result<(), SyntaxError> {
        self.open.push(Open { mark, anchor, nodes: 1, height: 0, inside });
        self.check_depth(mark, 0)
    }

    fn leave(&mut self) -> Result<(), SyntaxError> {
        let Some(done) = self.open.pop() else { return Ok(()) };
        let content = match done.inside {
            Inside::List(items) => Content::List(items),
            Inside::Map { mut entries, inherited, .. } => {
                inherit(&mut entries, inherited)?;
                Content::Map(entries)
            }
        };
        let raw = Raw { mark: done.mark, content };
        self.finish(Built { raw, nodes: done.nodes, height: done.height + 1 }, done.anchor)
    }

    /// Puts a finished node where it belongs.
    fn finish(&mut self, built: Built, anchor: usize) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(built.nodes);
        if self.nodes > MAX_NODES {
            return error(built.raw.mark, format!("this file holds more than {MAX_NODES} values"));
        }
        self.check_depth(built.raw.mark, built.height)?;
        if anchor != 0 {
            self.anchors.insert(anchor, built.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(built.raw);
            return Ok(());
        };
        parent.nodes += built.nodes;
        parent.height = parent.height.max(built.height);
        match &mut parent.inside {
            Inside::List(items) => items.push(built.raw),
            Inside::Map { entries, key, inherited } => match (key.take(), built.raw.content) {
                (None, Content::Scalar { text, .. }) => *key = Some((built.raw.mark, text)),
                (None, _) => return error(built.raw.mark, "a key must be a word"),
                (Some((_, name)), content) if name == "<<" => {
                    inherited.push(Raw { mark: built.raw.mark, content });
                }
                (Some((at, name)), content) => {
                    if entries.contains_key(&name) {
                        self.duplicates.push((at, name.clone()));
                    }
                    entries.insert(name, (at, Raw { mark: built.raw.mark, content }));
                }
            },
        }
        Ok(())
    }

    fn check_depth(&self, mark: Mark, height: usize) -> Result<(), SyntaxError> {
        if self.open.len() + height > MAX_DEPTH {
            return error(mark, format!("this is nested more than {MAX_DEPTH} levels deep"));
        }
        Ok(())
    }
}

/// The `<<` of YAML 1.1: entries of other maps, where the map has none of its own.
fn inherit(entries: &mut IndexMap<String, (Mark, Raw)>, inherited: Vec<Raw>) -> Result<(), SyntaxError> {
    for raw in inherited {
        let maps = match raw.content {
            Content::List(items) => items,
            content => vec![Raw { mark: raw.mark, content }],
        };
        for map in maps {
            let Content::Map(others) = map.content else {
                return error(map.mark, "`<<` takes a map, or a list of maps");
            };
            for (name, value) in others {
                entries.entry(name).or_insert(value);
            }
        }
    }
    Ok(())
}

/// Whether a tag makes a plain scalar a text. Tags outside YAML's own could name code to run.
fn forces_text(mark: Mark, tag: Option<&Cow<'_, Tag>>) -> Result<bool, SyntaxError> {
    match tag {
        None => Ok(false),
        Some(tag) if tag.is_yaml_core_schema() && CORE_TAGS.contains(&tag.suffix.as_str()) => {
            Ok(tag.suffix == "str")
        }
        Some(tag) => {
            let handle = if tag.is_yaml_core_schema() { "!!" } else { &tag.handle };
            error(mark, format!("the tag {} is not supported", quoted(&format!("{handle}{}", tag.suffix))))
        }
    }
}
