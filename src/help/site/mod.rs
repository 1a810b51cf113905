//! The web site: static pages that need no network and no JavaScript.
//!
//! | file | what |
//! | --- | --- |
//! | this one | which pages there are, and what is around each |
//! | [`pages`] | what is on them |

mod pages;

use std::fmt::Write as _;

use super::html::{Links, escape};
use super::reference::{Command, KeyGroup};
use super::{TOPICS, Topic};

/// What the site is made of, besides the topics.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// The program's version.
    pub version: String,
    /// The commands: the program itself first, then each verb followed by its nouns.
    pub commands: Vec<Command>,
    /// The keys of the terminal UI.
    pub keys: Vec<KeyGroup>,
}

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name; all lie in one folder.
    pub name: String,
    /// What is in it.
    pub text: String,
}

const STYLE: &str = include_str!("../../../assets/help/style.css");

/// All files of the site.
pub fn files(material: &Material) -> Vec<File> {
    let site =
        Site { links: Links { commands: material.commands.iter().map(Command::file).collect() }, material };
    let mut files = vec![
        File { name: "style.css".into(), text: STYLE.into() },
        site.page("index.html", "xt", &pages::front(&site)),
        site.page("keys.html", "Keys", &pages::keys(&site)),
    ];
    files.extend(TOPICS.iter().map(|topic| {
        let body = if topic.name == CHEAT_SHEET {
            pages::cheat_sheet(&site, topic)
        } else {
            pages::topic(&site, topic)
        };
        site.page(&topic_file(topic), &topic.title(), &body)
    }));
    let commands = material.commands.iter();
    files.extend(
        commands.map(|command| site.page(&command.file(), &command.name(), &pages::command(&site, command))),
    );
    files
}

/// The topic that is set in columns and printed on a page.
const CHEAT_SHEET: &str = "cheat-sheet";

fn topic_file(topic: &Topic) -> String {
    format!("{}.html", topic.name)
}

/// What pages are made with.
struct Site<'a> {
    material: &'a Material,
    links: Links,
}

impl Site<'_> {
    /// A whole page around its body.
    fn page(&self, file: &str, title: &str, body: &str) -> File {
        let full = if title == "xt" { "xt: a terminal cockpit".to_owned() } else { format!("{title} · xt") };
        let mut text = format!(
            concat!(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n",
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n",
                "<meta name=\"color-scheme\" content=\"light dark\" />\n<title>{}</title>\n",
                "<link rel=\"icon\" href=\"data:,\" />\n<link rel=\"stylesheet\" href=\"style.css\" />\n",
                "</head>\n<body class=\"{}\">\n<header>\n<a class=\"brand\" href=\"index.html\">xt</a>\n",
                "<nav aria-label=\"Site\">",
            ),
            escape(&full),
            file.trim_end_matches(".html"),
        );
        let places = [
            ("getting-started.html", "Start"),
            ("commands.html", "Commands"),
            ("keys.html", "Keys"),
            ("cheat-sheet.html", "Cheat sheet"),
        ];
        text.extend(places.map(|(to, words)| link(to, words, file)));
        let _ = write!(
            text,
            concat!(
                "</nav>\n</header>\n<div class=\"columns\">\n<main>\n{}</main>\n<nav class=\"side\" ",
                "aria-label=\"All pages\">\n{}</nav>\n</div>\n<footer>xt {}</footer>\n</body>\n</html>\n",
            ),
            body,
            self.side(file),
            escape(&self.material.version),
        );
        File { name: file.to_owned(), text }
    }

    /// The list of all pages; nouns are shown for the verb one is at.
    fn side(&self, file: &str) -> String {
        let mut out = String::from("<h2>Topics</h2>\n<ul>\n");
        for topic in TOPICS {
            let _ = writeln!(out, "<li>{}</li>", link(&topic_file(topic), &topic.title(), file));
        }
        out.push_str("</ul>\n<h2>Commands</h2>\n<ul class=\"code\">\n");
        let commands = &self.material.commands;
        let here =
            commands.iter().find(|command| command.file() == file).and_then(|command| command.path.first());
        for command in commands.iter().filter(|command| command.path.len() == 1) {
            let _ = write!(out, "<li>{}", link(&command.file(), &command.path.join(" "), file));
            if here == command.path.first() {
                let nouns = commands.iter().filter(|noun| noun.path.len() > 1 && noun.path.first() == here);
                let mut items = String::new();
                for noun in nouns {
                    let _ = write!(items, "<li>{}</li>", link(&noun.file(), &noun.path[1..].join(" "), file));
                }
                if !items.is_empty() {
                    let _ = write!(out, "<ul>{items}</ul>");
                }
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul>\n");
        out
    }
}

/// A link; that to the page one is on says so.
fn link(to: &str, words: &str, here: &str) -> String {
    let current = if to == here { " aria-current=\"page\"" } else { "" };
    format!("<a href=\"{}\"{current}>{}</a>", escape(to), escape(words))
}
