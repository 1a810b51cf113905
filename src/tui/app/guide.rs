//! The keys that work in the focused pane, by the groups of the registry, and those of what lies over the panes.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::dialog::room;
use super::model::Model;
use crate::tui::command::{Command, GROUPS, Group, entries};
use crate::tui::keymap::{Choice, KeyContext, Place, Sequence};
use crate::tui::widgets::text;

/// Columns of the keys.
pub const KEYS: usize = 12;

/// The keys, and how far one has read.
#[derive(Clone, Debug)]
pub struct Guide {
    sections: Vec<Section>,
    scroll: usize,
}

/// Keys that belong together.
#[derive(Clone, Debug)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// Keys, and what they do.
    pub lines: Vec<(String, String)>,
}

impl Section {
    fn width(&self) -> usize {
        let docs = self.lines.iter().map(|(_, doc)| KEYS + text::width(doc));
        docs.chain([text::width(self.title)]).max().unwrap_or(0)
    }

    /// With the heading and a blank line below.
    const fn rows(&self) -> usize {
        self.lines.len() + 2
    }
}

impl Guide {
    /// The keys that work now.
    pub fn new(model: &Model) -> Self {
        let place = model.place();
        let mut sections = by_groups(model, place);
        sections.push(where_one_types(model, place));
        // Fixed, so that no keymap skips a question.
        let answers = vec![("y n".to_owned(), "yes, no: the same in every keymap".to_owned())];
        sections.push(Section { title: "When xt asks", lines: answers });
        sections.retain(|section| !section.lines.is_empty());
        Self { sections, scroll: 0 }
    }

    /// The sections side by side, where there is room for two columns.
    pub fn columns(&self, width: u16) -> Vec<Vec<&Section>> {
        let widest = self.sections.iter().map(Section::width).max().unwrap_or(0);
        if 2 * widest + 10 > usize::from(width) {
            return vec![self.sections.iter().collect()];
        }
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for section in &self.sections {
            let shorter = if rows(&left) <= rows(&right) { &mut left } else { &mut right };
            shorter.push(section);
        }
        vec![left, right]
    }

    /// The first line that is seen on a screen.
    pub fn scroll(&self, size: (u16, u16)) -> usize {
        self.scroll.min(self.last(size))
    }

    /// Scrolls, within the ends.
    pub fn step(&mut self, by: isize, size: (u16, u16)) {
        self.scroll = self.scroll(size).saturating_add_signed(by).min(self.last(size));
    }

    fn last(&self, (width, height): (u16, u16)) -> usize {
        let rows = self.columns(width).iter().map(|column| rows(column)).max().unwrap_or(0);
        // The blank line below the last section is none.
        rows.saturating_sub(1 + room(height))
    }
}

fn rows(sections: &[&Section]) -> usize {
    sections.iter().map(|section| section.rows()).sum()
}

/// The keys of each group, in the order of the registry. What a key means is asked of the keymap once.
fn by_groups(model: &Model, place: Place) -> Vec<Section> {
    let ranks: HashMap<Command, usize> =
        entries().zip(0..).map(|(entry, rank)| (entry.command, rank)).collect();
    let mut shown: IndexMap<(usize, String), Vec<String>> = IndexMap::new();
    for (keys, choice) in model.keymap.in_force(place) {
        if let Some(rank) = ranks.get(&choice.run.entry.command) {
            shown.entry((*rank, choice.doc())).or_default().push(keys.short());
        }
    }
    shown.sort_by(|(one, _), _, (other, _), _| one.cmp(other));
    let mut lines = shown.into_iter().peekable();
    let mut end = 0;
    let section = |group: &Group| {
        end += group.entries.len();
        let of_it = std::iter::from_fn(|| lines.next_if(|((rank, _), _)| *rank < end));
        Section { title: group.title, lines: of_it.map(|((_, doc), keys)| (keys.join(" "), doc)).collect() }
    };
    GROUPS.iter().map(section).collect()
}

/// The keys of forms and of lines to type.
fn where_one_types(model: &Model, place: Place) -> Section {
    let mut shown: IndexMap<String, Vec<String>> = IndexMap::new();
    for context in [KeyContext::Form, KeyContext::Prompt] {
        let add = |(keys, choice): (&Sequence, &Choice)| {
            let known = shown.entry(choice.doc()).or_default();
            let keys = keys.short();
            if !known.contains(&keys) {
                known.push(keys);
            }
        };
        model.keymap.in_force(Place { context, ..place }).for_each(add);
    }
    let lines = shown.into_iter().map(|(doc, keys)| (keys.join(" "), doc)).collect();
    Section { title: "Where you type", lines }
}
