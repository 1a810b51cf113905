//! Layers: files, the environment, options; which of them counts, and what it may say.

use rstest::rstest;

use super::super::*;
use super::*;

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
