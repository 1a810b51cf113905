//! The schema: its defaults, its template, its documentation, and every key of it.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::schema::{Key, Kind, Rule, SECTIONS};
use super::super::typed::{Monitor, SearchType};
use super::super::*;
use super::*;

#[test]
fn the_defaults_are_those_of_the_schema() {
    let loaded = load(&Sources { env: pairs(&[("USER", "ann")]), ..Sources::default() });
    assert_eq!(findings(&loaded), Vec::<String>::new());
    let config = &loaded.config;
    assert_eq!(config.general.username, "ann");
    let alone = load(&Sources { account: Some("bob".into()), ..Sources::default() });
    assert_eq!(alone.config.general.username, "bob");
    assert_eq!((config.general.workspace.as_str(), config.general.experiment.as_str()), ("ws1", "exper1"));
    assert_eq!(config.general.monitor, Monitor::None);
    assert!(config.general.python_client);
    assert_eq!(config.general.retry_delay_max, Duration::from_mins(5));
    assert_eq!(config.general.lost_after, Duration::from_mins(30));
    assert_eq!(config.code.max_size, 500_000_000);
    assert_eq!(config.code.code_dirs, ["$scriptdir/**"]);
    assert_eq!(config.after_files.after_dirs, ["output/**"]);
    assert_eq!(config.boxes["local"].max_runs, None);
    assert!(config.boxes["local"].is_local());
    assert_eq!(config.target("local").unwrap().boxes, ["localhost"]);
    assert_eq!(config.box_named("localhost").unwrap().name, "local");
    assert_eq!(config.xt_services.target, "local");
    assert_eq!(config.xt_services.mongo, None);
    assert_eq!(config.hyperparameter_search.search_type, SearchType::Random);
    assert_eq!(config.hyperparameter_search.option_prefix.as_deref(), Some("--"));
    assert_eq!(config.internal.heartbeat, Duration::from_secs(5));
    assert_eq!(config.logging.load_interval, Duration::from_secs(5));
    assert_eq!(config.run_reports.columns.len(), 9);
    assert_eq!(config.job_reports.last, 25);
}

/// Every key of the schema with a value its type allows.
fn written_out(keys: &[Key], indent: usize, out: &mut String) {
    for key in keys {
        let pad = " ".repeat(indent);
        match key.kind {
            Kind::Keys(keys) => {
                let _ = writeln!(out, "{pad}{}:", key.name);
                written_out(keys, indent + 2, out);
            }
            Kind::Entries(keys) => {
                let _ = write!(out, "{pad}{}:\n{pad}  mine:\n", key.name);
                written_out(keys, indent + 4, out);
            }
            kind => {
                let value = match kind {
                    Kind::Bool => "true",
                    Kind::Int { .. } => "7",
                    Kind::Number | Kind::Seconds | Kind::Minutes => "7.5",
                    Kind::Choice(words) => words[1],
                    Kind::TextList | Kind::Patterns => "[a, b]",
                    Kind::TextMap | Kind::Variables => "{a: b}",
                    _ => "text",
                };
                let _ = writeln!(out, "{pad}{}: {value}", key.name);
            }
        }
    }
}

#[test]
fn every_key_of_the_schema_can_be_written_and_is_shown_with_its_line() {
    let mut text = String::new();
    written_out(SECTIONS, 0, &mut text);
    let folder = Folder::new();
    let file = folder.file("user.yaml", &text);
    let loaded = load(&Sources { user_file: Some(file.clone()), ..Sources::default() });
    assert_eq!(findings(&loaded), Vec::<String>::new());
    let shown = show(&loaded);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.ends_with(':')) {
        let origin = format!("{}:{}", file.display(), number + 1);
        assert!(shown.iter().any(|value| value.origin.to_string() == origin), "{line} is not shown");
    }
}

#[test]
fn the_template_is_the_defaults_commented_or_not() {
    let plain = show(&load(&Sources::default()));
    let values = |shown: &[ShownValue]| -> Vec<_> {
        shown.iter().map(|value| (value.path.clone(), value.value.clone())).collect()
    };
    let as_is = load_user(template());
    assert_eq!(findings(&as_is), Vec::<String>::new());
    assert_eq!(show(&as_is), plain);

    let uncommented: String = template()
        .lines()
        .skip_while(|line| !line.is_empty())
        .map(|line| if line.contains("##") { String::from("\n") } else { line.replacen("# ", "", 1) + "\n" })
        .collect();
    let loaded = load_user(&uncommented);
    assert_eq!(findings(&loaded), Vec::<String>::new(), "{uncommented}");
    assert_eq!(values(&show(&loaded)), values(&plain));
    let from_file = show(&loaded).iter().filter(|value| value.origin != Origin::Default).count();
    assert!(from_file > 80, "only {from_file} values came from the file");
}

#[test]
fn the_documentation_names_every_key() {
    let text = documentation();
    for section in SECTIONS {
        assert!(text.contains(&format!("## {}\n", section.name)));
        if let (Kind::Keys(keys) | Kind::Entries(keys), false) = (section.kind, section.has(Rule::Ignored)) {
            for key in keys {
                assert!(text.contains(&format!("| `{}` |", key.name)), "{}", key.name);
            }
        }
    }
}

/// Every source but those of the configuration itself, and the typed view of it.
fn sources(folder: &Path, out: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("src/config") {
            sources(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            out.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// The keys that claim to do something, as `section.key`.
fn effective() -> Vec<(&'static str, &'static str)> {
    let sections = SECTIONS.iter().filter(|section| section.idle().is_none());
    let keys = |section: &'static Key| match section.kind {
        Kind::Keys(keys) | Kind::Entries(keys) => keys.iter().filter(|key| key.idle().is_none()).collect(),
        _ => vec![section],
    };
    sections.flat_map(|section| keys(section).into_iter().map(|key| (section.name, key.name))).collect()
}

// Proves A10: no key is taken and silently dropped; what nothing goes by is marked and told.
#[test]
fn every_key_is_read_or_marked_as_without_effect() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut text = String::new();
    sources(&folder, &mut text);
    // What the typed view itself makes of some keys: `monitor`, which boxes are this machine, where records and files are.
    let indirect = [
        ("general", "attach"),
        ("boxes", "address"),
        ("external-services", "type"),
        ("external-services", "mongo-connection-string"),
    ];
    let unread: Vec<_> = effective()
        .into_iter()
        .filter(|key| !indirect.contains(key))
        .filter(|(_, key)| {
            let field = format!(".{}", key.replace('-', "_"));
            let is_word =
                |at: usize| !text[at + field.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            !text.match_indices(&field).any(|(at, _)| is_word(at))
        })
        .collect();
    assert_eq!(unread, []);
    assert!(effective().contains(&("general", "env-vars")));
}

// Proves A10: what has no effect is told once, where it is written, and is no mistake.
#[test]
fn what_has_no_effect_is_noted_where_it_is_written() {
    let loaded = load_layers(
        "general:\n    workspace: a\n    lost-after: 3\n    direct-run: true\nhyperparameter-search:\n    max-runs: 3\n    search-rollup: a\ntensorboard:\n",
        "",
        &[("XT_CONFIG__general__step_name", "s")],
        &[],
    );
    assert_eq!(findings(&loaded), Vec::<String>::new());
    let places: Vec<_> =
        notes(&loaded).iter().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(
        places,
        [
            "user.yaml:3:5: note: `general.lost-after` has no effect yet",
            "user.yaml:4:5: note: `general.direct-run` is XTLib's and has no meaning here",
            "user.yaml:5:1: note: `hyperparameter-search` has no effect yet",
            "env XT_CONFIG__general__step_name: note: `general.step-name` has no effect yet",
        ]
    );
    assert!(template().contains("minutes of silence after which a run counts as lost (no effect yet)"));
}
