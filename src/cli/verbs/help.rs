//! `xt help`: needs no home and no store.

use std::path::PathBuf;

use clap::builder::StyledStr;

use super::keys;
use crate::cli::out::Out;
use crate::cli::startup::Startup;
use crate::cli::{pager, reference};
use crate::help::document::quote_code;
use crate::help::lines::{Line, Look, layout};
use crate::help::{TOPICS, Topic, find, nearest_topic, site};
use crate::model::names::visible;
use crate::ops::{OpsError, Result, help};
use crate::report::{Paint, Role, shape};

/// Options of `xt help`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "xt help [COMMAND]...\n       xt help topics [TOPIC]\n       xt help --html=<FOLDER>",
    after_help = "What is longer than the terminal is shown by $PAGER.\n\nExamples:\n  $ xt help list runs\n  $ xt help keys\n  $ xt help topics\n  $ xt help topics queue\n  $ xt help --html=site"
)]
pub struct Args {
    /// Write all of it as a web site into a folder: topics, commands, keys, a cheat sheet to print.
    #[arg(long, value_name = "FOLDER", conflicts_with = "words")]
    html: Option<PathBuf>,
    /// A command (list runs), the words keys or topics, or a topic.
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
}

/// Helps.
pub fn run(startup: &Startup, args: &Args, out: &mut Out) -> Result<u8> {
    if let Some(folder) = &args.html {
        return web_site(folder, out);
    }
    match args.words.split_first() {
        // The keys in force, which no fixed text can tell.
        Some((word, [])) if word == "keys" => return keys::run(startup, &keys::Args::default(), out),
        Some((word, [])) if is_topics(word) => list(out)?,
        Some((word, rest)) if is_topics(word) => {
            let name = rest.join("-");
            let Some(topic) = find(&name) else {
                let nearest = nearest_topic(&name).map(str::to_owned);
                return Err(OpsError::Missing { what: "topic", name: visible(&name), nearest });
            };
            show(topic, out)?;
        }
        _ => match reference::find(&args.words) {
            Ok(help) => {
                command(&args.words, &help, out)?;
                if let [word] = args.words.as_slice()
                    && let Some(topic) = TOPICS.iter().find(|topic| topic.name == word)
                {
                    out.note(&format!("more: xt help topics {}", topic.name));
                }
            }
            Err(unknown) => match find(&args.words.join("-")) {
                Some(topic) => show(topic, out)?,
                None => return Err(missing(&args.words, unknown)),
            },
        },
    }
    Ok(0)
}

fn is_topics(word: &str) -> bool {
    matches!(word, "topic" | "topics")
}

fn missing(words: &[String], unknown: reference::Unknown) -> OpsError {
    let word = words.get(unknown.depth).cloned().unwrap_or_default();
    let nearest = unknown.nearest.or_else(|| nearest_topic(&word).map(str::to_owned));
    let what = if unknown.depth == 0 { "command or topic" } else { "command" };
    let before: Vec<_> = words.iter().take(unknown.depth).map(|word| visible(word)).collect();
    let whole = |word: &str| before.iter().map(String::as_str).chain([word]).collect::<Vec<_>>().join(" ");
    OpsError::Missing { what, name: whole(&visible(&word)), nearest: nearest.map(|near| whole(&near)) }
}

fn command(words: &[String], help: &StyledStr, out: &mut Out) -> Result<()> {
    if out.json() {
        let name = ["xt"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        return out.document(&serde_json::json!({ "command": name, "text": help.to_string() }));
    }
    let text = if is_coloured(out) { help.ansi().to_string() } else { help.to_string() };
    pager::show(out, &text)
}

fn is_coloured(out: &Out) -> bool {
    out.paint() == Paint::colour()
}

/// The topics, one a line.
fn list(out: &mut Out) -> Result<()> {
    if out.json() {
        let topics = TOPICS.iter().map(|topic| {
            serde_json::json!({ "topic": topic.name, "title": topic.title(), "summary": topic.summary() })
        });
        return out.document(&topics.collect::<Vec<_>>());
    }
    let width = TOPICS.iter().map(|topic| topic.name.len()).max().unwrap_or(0);
    for topic in TOPICS {
        let mut line = String::new();
        out.paint().write(&mut line, Role::Code, &format!("{:width$}", topic.name));
        line.push_str("  ");
        let room = out.width().map_or(usize::MAX, |columns| columns.saturating_sub(width + 2));
        line.push_str(&shape::cut(&topic.summary(), room));
        out.line(&line)?;
    }
    out.note("xt help topics TOPIC shows one; xt help VERB shows a command");
    Ok(())
}

/// The width of text that goes to no terminal.
const PIPE_WIDTH: usize = 80;

fn show(topic: &Topic, out: &mut Out) -> Result<()> {
    if out.json() {
        let document = serde_json::json!({
            "topic": topic.name, "title": topic.title(), "text": topic.markdown
        });
        return out.document(&document);
    }
    let mut blocks = topic.blocks();
    if !is_coloured(out) {
        quote_code(&mut blocks);
    }
    let lines = layout(&blocks, out.width().unwrap_or(PIPE_WIDTH));
    let mut text = String::new();
    for line in &lines {
        write(line, out.paint(), &mut text);
    }
    pager::show(out, &text)
}

fn write(line: &Line, paint: Paint, text: &mut String) {
    for span in line {
        paint.write(text, role(span.look), &span.text);
    }
    text.push('\n');
}

const fn role(look: Look) -> Role {
    match look {
        Look::Plain => Role::Plain,
        Look::Title | Look::Heading | Look::Strong => Role::Heading,
        Look::Emphasised => Role::Emphasis,
        Look::Code => Role::Code,
        Look::Link => Role::Link,
        Look::Muted => Role::Muted,
    }
}

fn web_site(folder: &std::path::Path, out: &mut Out) -> Result<u8> {
    let files = site::files(&reference::material());
    let front = help::write_site(folder, &files)?;
    if out.json() {
        out.document(&serde_json::json!({ "file": front, "files": files.len() }))?;
    } else {
        out.line(&format!("{} and {} more files written", front.display(), files.len() - 1))?;
    }
    Ok(0)
}
