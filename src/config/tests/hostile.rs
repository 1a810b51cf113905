//! What a stranger's file, or nonsense, may do.

use std::path::PathBuf;

use proptest::prelude::*;

use super::super::*;
use super::*;

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
