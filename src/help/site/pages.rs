//! What is on the pages.

use std::fmt::Write as _;

use super::{Site, TOPICS, topic_file};
use crate::help::Topic;
use crate::help::document::{Block, code_parts, parse};
use crate::help::html::{code, escape, slug};
use crate::help::reference::{Command, CommandOption, KeyGroup, Note, OptionGroup};

/// The README, whose beginning is the front page's.
const README: &str = include_str!("../../../README.md");

/// The front page: what xt is, and where to go.
pub fn front(site: &Site<'_>) -> String {
    let mut out = String::from("<h1>xt</h1>\n");
    let beginning = parse(README);
    let beginning = beginning
        .iter()
        .skip_while(|block| !matches!(block, Block::Paragraph(_)))
        .take_while(|block| !matches!(block, Block::Heading { .. }));
    for block in beginning {
        match block {
            // The picture of the screen.
            Block::Code { lines, .. } => {
                let _ = writeln!(out, "<pre class=\"screen\">{}</pre>", escape(&lines.join("\n")));
            }
            other => out.push_str(&site.links.blocks(std::slice::from_ref(other))),
        }
    }
    out.push_str("<h2 id=\"topics\">Topics</h2>\n<ul class=\"cards\">\n");
    for topic in TOPICS {
        let (file, title, summary) = (topic_file(topic), topic.title(), topic.summary());
        let _ = writeln!(
            out,
            "<li><a href=\"{file}\"><strong>{}</strong><span>{}</span></a></li>",
            escape(&title),
            escape(&summary)
        );
    }
    out.push_str("</ul>\n<h2 id=\"commands\">Commands</h2>\n");
    verbs(site, &mut out);
    out
}

/// A topic.
pub fn topic(site: &Site<'_>, topic: &Topic) -> String {
    let mut out = String::from("<article>\n");
    out.push_str(&site.links.blocks(&topic.blocks()));
    out.push_str("</article>\n");
    let at = TOPICS.iter().position(|other| other == topic).unwrap_or(0);
    let before = at.checked_sub(1).and_then(|at| TOPICS.get(at));
    out.push_str("<nav class=\"beside\" aria-label=\"Beside\">");
    for (topic, rel) in [(before, "prev"), (TOPICS.get(at + 1), "next")] {
        if let Some(topic) = topic {
            let _ = write!(
                out,
                "<a rel=\"{rel}\" class=\"{rel}\" href=\"{}\">{}</a>",
                topic_file(topic),
                escape(&topic.title())
            );
        }
    }
    out.push_str("</nav>\n");
    out
}

/// A command, or the program with all its verbs.
pub fn command(site: &Site<'_>, command: &Command) -> String {
    let is_program = command.path.is_empty();
    let mut out = String::new();
    if is_program {
        out.push_str("<h1>Commands</h1>\n");
        verbs(site, &mut out);
    } else {
        let _ = writeln!(out, "<h1><code>{}</code></h1>", escape(&command.name()));
        let _ = writeln!(out, "<p class=\"about\">{}</p>", site.links.ticked(&command.about));
        if !command.aliases.is_empty() {
            let _ = writeln!(out, "<p>Also <code>{}</code>.</p>", escape(&command.aliases.join(", ")));
        }
        code(&command.usage.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>(), &mut out);
        for note in &command.notes {
            match note {
                Note::Text(text) => {
                    let _ = writeln!(out, "<p>{}</p>", site.links.ticked(text));
                }
                Note::Code(lines) => code(lines, &mut out),
            }
        }
        nouns(site, command, &mut out);
        if !command.examples.is_empty() {
            out.push_str("<h2 id=\"examples\">Examples</h2>\n");
            let lines = command.examples.iter().map(|line| format!("$ {line}"));
            code(&lines.collect::<Vec<_>>(), &mut out);
        }
    }
    command.groups.iter().for_each(|group| options(site, group, &mut out));
    if !is_program {
        out.push_str(
            "<p class=\"more\">And <a href=\"commands.html#everywhere\">the options of every command</a>.</p>\n",
        );
    }
    out
}

fn verbs(site: &Site<'_>, out: &mut String) {
    table_of(site, site.material.commands.iter().filter(|command| command.path.len() == 1), out);
}

/// What can follow a verb.
fn nouns(site: &Site<'_>, verb: &Command, out: &mut String) {
    let depth = verb.path.len() + 1;
    let follows = |command: &&Command| command.path.len() == depth && command.path.starts_with(&verb.path);
    table_of(site, site.material.commands.iter().filter(follows), out);
}

fn table_of<'a>(site: &Site<'_>, commands: impl Iterator<Item = &'a Command>, out: &mut String) {
    let mut rows = String::new();
    for command in commands {
        let _ = writeln!(
            rows,
            "<div><dt><a href=\"{}\"><code>{}</code></a></dt><dd>{}</dd></div>",
            command.file(),
            escape(&command.name()),
            site.links.ticked(&command.about)
        );
    }
    if !rows.is_empty() {
        let _ = writeln!(out, "<dl class=\"list\">\n{rows}</dl>");
    }
}

fn options(site: &Site<'_>, group: &OptionGroup, out: &mut String) {
    let _ = writeln!(out, "<h2 id=\"{}\">{}</h2>", slug(&group.title), escape(&group.title));
    out.push_str("<dl class=\"options\">\n");
    for option in &group.options {
        let _ = writeln!(
            out,
            "<dt><code>{}</code></dt>\n<dd>{}</dd>",
            escape(&option.spelling),
            about(site, option)
        );
    }
    out.push_str("</dl>\n");
}

fn about(site: &Site<'_>, option: &CommandOption) -> String {
    let mut out = site.links.ticked(&option.help);
    let list = |words: &[String]| {
        words.iter().map(|word| format!("<code>{}</code>", escape(word))).collect::<Vec<_>>().join(", ")
    };
    if option.values.iter().any(|(_, help)| !help.is_empty()) {
        out.push_str("<dl class=\"values\">");
        for (value, help) in &option.values {
            let _ =
                write!(out, "<dt><code>{}</code></dt><dd>{}</dd>", escape(value), site.links.ticked(help));
        }
        out.push_str("</dl>");
    } else if !option.values.is_empty() {
        let values: Vec<_> = option.values.iter().map(|(value, _)| value.clone()).collect();
        let _ = write!(out, "<span class=\"facts\">one of {}</span>", list(&values));
    }
    if !option.default.is_empty() {
        let _ = write!(out, "<span class=\"facts\">without it: {}</span>", list(&option.default));
    }
    if !option.aliases.is_empty() {
        let _ = write!(out, "<span class=\"facts\">also {}</span>", list(&option.aliases));
    }
    out
}

/// The keys of the terminal UI.
pub fn keys(site: &Site<'_>) -> String {
    let mut out = String::from("<h1>Keys</h1>\n");
    let _ = writeln!(
        out,
        "<p>Every command of the terminal UI has a name, to be typed after <kbd>:</kbd>, and most have keys. What a key \
         does depends on the pane; <kbd>?</kbd> shows the keys that work where you are. These are the keys xt comes \
         with; {} tells how to change them, and <a href=\"tui.html\">The terminal UI</a> how to get about.</p>",
        site.links.ticked("`xt keys`")
    );
    for group in &site.material.keys {
        let _ = writeln!(out, "<h2 id=\"{}\">{}</h2>", slug(&group.title), escape(&group.title));
        out.push_str("<dl class=\"keys\">\n");
        for key in &group.keys {
            let _ = writeln!(
                out,
                "<div><dt>{}</dt><dd>{}</dd><dd class=\"command\">:{}</dd></div>",
                caps(&key.keys),
                site.links.ticked(&key.doc),
                escape(&key.command)
            );
        }
        out.push_str("</dl>\n");
    }
    out
}

fn caps(keys: &[String]) -> String {
    keys.iter().map(|key| format!("<kbd>{}</kbd>", escape(key))).collect::<Vec<_>>().join(" ")
}

/// The cheat sheet: the topic in columns, with the keys.
pub fn cheat_sheet(site: &Site<'_>, topic: &Topic) -> String {
    let blocks = topic.blocks();
    let first = blocks.iter().position(|block| matches!(block, Block::Heading { level: 2, .. }));
    let (top, sections) = blocks.split_at(first.unwrap_or(blocks.len()));
    let mut out = String::from("<div class=\"top\">\n");
    out.push_str(&site.links.blocks(top));
    out.push_str("</div>\n<div class=\"sheet\">\n");
    let mut open = false;
    for block in sections {
        if matches!(block, Block::Heading { .. }) {
            out.push_str(if open { "</section>\n<section>\n" } else { "<section>\n" });
            open = true;
        }
        match block {
            Block::Code { lines, .. } => command_rows(lines, &mut out),
            other => out.push_str(&site.links.blocks(std::slice::from_ref(other))),
        }
    }
    if open {
        out.push_str("</section>\n");
    }
    site.material.keys.iter().filter(|group| !group.over).for_each(|group| key_rows(site, group, &mut out));
    out.push_str("</div>\n");
    out
}

/// Commands with their comments beside them.
fn command_rows(lines: &[String], out: &mut String) {
    out.push_str("<dl>\n");
    for line in lines {
        let (_, command, comment) = code_parts(line);
        let _ = writeln!(
            out,
            "<div><dt><code>{}</code></dt><dd>{}</dd></div>",
            escape(command),
            escape(comment.trim_start_matches([' ', '#']))
        );
    }
    out.push_str("</dl>\n");
}

fn key_rows(site: &Site<'_>, group: &KeyGroup, out: &mut String) {
    let _ = writeln!(
        out,
        "<section class=\"keys\">\n<h2 id=\"keys-{}\">Keys: {}</h2>\n<dl>",
        slug(&group.title),
        escape(&group.title.to_lowercase())
    );
    for key in group.keys.iter().filter(|key| !key.keys.is_empty()) {
        let _ =
            writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", caps(&key.keys), site.links.ticked(&key.doc));
    }
    out.push_str("</dl>\n</section>\n");
}
