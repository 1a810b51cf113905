//! The configuration as a whole: fixtures, layers, and what a stranger's file may do.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;

use super::schema::{Key, Kind, Rule, SECTIONS};
use super::typed::{Monitor, SearchType};
use super::*;

/// Configuration files in a folder of their own.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load_user(text: impl AsRef<[u8]>) -> Loaded {
    load(&Sources { user_file: Some(Folder::new().file("user.yaml", text)), ..Sources::default() })
}

/// `load` reads before the folder is gone.
fn load_layers(user: &str, project: &str, env: &[(&str, &str)], options: &[(&str, &str)]) -> Loaded {
    let folder = Folder::new();
    load(&Sources {
        user_file: Some(folder.file("user.yaml", user)),
        project_file: Some(folder.file("project.yaml", project)),
        env: pairs(env),
        options: pairs(options),
        ..Sources::default()
    })
}

fn findings(loaded: &Loaded) -> Vec<String> {
    loaded.diagnostics.iter().map(ToString::to_string).collect()
}

fn fixtures(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config").join(kind);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    assert!(!files.is_empty());
    files
}

// Proves A10 (config), C8 (what XTLib's users have loads as it is).
#[test]
fn good_files_load_without_a_word() {
    for path in fixtures("good") {
        let loaded = load(&Sources { user_file: Some(path.clone()), ..Sources::default() });
        assert_eq!(findings(&loaded), Vec::<String>::new(), "{}", path.display());
    }
}

// Proves B40 (a clear message with a suggestion), P8 (broken config), P9 (hostile input).
#[test]
fn bad_files_are_told_where_and_what() {
    for path in fixtures("bad") {
        let folder = Folder::new();
        let copy = folder.file("xt_config.yaml", std::fs::read(&path).unwrap());
        std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o644)).unwrap();
        let loaded = load(&Sources { project_file: Some(copy.clone()), ..Sources::default() });
        let prefix = format!("{}:", copy.display());
        let lines: Vec<_> = findings(&loaded)
            .iter()
            .map(|line| line.strip_prefix(&prefix).unwrap().to_owned() + "\n")
            .collect();
        let found = lines.concat();
        // `XT_BLESS=1` writes the expectations anew; read the difference before committing it.
        let expected = std::fs::read_to_string(path.with_extension("expected")).unwrap_or_default();
        if std::env::var_os("XT_BLESS").is_some() {
            std::fs::write(path.with_extension("expected"), &found).unwrap();
        } else {
            assert_eq!(found, expected, "{}", path.display());
        }
        assert!(!found.contains("hunter2"), "{}", path.display());
    }
}

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
                    Kind::TextList => "[a, b]",
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
fn later_layers_win_and_maps_merge_by_name() {
    let user = "general: {workspace: user, experiment: user, username: user, step-name: user, env-vars: {A: 1, B: 2}}
boxes: {vm1: {address: vm1, max-runs: 2}}
code: {code-omit: [a, b]}";
    let project = "general: {workspace: project, experiment: project, username: project, env-vars: {B: 3}}
boxes: {vm1: {max-runs: 4}, vm2: {address: vm2}}
code: {code-omit: [c]}";
    let env = [("XT_WORKSPACE", "env"), ("XT_CONFIG__general__experiment", "env"), ("XT_TARGET", "")];
    let options = [("general.workspace", "option")];
    let loaded = load_layers(user, project, &env, &options);
    assert_eq!(findings(&loaded), Vec::<String>::new());
    let general = &loaded.config.general;
    assert_eq!(
        [&general.workspace, &general.experiment, &general.username, &general.step_name],
        ["option", "env", "project", "user"]
    );
    let variables: Vec<_> =
        general.env_vars.iter().map(|(name, value)| format!("{name}={}", value.resolve().unwrap())).collect();
    assert_eq!(variables, ["A=1", "B=3"]);
    let vm1 = &loaded.config.boxes["vm1"];
    assert_eq!((vm1.address.as_str(), vm1.max_runs), ("vm1", Some(4)));
    assert_eq!(loaded.config.boxes.keys().collect::<Vec<_>>(), ["local", "vm1", "vm2"]);
    assert_eq!(loaded.config.code.code_omit, [".git", "c"]);

    let shown = show(&loaded);
    let origin = |path: &str| {
        let value = shown.iter().find(|value| value.path == path).unwrap();
        let origin = value.origin.to_string();
        (value.value.clone(), origin.rsplit('/').next().unwrap().to_owned())
    };
    assert_eq!(origin("general.workspace"), ("\"option\"".into(), "option".into()));
    assert_eq!(origin("general.experiment"), ("\"env\"".into(), "env XT_CONFIG__general__experiment".into()));
    assert_eq!(origin("boxes.vm1.max-runs"), ("4".into(), "project.yaml:2".into()));
    assert_eq!(origin("boxes.vm1.address"), ("\"vm1\"".into(), "user.yaml:2".into()));
    assert_eq!(origin("general.feedback"), ("true".into(), "default".into()));
}

#[test]
fn an_erroneous_value_leaves_the_layer_below_in_force() {
    let loaded =
        load_layers("general: {max-retries: 3}", "general: {max-retries: lots, step-name: x}", &[], &[]);
    assert_eq!(loaded.errors().count(), 1);
    assert_eq!(loaded.config.general.max_retries, 3);
    assert_eq!(loaded.config.general.step_name, "x");
}

// Proves B35 (config works in spite of a broken file).
#[test]
fn a_broken_file_contributes_nothing_and_harms_no_other() {
    let loaded = load_layers("general: {workspace: mine}", "general: [", &[], &[]);
    assert_eq!(loaded.errors().count(), 1);
    assert_eq!(loaded.config.general.workspace, "mine");
}

// Proves B35 (--xt-config).
#[test]
fn a_named_file_stands_in_for_the_working_directorys_and_must_exist() {
    let folder = Folder::new();
    let mut sources = Sources {
        project_file: Some(folder.file("project.yaml", "general: {workspace: project, experiment: project}")),
        explicit: Some(
            folder.file("named.yaml", "general: {workspace: named, env-vars: {A: \"$cmd:echo 1\"}}"),
        ),
        ..Sources::default()
    };
    let loaded = load(&sources);
    assert_eq!(findings(&loaded), Vec::<String>::new());
    assert_eq!(loaded.config.general.workspace, "named");
    assert_eq!(loaded.config.general.experiment, "exper1");
    assert_eq!(loaded.config.general.env_vars["A"].resolve().unwrap(), "1");

    sources.explicit = Some("/no/such/file.yaml".into());
    let expected = "/no/such/file.yaml: error: cannot read this file: No such file or directory (os error 2)";
    assert_eq!(findings(&load(&sources)), [expected]);
    sources.explicit = Some("/dev/null".into());
    assert_eq!(findings(&load(&sources)), Vec::<String>::new());
}

#[test]
fn what_is_not_a_file_or_far_too_large_is_an_error() {
    let folder = Folder::new();
    let found =
        |path: PathBuf| findings(&load(&Sources { user_file: Some(path), ..Sources::default() }))[0].clone();
    assert!(found(folder.0.path().to_owned()).ends_with(": error: this is not a file"));
    assert!(found("/dev/zero".into()).ends_with(": error: this is not a file"));
    let large = folder.file("large.yaml", vec![b' '; 1024 * 1024 + 1]);
    assert!(found(large).ends_with("too large for a configuration"));
}

// Proves P10 and the contract's "opening a clone must not execute it".
#[test]
fn a_strangers_file_cannot_redirect_the_credentials_of_ones_own_service() {
    let user =
        "external-services: {images: {type: registry, login-server: mine.example.com, password: hunter2}}";
    let project = "external-services: {images: {type: registry, login-server: evil.example.com}}";
    let loaded = load_layers(user, project, &[], &[]);
    assert_eq!(loaded.config.get("external-services.images.password"), Some(&Value::Null));
    let loaded = load_layers(user, "", &[], &[("external-services.images.login-server", "other")]);
    assert!(loaded.config.get("external-services.images.password").unwrap().as_secret().is_some());
}

#[test]
fn ones_own_file_stays_ones_own_when_standing_beside_it() {
    let folder = Folder::new();
    let file = folder.file("xt_config.yaml", "general: {env-vars: {A: \"$cmd:true\"}}");
    let loaded =
        load(&Sources { user_file: Some(file.clone()), project_file: Some(file), ..Sources::default() });
    assert_eq!(findings(&loaded), Vec::<String>::new());
}

// Proves P10 (secrets never shown).
#[test]
fn secrets_are_never_shown() {
    let text = "external-services: {s: {type: storage, key: hunter2}, m: {type: mongo, mongo-connection-string: \"mongodb://a:hunter2@h/\"}}
general: {env-vars: {API_TOKEN: hunter2, PLAIN: seen, R: \"$cmd:echo hunter2\"}}";
    let loaded = load_user(text);
    let lines: Vec<_> = show(&loaded).iter().map(|value| format!("{}={}", value.path, value.value)).collect();
    let shown = lines.join("\n");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!format!("{loaded:?}").contains("hunter2"));
    assert!(shown.contains("general.env-vars.PLAIN=\"seen\""), "{shown}");
    let key = loaded.config.get("external-services.s.key").unwrap().as_secret().unwrap();
    assert_eq!(key.resolve().unwrap(), "hunter2");
}

#[rstest]
#[case("XT_CONFIG__general__retry_delay", "2.5", "general.retry-delay", "2.5")]
#[case("XT_CONFIG__GENERAL__WORKSPACE", "a: b", "general.workspace", "\"a: b\"")]
#[case("XT_CONFIG__boxes__my_vm__max_runs", "2", "boxes.my_vm.max-runs", "2")]
#[case("XT_CONFIG__general__env_vars__MY_VAR", "x", "general.env-vars.MY_VAR", "\"x\"")]
#[case("XT_CONFIG__script_launch_prefix__my_class", "sh", "script-launch-prefix.my_class", "\"sh\"")]
#[case("XT_CONFIG__code__code_omit", "a, b", "code.code-omit", "[\"a\", \"b\"]")]
#[case("XT_CONFIG__code__code_omit", "['a, b']", "code.code-omit", "[\"a, b\"]")]
#[case("XT_CONFIG__commands", "a,b", "commands", "[\"a\", \"b\"]")]
#[case(
    "XT_CONFIG__hyperparameter_search__option_prefix",
    "null",
    "hyperparameter-search.option-prefix",
    "null"
)]
#[case("XT_TARGET", "vm1", "xt-services.target", "\"vm1\"")]
fn the_environment_reaches_every_value(
    #[case] name: &str,
    #[case] value: &str,
    #[case] path: &str,
    #[case] shown: &str,
) {
    let loaded = load_layers("boxes: {my_vm: {address: h}}", "", &[(name, value)], &[]);
    assert_eq!(findings(&loaded), Vec::<String>::new());
    assert_eq!(loaded.config.get(path).unwrap().to_string(), shown);
}

#[rstest]
#[case("general.workspce", "x", "option: error: `general` has no key `workspce`; did you mean `workspace`?")]
#[case("general.workspace.x", "x", "option: error: `general.workspace` is a single value, it has no key `x`")]
#[case("", "x", "option: error: name a value as `section.key`")]
#[case("general", "x", "option: error: `general` must be a map of keys, not `x`")]
#[case(
    "general.max-retries",
    "x",
    "option: error: `general.max-retries` must be a whole number from 0 to 1000, not `x`"
)]
#[case(
    "general.max-retries",
    "{",
    "option: error: `general.max-retries`: this is not valid YAML: while parsing a node, did not find expected node content"
)]
#[case(
    "code.code-zip",
    "fats",
    "option: error: `code.code-zip` must be one of none, fast, compress, not `fats`; did you mean `fast`?"
)]
fn options_are_checked_like_files(#[case] path: &str, #[case] value: &str, #[case] message: &str) {
    assert_eq!(findings(&load_layers("", "", &[], &[(path, value)])), [message]);
}

#[test]
fn names_of_entries_may_hold_dots() {
    let loaded = load_layers(
        "boxes: {vm1.example.com: {address: h}}",
        "",
        &[],
        &[("boxes.vm1.example.com.max-runs", "3")],
    );
    assert_eq!(loaded.config.get("boxes.vm1.example.com.max-runs"), Some(&Value::Int(3)));
    assert_eq!(loaded.config.boxes["vm1.example.com"].max_runs, Some(3));
}

// Proves B40.
#[test]
fn a_box_is_a_target_and_an_unknown_one_gets_a_suggestion() {
    let config = load_user("boxes: {vm10: {address: h, setup: local}}").config;
    let target = config.target("vm10").unwrap();
    assert_eq!((target.service.as_str(), target.boxes.as_slice()), ("pool", ["vm10".to_owned()].as_slice()));
    assert_eq!(target.setup.as_deref(), Some("local"));
    let message = config.target("vm01").unwrap_err().to_string();
    assert_eq!(message, "there is no compute target and no box named `vm01`; did you mean `vm10`?");
}

#[test]
fn text_stays_as_written_and_yaml_of_xtlibs_day_is_understood() {
    let config = load_user(
        "aml-options: {fw-version: 1.10, max-seconds: -1, use-gpu: no}\ngeneral: {workspace: 007, attach: yes}\nboxes: {a: {address: $username@h}}",
    )
    .config;
    assert_eq!(config.get("aml-options.fw-version").unwrap().as_text(), Some("1.10"));
    assert_eq!(config.get("aml-options.max-seconds"), Some(&Value::Null));
    assert_eq!(config.get("aml-options.use-gpu"), Some(&Value::Bool(false)));
    assert_eq!(config.general.workspace, "007");
    assert_eq!(config.general.monitor, Monitor::Same);
    assert_eq!(config.boxes["a"].address, "unknown@h");
    assert_eq!(config.get("no.such"), None);
}

#[test]
fn anchors_are_values_of_their_own() {
    let path = fixtures("good").into_iter().find(|path| path.ends_with("anchors-and-empty-sections.yaml"));
    let config = load(&Sources { user_file: path, ..Sources::default() }).config;
    let address = |name: &str| (config.boxes[name].address.clone(), config.boxes[name].max_runs);
    assert_eq!(address("vm2"), ("vm2.example.com".to_owned(), Some(2)));
    assert_eq!(address("vm3"), ("vm1.example.com".to_owned(), Some(2)));
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

/// Pieces of YAML that nearly make sense.
fn yamlish() -> impl Strategy<Value = String> {
    let names = [
        "general",
        "boxes",
        "code",
        "workspace",
        "env-vars",
        "max-runs",
        "external-services",
        "key",
        "type",
        "commands",
        "<<",
    ];
    let pieces = [
        ": ",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "!!str ",
        "!x ",
        "|\n",
        ">-\n",
        "\"",
        "'",
        "# ",
        "? ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "\t",
        "null",
        "-1",
        ".nan",
        "1e999",
        "0x7fffffffffffffffff",
        "$cmd:x",
        "$env:X",
        "~",
        "\u{feff}",
        "\u{202e}",
        "\0",
        "é",
        "\r\n",
        "\\x",
        "\"\\u0000\"",
    ];
    let piece =
        prop_oneof![proptest::sample::select(names.to_vec()), proptest::sample::select(pieces.to_vec())];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    // Proves P9 (hostile input does no harm).
    #[test]
    fn no_text_makes_it_panic_or_print_what_it_should_not(text in yamlish()) {
        let loaded = load_user(&text);
        for line in findings(&loaded) {
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        for value in show(&loaded) {
            prop_assert!(!value.value.chars().any(char::is_control), "{value:?}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        load_user(bytes);
    }

    #[test]
    fn no_option_makes_it_panic(path in "[a-z.-]{0,30}|general\\.[a-z-]{1,20}|boxes\\..*", value in ".{0,30}") {
        load_layers("", "", &[], &[(&path, &value)]);
    }
}
