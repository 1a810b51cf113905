//! Blocks as HTML that is well-formed XML too.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::document::{Block, Emphasis, Inline, code_parts, plain};

/// What exists to link to.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The pages of commands: `xt-list-runs.html`.
    pub commands: BTreeSet<String>,
}

/// A text between tags or in an attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// The id of a heading: `Retries and time limits` is `retries-and-time-limits`.
pub fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

impl Links {
    /// The page of the command that a piece of code begins with: `xt list runs --all` is on `xt-list-runs.html`.
    pub fn command(&self, code: &str) -> Option<&str> {
        let words = code.strip_prefix("xt ")?.split(' ');
        let words: Vec<_> = words.take_while(|word| word.chars().all(|c| c.is_ascii_lowercase())).collect();
        (1..=words.len()).rev().find_map(|count| {
            self.commands.get(&format!("xt-{}.html", words[..count].join("-"))).map(String::as_str)
        })
    }

    /// Blocks, one after the other.
    pub fn blocks(&self, blocks: &[Block]) -> String {
        let mut out = String::new();
        for block in blocks {
            self.block(block, &mut out);
        }
        out
    }

    fn block(&self, block: &Block, out: &mut String) {
        match block {
            Block::Heading { level, text } => {
                let level = (*level).clamp(1, 6);
                let id = slug(&plain(text));
                let _ = writeln!(out, "<h{level} id=\"{id}\">{}</h{level}>", self.inline(text));
            }
            Block::Paragraph(text) => {
                let _ = writeln!(out, "<p>{}</p>", self.inline(text));
            }
            Block::Code { lines, .. } => code(lines, out),
            Block::List { first, items } => {
                let tag = if first.is_some() { "ol" } else { "ul" };
                let _ = writeln!(out, "<{tag}>");
                for item in items {
                    match item.as_slice() {
                        // A tight item needs no paragraph around its words.
                        [Block::Paragraph(text), rest @ ..] => {
                            let _ = writeln!(out, "<li>{}{}</li>", self.inline(text), self.blocks(rest));
                        }
                        blocks => {
                            let _ = writeln!(out, "<li>{}</li>", self.blocks(blocks));
                        }
                    }
                }
                let _ = writeln!(out, "</{tag}>");
            }
            Block::Table { head, rows } => self.table(head, rows, out),
        }
    }

    fn table(&self, head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>], out: &mut String) {
        let row = |cells: &[Vec<Inline>], tag: &str| {
            let cells = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", self.inline(cell)));
            format!("<tr>{}</tr>\n", cells.collect::<String>())
        };
        out.push_str("<div class=\"wide\"><table>\n");
        if head.iter().any(|cell| !cell.is_empty()) {
            let _ = writeln!(out, "<thead>{}</thead>", row(head, "th"));
        }
        out.push_str("<tbody>\n");
        for cells in rows {
            out.push_str(&row(cells, "td"));
        }
        out.push_str("</tbody></table></div>\n");
    }

    /// A line.
    pub fn inline(&self, text: &[Inline]) -> String {
        let mut out = String::new();
        for piece in text {
            let words = escape(&piece.text);
            let styled = match piece.emphasis {
                Emphasis::None => words,
                Emphasis::Emphasised => format!("<em>{words}</em>"),
                Emphasis::Strong => format!("<strong>{words}</strong>"),
                Emphasis::Code => format!("<code>{words}</code>"),
            };
            let leads_to = match &piece.link {
                Some(link) => Some(link.replace(".md", ".html")),
                None if piece.emphasis == Emphasis::Code => self.command(&piece.text).map(str::to_owned),
                None => None,
            };
            match leads_to {
                Some(page) => {
                    let _ = write!(out, "<a href=\"{}\">{styled}</a>", escape(&page));
                }
                None => out.push_str(&styled),
            }
        }
        out
    }

    /// A text of the command line's help: what stands in back quotes is code.
    pub fn ticked(&self, text: &str) -> String {
        let pieces = text.split('`').enumerate().map(|(at, part)| Inline {
            text: part.to_owned(),
            emphasis: if at % 2 == 1 { Emphasis::Code } else { Emphasis::None },
            link: None,
        });
        self.inline(&pieces.collect::<Vec<_>>())
    }
}

/// Lines of code; prompts and comments step back.
pub fn code(lines: &[String], out: &mut String) {
    out.push_str("<pre><code>");
    for line in lines {
        let (prompt, words, comment) = code_parts(line);
        if !prompt.is_empty() {
            out.push_str("<span class=\"prompt\">$ </span>");
        }
        out.push_str(&escape(words));
        if !comment.is_empty() {
            let _ = write!(out, "<span class=\"comment\">{}</span>", escape(comment));
        }
        out.push('\n');
    }
    out.push_str("</code></pre>\n");
}

#[cfg(test)]
mod tests {
    // Proves B12 (rich in HTML, from the same text).
    use super::*;
    use crate::help::document::parse;

    fn links() -> Links {
        Links { commands: ["xt-list.html".into(), "xt-list-runs.html".into()].into() }
    }

    #[test]
    fn blocks_become_tags_and_text_is_escaped() {
        let html =
            links().blocks(&parse("## A & b\n\n- `a<b` **c**\n- d\n\n| x | y |\n|--|--|\n| 1 | 2 |\n"));
        assert_eq!(
            html,
            concat!(
                "<h2 id=\"a-b\">A &amp; b</h2>\n",
                "<ul>\n<li><code>a&lt;b</code> <strong>c</strong></li>\n<li>d</li>\n</ul>\n",
                "<div class=\"wide\"><table>\n<thead><tr><th>x</th><th>y</th></tr>\n</thead>\n<tbody>\n",
                "<tr><td>1</td><td>2</td></tr>\n</tbody></table></div>\n",
            )
        );
    }

    #[test]
    fn commands_and_topics_are_links() {
        let html = links().blocks(&parse("`xt list runs --all`, `xt list x`, `xtc`, [q](queue.md)"));
        assert_eq!(
            html,
            concat!(
                "<p><a href=\"xt-list-runs.html\"><code>xt list runs --all</code></a>, ",
                "<a href=\"xt-list.html\"><code>xt list x</code></a>, <code>xtc</code>, ",
                "<a href=\"queue.html\">q</a></p>\n",
            )
        );
    }

    #[test]
    fn prompts_and_comments_step_back() {
        let mut out = String::new();
        code(&["$ xt run a  # why".into()], &mut out);
        assert!(
            out.contains("<span class=\"prompt\">$ </span>xt run a<span class=\"comment\">  # why</span>")
        );
    }
}
