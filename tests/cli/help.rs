// Proves B11, B12: topics in the console and as a web site, from one text; what they show works.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rstest::rstest;

use super::harness::Xt;

#[test]
fn topics_are_listed_and_shown_without_a_home() {
    let xt = Xt::new();
    let list = xt.ok(&["help", "topics"]);
    assert_eq!(list.lines().count(), xt::help::TOPICS.len());
    assert!(list.lines().any(|line| line.starts_with("queue  ")), "{list}");
    let queue = xt.ok(&["help", "topics", "queue"]);
    assert!(queue.starts_with("The queue\n\n") && queue.contains("\n  $ xt run --priority=10"), "{queue}");
    assert!(!queue.contains('\x1b') && queue.lines().all(|line| line.chars().count() <= 80), "{queue}");
    assert_eq!(xt.ok(&["help", "queue"]), queue);
    assert_eq!(xt.ok(&["help", "topics", "que"]), queue);
    assert!(!xt.home().exists(), "help needs no home");
}

#[test]
fn colours_are_for_terminals_or_on_request() {
    let xt = Xt::new();
    let output = xt.command(&["help", "topics", "queue"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("\x1b[1mThe queue"));
}

/// What a terminal of so many rows shows, with a pager that shows the first line alone.
fn on_a_terminal(rows: u16) -> String {
    let xt = Xt::new();
    let size = PtySize { rows, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let plain = xt.command(&["help", "topics", "queue"]);
    let mut command = CommandBuilder::new(plain.get_program());
    command.args(plain.get_args());
    command.env("PAGER", "head -n 1");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut shown = Vec::new();
    let mut reader = pair.master.try_clone_reader().unwrap();
    // The end of a pseudo-terminal is an error on Linux.
    let _ = reader.read_to_end(&mut shown);
    assert!(child.wait().unwrap().success());
    String::from_utf8(shown).unwrap()
}

#[test]
fn what_is_longer_than_the_terminal_goes_through_the_pager() {
    let (short, tall) = (on_a_terminal(20), on_a_terminal(200));
    assert!(short.contains("The queue") && short.lines().count() == 1, "{short}");
    assert!(tall.contains("One after the other"), "{tall}");
}

#[rstest]
#[case("help run", "Usage: xt run")]
#[case("help list runs", "Usage: xt list runs")]
#[case("help li jobs", "Usage: xt list jobs")]
#[case("help view log", "Usage: xt view console")]
#[case("help config", "Usage: xt config")]
#[case("help help", "xt help topics [TOPIC]")]
#[case("help", "Usage: xt [OPTIONS]")]
fn commands_go_before_topics(#[case] line: &str, #[case] expected: &str) {
    let help = Xt::new().ok(&line.split(' ').collect::<Vec<_>>());
    assert!(help.contains(expected), "{help}");
}

#[rstest]
#[case("help topics quque", "there is no topic `quque`; did you mean `queue`?")]
#[case("help lst", "there is no command or topic `lst`; did you mean `list`?")]
#[case("help trobleshooting", "did you mean `troubleshooting`?")]
#[case("help list rnus", "there is no command `list rnus`; did you mean `list runs`?")]
fn unknown_words_get_the_nearest(#[case] line: &str, #[case] expected: &str) {
    let error = Xt::new().fails(&line.split(' ').collect::<Vec<_>>());
    assert!(error.contains(expected), "{error}");
}

#[test]
fn programs_get_json() {
    let xt = Xt::new();
    let topics = xt.json(&["help", "topics"]);
    assert_eq!(topics[0]["topic"], "getting-started");
    assert!(xt.json(&["help", "topics", "queue"])["text"].as_str().unwrap().starts_with("# The queue"));
    assert!(xt.json(&["help", "run"])["text"].as_str().unwrap().contains("--max-retries"));
}

/// The commands that topics show run as they stand, in their order, in a project where three jobs have ended.
#[test]
fn the_commands_of_every_topic_work() {
    let program = Path::new(env!("CARGO_BIN_EXE_xt")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut wrong = Vec::new();
    for topic in xt::help::TOPICS {
        let xt = Xt::new();
        for command in [&["train.py"][..], &["echo", "2"], &["echo", "3"]] {
            xt.ok(&[&["run", "--tags=best,lr=1"], command].concat());
        }
        xt.ok(&["wait", "job1-job3"]);
        for line in topic.markdown.lines().filter_map(|line| line.trim().strip_prefix("$ ")) {
            let named = line.split(' ').any(|word| word == "xt");
            assert!(named, "{}: `{line}` is no command of xt's", topic.name);
            let surroundings = xt.command(&[]);
            let mut shell = std::process::Command::new("sh");
            shell.args(["-ec", line]).current_dir(xt.project());
            for (name, value) in surroundings.get_envs() {
                match value {
                    Some(value) => shell.env(name, value),
                    None => shell.env_remove(name),
                };
            }
            let output = shell.env("PATH", &path).output().unwrap();
            if !output.status.success() {
                wrong.push(format!("{}: {line}: {output:?}", topic.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The site in a folder: its pages by name.
fn site(xt: &Xt) -> BTreeMap<String, String> {
    xt.ok(&["help", "--html=site"]);
    let folder = std::fs::read_dir(xt.project().join("site")).unwrap();
    let file = |path: &Path| {
        (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
    };
    folder.map(|entry| file(&entry.unwrap().path())).collect()
}

#[test]
fn every_topic_and_every_command_has_a_page() {
    let files = site(&Xt::new());
    for topic in xt::help::TOPICS {
        assert!(files.contains_key(&format!("{}.html", topic.name)), "{}", topic.name);
    }
    for command in xt::cli::reference::commands() {
        let page = files.get(&command.file()).unwrap_or_else(|| panic!("{} has no page", command.name()));
        for option in command.groups.iter().flat_map(|group| &group.options) {
            let spelling = option.spelling.replace('<', "&lt;").replace('>', "&gt;");
            assert!(page.contains(&spelling), "{}: {spelling}", command.name());
        }
    }
    for (verb, _) in xt::cli::examples().into_iter().filter(|(verb, _)| !verb.is_empty()) {
        assert!(files.contains_key(&format!("xt-{}.html", verb.replace(' ', "-"))), "{verb}");
    }
    assert!(files["keys.html"].contains("<kbd>ctrl-c</kbd>"));
    assert!(files["index.html"].contains("╭ Workspaces"));
}

/// The values of an attribute in a page.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!(" {name}=\"");
    page.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn every_link_leads_somewhere_and_nothing_comes_from_the_network() {
    let files = site(&Xt::new());
    for (name, page) in files.iter().filter(|(name, _)| *name != "style.css") {
        for link in attributes(page, "href").into_iter().filter(|link| *link != "data:,") {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { name } else { file };
            let target = files.get(file).unwrap_or_else(|| panic!("{name}: {link} leads nowhere"));
            assert!(part.is_empty() || attributes(target, "id").contains(&part), "{name}: {link}");
        }
        assert!(attributes(page, "src").is_empty() && !page.contains("<script"), "{name}");
        let ids = attributes(page, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name} has an id twice: {ids:?}");
    }
    assert!(!files["style.css"].contains("url(") && !files["style.css"].contains("@import"));
}

/// Follows the tags of a page: each is closed, and in the right place.
fn check_tags(name: &str, page: &str) {
    const EMPTY: [&str; 3] = ["meta", "link", "br"];
    /// Elements that hold words, and must not be in a paragraph or in one of their own kind.
    const BLOCKS: [&str; 9] = ["p", "pre", "ul", "ol", "dl", "table", "h1", "h2", "div"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap_or_else(|| panic!("{name}: what is it?"));
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        assert!(!text.contains('>'), "{name}: a bare > in {text:?}");
        for entity in text.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known));
            assert!(known, "{name}: a bare & in {text:?}");
        }
        let end = rest[at..].find('>').unwrap_or_else(|| panic!("{name}: a tag without an end")) + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{name}: </{closed}>");
            continue;
        }
        let kind = tag.split([' ', '/']).next().unwrap();
        if EMPTY.contains(&kind) {
            assert!(tag.ends_with('/'), "{name}: <{tag}>");
            continue;
        }
        let inside = open.last().copied().unwrap_or("");
        assert!(
            !(BLOCKS.contains(&kind) && ["p", "span", "h1", "h2", "a"].contains(&inside)),
            "{name}: {open:?} {kind}"
        );
        assert!(!(kind == "a" && open.contains(&"a")), "{name}: a link in a link");
        let parent: &[&str] = match kind {
            "li" => &["ul", "ol"],
            "dt" | "dd" => &["dl", "div"],
            "td" | "th" => &["tr"],
            "tr" => &["tbody", "thead"],
            _ => &[],
        };
        assert!(parent.is_empty() || parent.contains(&inside), "{name}: <{kind}> in <{inside}>");
        open.push(kind);
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{name}: {open:?} {rest:?}");
}

#[test]
fn every_page_is_well_formed() {
    for (name, page) in site(&Xt::new()).iter().filter(|(name, _)| *name != "style.css") {
        check_tags(name, page);
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert_eq!(page.matches("<title>").count(), 1, "{name}");
    }
}

/// Rows of 9 pt (6.5 pt type), of which two columns of 85 fit on A4; a heading takes two.
#[test]
fn the_cheat_sheet_fits_on_a_sheet_of_a4() {
    let files = site(&Xt::new());
    let sheet = files["cheat-sheet.html"].split("class=\"sheet\"").nth(1).unwrap();
    let rows = sheet.matches("<dt>").count() + 2 * sheet.matches("<h2").count();
    assert!((60..=160).contains(&rows), "{rows} rows");
}
