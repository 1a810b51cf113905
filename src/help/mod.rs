//! Help topics: written once in `assets/help`, shown in the console, on the screen and as web pages.
//!
//! | file | what |
//! | --- | --- |
//! | [`document`] | Markdown into neutral blocks |
//! | [`lines`] | blocks as styled lines of a given width, for console and screen |
//! | [`html`] | blocks as HTML |
//! | [`reference`] | what the faces tell about their commands and keys, as plain data |
//! | [`site`] | all of it as a static web site |
//!
//! A topic's first heading is its title, and its first paragraph, one short sentence, its summary.

pub mod document;
pub mod html;
pub mod lines;
pub mod reference;
pub mod site;

use self::document::{Block, plain};
use crate::model::names::nearest;

/// A topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name, as one types it.
    pub name: &'static str,
    /// Its text, in Markdown.
    pub markdown: &'static str,
}

macro_rules! topics {
    ($($name:literal),+ $(,)?) => {
        &[$(Topic { name: $name, markdown: include_str!(concat!("../../assets/help/", $name, ".md")) }),+]
    };
}

/// All topics, in the order in which one would read them.
pub const TOPICS: &[Topic] = topics![
    "getting-started",
    "runs",
    "queue",
    "states",
    "tui",
    "filters-and-columns",
    "logging",
    "python",
    "events",
    "code-snapshots",
    "store",
    "files",
    "config",
    "environment",
    "exit-codes-and-json",
    "troubleshooting",
    "cheat-sheet",
];

impl Topic {
    /// Its blocks.
    pub fn blocks(&self) -> Vec<Block> {
        document::parse(self.markdown)
    }

    /// The blocks of its title and summary alone.
    fn head(&self) -> Vec<Block> {
        let second_gap = self.markdown.match_indices("\n\n").nth(1);
        let head = second_gap.and_then(|(end, _)| self.markdown.get(..end));
        document::parse(head.unwrap_or(self.markdown))
    }

    /// Its title.
    pub fn title(&self) -> String {
        let blocks = self.head();
        let title = blocks.iter().find_map(|block| match block {
            Block::Heading { text, .. } => Some(plain(text)),
            _ => None,
        });
        title.unwrap_or_else(|| self.name.to_owned())
    }

    /// What it is about, in a sentence.
    pub fn summary(&self) -> String {
        let blocks = self.head();
        let summary = blocks.iter().find_map(|block| match block {
            Block::Paragraph(text) => Some(plain(text)),
            _ => None,
        });
        summary.unwrap_or_default()
    }
}

/// The topic of a name, or of the beginning or a word of one: `getting`, `json`.
pub fn find(name: &str) -> Option<&'static Topic> {
    let name = name.to_lowercase();
    let only = |fits: &dyn Fn(&Topic) -> bool| {
        let mut fitting = TOPICS.iter().filter(|topic| fits(topic));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    only(&|topic| topic.name == name)
        .or_else(|| only(&|topic| !name.is_empty() && topic.name.starts_with(&name)))
        .or_else(|| only(&|topic| topic.name.split('-').any(|word| word == name)))
}

/// The name of a topic that may have been meant.
pub fn nearest_topic(name: &str) -> Option<&'static str> {
    nearest(name, TOPICS.iter().map(|topic| topic.name))
}

#[cfg(test)]
mod tests {
    // Proves B11 (topics are written once, short, and within what every face can show).
    use super::*;
    use rstest::rstest;
    use std::collections::BTreeSet;
    use unicode_width::UnicodeWidthStr as _;

    #[rstest]
    #[case("queue", Some("queue"))]
    #[case("Getting", Some("getting-started"))]
    #[case("json", Some("exit-codes-and-json"))]
    #[case("columns", Some("filters-and-columns"))]
    #[case("e", None)]
    #[case("", None)]
    #[case("quque", None)]
    fn topics_are_found_by_what_is_typed(#[case] typed: &str, #[case] found: Option<&str>) {
        assert_eq!(find(typed).map(|topic| topic.name), found);
    }

    #[test]
    fn a_mistyped_name_gets_the_nearest() {
        assert_eq!(nearest_topic("quque"), Some("queue"));
        assert_eq!(nearest_topic("zebra"), None);
    }

    #[test]
    fn every_file_is_a_topic() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/help");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let markdown = files.filter(|path| path.extension().is_some_and(|end| end == "md"));
        let names: BTreeSet<_> =
            markdown.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(names, TOPICS.iter().map(|topic| topic.name.to_owned()).collect());
    }

    #[test]
    fn a_topic_begins_with_its_title_and_a_summary_that_fits_in_a_line() {
        for topic in TOPICS {
            let blocks = topic.blocks();
            assert!(
                matches!(&blocks[..2], [Block::Heading { level: 1, .. }, Block::Paragraph(_)]),
                "{}: {:?}",
                topic.name,
                &blocks[..2]
            );
            assert_eq!(topic.head(), blocks[..2], "{}", topic.name);
            assert!(topic.summary().width() <= 55, "{}: {}", topic.name, topic.summary());
            let titles = blocks.iter().filter(|block| matches!(block, Block::Heading { level: 1, .. }));
            assert_eq!(titles.count(), 1, "{}", topic.name);
        }
    }

    #[test]
    fn code_fits_on_a_terminal_of_80_columns() {
        for topic in TOPICS {
            for block in topic.blocks() {
                let Block::Code { lines, .. } = block else { continue };
                for line in lines {
                    assert!(line.width() <= 76, "{}: {line}", topic.name);
                }
            }
        }
    }

    #[test]
    fn topics_use_only_what_is_understood_and_lead_to_topics() {
        use pulldown_cmark::{Event, Options, Parser, Tag};
        for topic in TOPICS {
            for event in Parser::new_ext(topic.markdown, Options::all()) {
                let foreign = matches!(
                    event,
                    Event::Html(_)
                        | Event::InlineHtml(_)
                        | Event::FootnoteReference(_)
                        | Event::TaskListMarker(_)
                        | Event::Rule
                        | Event::Start(Tag::Image { .. } | Tag::BlockQuote(_) | Tag::Strikethrough)
                );
                assert!(!foreign, "{}: {event:?}", topic.name);
                if let Event::Start(Tag::Link { dest_url, .. }) = &event {
                    let name = dest_url.strip_suffix(".md").unwrap_or_default();
                    assert!(TOPICS.iter().any(|topic| topic.name == name), "{}: {dest_url}", topic.name);
                }
            }
        }
    }
}
