//! The help topics: the list of them, and the text of one.

use ratatui::layout::Rect;

use crate::help::lines::{Line, layout};
use crate::help::{TOPICS, Topic};
use crate::tui::command::{Command, OverCommand};

/// What is chosen, and how far one has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Topics {
    /// The chosen topic.
    pub choice: usize,
    /// The first line of its text that is seen.
    pub scroll: usize,
    /// The keys move in the text, not in the list.
    pub reading: bool,
}

/// Where things are on a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The frame around all of it.
    pub frame: Rect,
    /// The list; empty while one reads on a narrow screen.
    pub list: Rect,
    /// The text; empty while one chooses on a narrow screen.
    pub text: Rect,
}

/// Columns for list and text side by side.
const WIDE: u16 = 100;
/// Columns of the list beside the text.
const LIST: u16 = 23;
/// No wider than a text is pleasant to read.
const WIDEST: u16 = 124;

impl Topics {
    /// On a topic, ready to be read.
    pub fn on(name: &str) -> Result<Self, String> {
        let topic = crate::help::find(name).ok_or_else(|| match crate::help::nearest_topic(name) {
            Some(nearest) => format!("there is no topic `{name}`; did you mean `{nearest}`?"),
            None => format!("there is no topic `{name}`; `help topics` shows them"),
        })?;
        let choice = TOPICS.iter().position(|other| other == topic).unwrap_or(0);
        Ok(Self { choice, scroll: 0, reading: true })
    }

    /// The chosen topic.
    pub fn topic(&self) -> Option<&'static Topic> {
        TOPICS.get(self.choice)
    }

    /// Its text, for a width.
    pub fn lines(&self, width: u16) -> Vec<Line> {
        self.topic().map(|topic| layout(&topic.blocks(), usize::from(width))).unwrap_or_default()
    }

    /// Divides a screen of so many columns and rows; the last row is the hints'.
    pub fn parts(&self, (columns, rows): (u16, u16)) -> Parts {
        let width = columns.min(WIDEST);
        let frame = Rect { x: (columns - width) / 2, y: 0, width, height: rows.saturating_sub(1) };
        let margin = if width > 40 { 2 } else { 1 };
        let inner = Rect {
            x: frame.x + margin.min(width),
            y: 1,
            width: width.saturating_sub(2 * margin),
            height: frame.height.saturating_sub(2),
        };
        let none = Rect::default();
        if columns >= WIDE {
            let before = LIST + 3;
            let text = Rect { x: inner.x + before, width: inner.width.saturating_sub(before), ..inner };
            Parts { frame, list: Rect { width: LIST, ..inner }, text }
        } else if self.reading {
            Parts { frame, list: none, text: inner }
        } else {
            Parts { frame, list: inner, text: none }
        }
    }

    /// Does what a command says here; false when it closes the help.
    pub fn take(&mut self, command: Command, size: (u16, u16)) -> bool {
        match command {
            Command::Quit => return false,
            Command::Back if !self.reading => return false,
            Command::Open | Command::Right => self.reading = true,
            Command::Back | Command::Left => self.reading = false,
            Command::FocusNext | Command::FocusPrevious => self.reading = !self.reading,
            Command::Over(OverCommand::TopicNext) => self.choose(1),
            Command::Over(OverCommand::TopicPrevious) => self.choose(-1),
            command => self.travel(command, size),
        }
        true
    }

    /// Moves in the text, or in the list.
    fn travel(&mut self, command: Command, size: (u16, u16)) {
        let page = isize::try_from(self.parts(size).text.height.saturating_sub(2).max(1)).unwrap_or(1);
        match (command, command.rows()) {
            (Command::PageUp, _) => self.scroll_by(-page, size),
            (Command::PageDown, _) => self.scroll_by(page, size),
            (_, Some(by)) if self.reading => self.scroll_by(by, size),
            (_, Some(by)) => self.choose(by),
            (_, None) => {}
        }
    }

    fn choose(&mut self, by: isize) {
        self.choice = self.choice.saturating_add_signed(by).min(TOPICS.len() - 1);
        self.scroll = 0;
    }

    /// Chooses what is clicked on: a topic in the list.
    pub fn click(&mut self, column: u16, row: u16, size: (u16, u16)) {
        let parts = self.parts(size);
        if parts.list.contains((column, row).into()) {
            let at = usize::from(row - parts.list.y) + self.first(parts.list.height);
            if at < TOPICS.len() {
                *self = Self { choice: at, scroll: 0, reading: true };
            }
        }
    }

    /// The first topic of the list that is seen when it has so many rows.
    pub fn first(&self, rows: u16) -> usize {
        (self.choice + 1).saturating_sub(usize::from(rows))
    }

    /// Scrolls the text, within its ends.
    pub fn scroll_by(&mut self, by: isize, size: (u16, u16)) {
        let text = self.parts(size).text;
        let last = self.lines(text.width).len().saturating_sub(usize::from(text.height));
        self.scroll = self.scroll.min(last).saturating_add_signed(by).min(last);
    }
}

#[cfg(test)]
mod tests {
    // Proves B11, C1 (topics on the screen).
    use super::*;
    use crate::tui::app::dialog::Overlay;
    use crate::tui::testing::World;
    use rstest::rstest;

    fn pressed(keys: &str, size: (u16, u16)) -> Option<Topics> {
        let mut world = World::empty();
        let mut model = world.model(size);
        world.press(&mut model, "? enter");
        world.press(&mut model, keys);
        match model.overlay {
            Some(Overlay::Topics(topics)) => Some(topics),
            _ => None,
        }
    }

    #[rstest]
    #[case("down down", 2, 0, false)]
    #[case("down up up", 0, 0, false)]
    #[case("G", TOPICS.len() - 1, 0, false)]
    #[case("enter j j k", 0, 1, true)]
    #[case("enter j n", 1, 0, true)]
    #[case("enter j esc", 0, 1, false)]
    #[case("enter j g g", 0, 0, true)]
    #[case("enter j backspace", 0, 1, false)]
    fn keys_move_in_the_list_or_in_the_text(
        #[case] keys: &str,
        #[case] choice: usize,
        #[case] scroll: usize,
        #[case] reading: bool,
    ) {
        assert_eq!(pressed(keys, (120, 30)), Some(Topics { choice, scroll, reading }));
    }

    #[rstest]
    #[case("esc")]
    #[case("q")]
    #[case("?")]
    #[case("enter q")]
    #[case("enter esc esc")]
    #[case("ctrl-c")]
    fn keys_close_it(#[case] keys: &str) {
        assert_eq!(pressed(keys, (120, 30)), None);
    }

    #[test]
    fn the_end_of_a_text_is_the_end() {
        let size = (120, 30);
        let end = pressed("enter G", size).unwrap();
        let text = end.parts(size).text;
        assert_eq!(end.scroll + usize::from(text.height), end.lines(text.width).len());
        assert_eq!(pressed("enter G j pgdn", size), Some(end));
    }

    #[test]
    fn a_narrow_screen_shows_one_after_the_other() {
        let (list, text) = (Topics::default(), Topics { reading: true, ..Topics::default() });
        assert!(list.parts((80, 24)).text.is_empty() && !list.parts((80, 24)).list.is_empty());
        assert!(text.parts((80, 24)).list.is_empty() && !text.parts((80, 24)).text.is_empty());
        let wide = list.parts((120, 40));
        assert!(wide.list.intersection(wide.text).is_empty() && wide.text.width >= 80);
        for size in [(0, 0), (1, 1), (20, 6), (99, 3), (300, 120)] {
            let _ = pressed("enter G pgup esc", size);
        }
    }

    #[test]
    fn a_topic_is_opened_by_name() {
        assert_eq!(Topics::on("que").unwrap().topic().unwrap().name, "queue");
        assert!(Topics::on("quque").unwrap_err().contains("did you mean `queue`"));
    }

    #[test]
    fn a_click_opens_a_topic() {
        let size = (120, 40);
        let mut topics = Topics::default();
        let list = topics.parts(size).list;
        topics.click(list.x + 1, list.y + 3, size);
        assert_eq!(topics, Topics { choice: 3, scroll: 0, reading: true });
        topics.click(list.x + 1, list.bottom().saturating_sub(1), size);
        assert_eq!(topics.choice, 3, "below the last topic there is nothing");
    }
}
