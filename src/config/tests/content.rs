//! Whole files: good ones, bad ones, and the YAML they are written in.

use super::super::typed::Monitor;
use super::super::*;
use super::*;

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
