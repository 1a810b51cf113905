//! Markdown into neutral blocks, which a console, a screen and a web page each show in their way.
//!
//! The topics use a small part of Markdown: headings, paragraphs, lists, tables, fenced code, and in a line
//! `**strong**`, `*emphasis*`, `` `code` `` and links. What else there is in Markdown is not understood, and a test
//! holds the topics to it.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A part of a text that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading; level 1 is the title of the topic.
    Heading {
        /// From 1 on.
        level: usize,
        /// Its text.
        text: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// Lines to be shown as they are.
    Code {
        /// What they are written in, e.g. `sh`; may be empty.
        language: String,
        /// The lines.
        lines: Vec<String>,
    },
    /// A list.
    List {
        /// The number of its first item, if it is a numbered one.
        first: Option<u64>,
        /// Its items.
        items: Vec<Vec<Self>>,
    },
    /// A table.
    Table {
        /// The heads of its columns.
        head: Vec<Vec<Inline>>,
        /// Its rows; a row has as many cells as the head.
        rows: Vec<Vec<Vec<Inline>>>,
    },
}

/// A piece of a line in one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    /// The text.
    pub text: String,
    /// How it looks.
    pub emphasis: Emphasis,
    /// Where it leads: `queue.md`, or an address.
    pub link: Option<String>,
}

/// How a piece of a line stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Emphasis {
    /// It does not.
    #[default]
    None,
    /// `*so*`.
    Emphasised,
    /// `**so**`.
    Strong,
    /// `` `so` ``.
    Code,
}

/// The text of some pieces.
pub fn plain(pieces: &[Inline]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// Puts back quotes around code in the midst of words, for where it cannot have a look of its own.
pub fn quote_code(blocks: &mut [Block]) {
    let quote = |text: &mut Vec<Inline>| {
        for piece in text.iter_mut().filter(|piece| piece.emphasis == Emphasis::Code) {
            piece.text = format!("`{}`", piece.text);
        }
    };
    for block in blocks {
        match block {
            Block::Heading { text, .. } | Block::Paragraph(text) => quote(text),
            Block::List { items, .. } => items.iter_mut().for_each(|item| quote_code(item)),
            Block::Table { head, rows } => {
                head.iter_mut().chain(rows.iter_mut().flatten()).for_each(quote);
            }
            Block::Code { .. } => {}
        }
    }
}

/// A line of code in three parts: its prompt, what is typed, and its comment with the blanks before it.
pub fn code_parts(line: &str) -> (&str, &str, &str) {
    let (prompt, rest) = line.split_at(if line.starts_with("$ ") { 2 } else { 0 });
    let comment = if rest.starts_with("# ") { Some(0) } else { rest.find(" # ") };
    let words = rest[..comment.unwrap_or(rest.len())].trim_end().len();
    let (words, comment) = rest.split_at(if comment.is_some() { words } else { rest.len() });
    (prompt, words, comment)
}

/// Reads Markdown.
pub fn parse(markdown: &str) -> Vec<Block> {
    let mut builder = Builder::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        builder.take(event);
    }
    builder.finish()
}

/// Puts blocks together from the parser's events.
#[derive(Default)]
struct Builder {
    /// Blocks that are open: the document's, and those of each open item.
    open: Vec<Vec<Block>>,
    done: Vec<Block>,
    lists: Vec<(Option<u64>, Vec<Vec<Block>>)>,
    line: Vec<Inline>,
    emphasis: Vec<Emphasis>,
    link: Option<String>,
    code: Option<(String, String)>,
    table: Vec<Vec<Vec<Inline>>>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, lines)) => lines.push_str(&text),
                None => self.push(&text, self.emphasis.last().copied().unwrap_or_default()),
            },
            Event::Code(text) => self.push(&text, Emphasis::Code),
            Event::SoftBreak | Event::HardBreak => self.push(" ", Emphasis::None),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, emphasis: Emphasis) {
        self.line.push(Inline { text: text.to_owned(), emphasis, link: self.link.clone() });
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::List(first) => {
                // A tight item's own words come before the list in it.
                self.flush();
                self.lists.push((first, Vec::new()));
            }
            Tag::Item => self.open.push(std::mem::take(&mut self.done)),
            Tag::CodeBlock(kind) => {
                self.flush();
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            Tag::Emphasis => self.emphasis.push(Emphasis::Emphasised),
            Tag::Strong => self.emphasis.push(Emphasis::Strong),
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.to_string()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let text = std::mem::take(&mut self.line);
                self.done.push(Block::Heading { level: level as usize, text });
            }
            TagEnd::Paragraph => self.flush(),
            TagEnd::Item => {
                self.flush();
                let item = std::mem::replace(&mut self.done, self.open.pop().unwrap_or_default());
                if let Some((_, items)) = self.lists.last_mut() {
                    items.push(item);
                }
            }
            TagEnd::List(_) => {
                if let Some((first, items)) = self.lists.pop() {
                    self.done.push(Block::List { first, items });
                }
            }
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    let lines = text.lines().map(str::to_owned).collect();
                    self.done.push(Block::Code { language, lines });
                }
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.line);
                if let Some(row) = self.table.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                let mut rows = std::mem::take(&mut self.table).into_iter();
                let head = rows.next().unwrap_or_default();
                self.done.push(Block::Table { head, rows: rows.collect() });
            }
            TagEnd::Emphasis | TagEnd::Strong => {
                self.emphasis.pop();
            }
            TagEnd::Link => self.link = None,
            _ => {}
        }
    }

    /// Makes a paragraph of the words that wait for one.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.done.push(Block::Paragraph(line));
        }
    }

    fn finish(mut self) -> Vec<Block> {
        self.flush();
        self.done
    }
}

#[cfg(test)]
mod tests {
    // Proves B11 (topics are read as they are written).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn text(text: &str) -> Inline {
        Inline { text: text.into(), emphasis: Emphasis::None, link: None }
    }

    #[test]
    fn every_kind_of_block_is_read() {
        let blocks = parse(concat!(
            "# A *title*\n\nWords of\ntwo lines, **loud**, `code`, [there](queue.md).\n\n",
            "```sh\n$ xt run\n  more\n```\n\n1. one\n2. two\n   - inner\n\n| a | b |\n| --- | --- |\n| `x` | y |\n",
        ));
        let styled = |words: &str, emphasis| Inline { emphasis, ..text(words) };
        assert_eq!(
            blocks,
            [
                Block::Heading { level: 1, text: vec![text("A "), styled("title", Emphasis::Emphasised)] },
                Block::Paragraph(vec![
                    text("Words of"),
                    text(" "),
                    text("two lines, "),
                    styled("loud", Emphasis::Strong),
                    text(", "),
                    styled("code", Emphasis::Code),
                    text(", "),
                    Inline { link: Some("queue.md".into()), ..text("there") },
                    text("."),
                ]),
                Block::Code { language: "sh".into(), lines: vec!["$ xt run".into(), "  more".into()] },
                Block::List {
                    first: Some(1),
                    items: vec![
                        vec![Block::Paragraph(vec![text("one")])],
                        vec![
                            Block::Paragraph(vec![text("two")]),
                            Block::List {
                                first: None,
                                items: vec![vec![Block::Paragraph(vec![text("inner")])]],
                            },
                        ],
                    ],
                },
                Block::Table {
                    head: vec![vec![text("a")], vec![text("b")]],
                    rows: vec![vec![vec![styled("x", Emphasis::Code)], vec![text("y")]]],
                },
            ]
        );
    }

    #[test]
    fn code_is_quoted_wherever_it_stands_among_words() {
        let mut blocks = parse("a `b`\n\n- `c`\n\n| `d` | e |\n|--|--|\n| f | `g` |\n\n```\nh\n```\n");
        quote_code(&mut blocks);
        let written = format!("{blocks:?}");
        for quoted in ["`b`", "`c`", "`d`", "`g`"] {
            assert!(written.contains(quoted), "{written}");
        }
        assert!(!written.contains("`h`"), "{written}");
    }

    #[rstest]
    #[case("$ xt run a  # why", ("$ ", "xt run a", "  # why"))]
    #[case("x = 1 # why", ("", "x = 1", " # why"))]
    #[case("# all of it", ("", "", "# all of it"))]
    #[case("a#b ", ("", "a#b ", ""))]
    #[case("", ("", "", ""))]
    fn comments_are_told_from_code(#[case] line: &str, #[case] parts: (&str, &str, &str)) {
        assert_eq!(code_parts(line), parts);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "[-a-z0-9#*`|>\\[\\]()_ \n.]{0,80}") {
            parse(&text);
        }
    }
}
