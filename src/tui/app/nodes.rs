//! The machines and what runs on them.

use std::time::Duration;

use ratatui::layout::Rect;

use super::list::Cursor;
use crate::ops::nodes::{Contact, Node};

/// While a controller works, the machines are looked at again after this: one that dies says nothing.
const AGAIN: Duration = Duration::from_secs(5);

/// The state of the screen of machines.
#[derive(Clone, Debug, Default)]
pub struct Nodes {
    /// The machines.
    pub list: Vec<Node>,
    /// The selected one.
    pub cursor: Cursor<usize>,
    /// They have been read.
    pub loaded: bool,
    /// They have to be read again.
    pub stale: bool,
    /// When they were asked for.
    pub asked: Duration,
}

impl Nodes {
    /// Takes machines that were read; the selected one stays selected, wherever it stands now.
    pub fn set(&mut self, list: Vec<Node>) {
        let selected = self.selected().map(|node| node.name.clone());
        let place = selected.and_then(|name| list.iter().position(|node| node.name == name));
        (self.list, self.loaded) = (list, true);
        self.select(place.unwrap_or_else(|| self.cursor.row()));
    }

    /// The selected machine.
    pub fn selected(&self) -> Option<&Node> {
        self.list.get(self.cursor.row())
    }

    /// Selects a machine by its row; beyond the end, the last.
    pub fn select(&mut self, row: usize) {
        let keys: Vec<usize> = (0..self.list.len()).collect();
        self.cursor.select(row, &keys);
    }

    /// Where the machines stand, and below them what runs on the selected one; empty where there is no room.
    pub fn areas(&self, body: Rect) -> (Rect, Rect) {
        // Borders and a heading.
        let wanted = u16::try_from(self.list.len()).unwrap_or(u16::MAX).saturating_add(3);
        let rows = if body.height < 10 { body.height } else { wanted.clamp(4, body.height / 2) };
        let list = Rect { height: rows, ..body };
        (list, Rect { y: body.y + rows, height: body.height - rows, ..body })
    }

    /// How many machines are seen.
    pub fn rows(&self, body: Rect) -> usize {
        usize::from(self.areas(body).0.height.saturating_sub(3))
    }

    /// When they have to be read again although nobody says so.
    pub fn due(&self) -> Option<Duration> {
        let working = self.list.iter().any(|node| node.contact == Contact::Working);
        // While they are stale they wait for the answer that is under way.
        (working && self.loaded && !self.stale).then_some(self.asked + AGAIN)
    }

    /// Whether anything runs that grows older on the screen.
    pub fn any_runs(&self) -> bool {
        self.list.iter().any(|node| !node.runs.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, contact: Contact) -> Node {
        let (name, address) = (name.to_owned(), String::new());
        Node { name, address, contact, process: None, beat: None, runs: Vec::new() }
    }

    // Proves C1 (selection is an identity), S4 (an idle screen of machines does not wake).
    #[test]
    fn the_selected_machine_stays_selected() {
        let asked = Duration::from_secs(3);
        let mut nodes = Nodes { asked, ..Nodes::default() };
        nodes.set(vec![node("vm1", Contact::Idle), node("vm2", Contact::Idle)]);
        assert_eq!(nodes.due(), None);
        nodes.select(1);
        let more = ["vm0", "vm1", "vm2"].map(|name| node(name, Contact::Idle));
        nodes.set(more.to_vec());
        assert_eq!(nodes.selected().unwrap().name, "vm2");
        nodes.set(vec![node("vm0", Contact::Working)]);
        assert_eq!((nodes.selected().unwrap().name.as_str(), nodes.due()), ("vm0", Some(asked + AGAIN)));
        nodes.set(Vec::new());
        assert_eq!(nodes.selected(), None);
    }
}
