// Proves C1 (keymaps are checked with line and column; the page of keys is that of the map in force).

use super::harness::Xt;

#[test]
fn a_keymap_is_checked_and_the_page_shows_the_one_in_force() {
    let xt = Xt::new();
    assert_eq!(xt.ok(&["keys", "check"]), "the keymap is sound\n");
    assert!(!xt.ok(&["help", "keys"]).contains("f5"));
    let own = xt.home().join("config/keymap.toml");
    std::fs::create_dir_all(own.parent().unwrap()).unwrap();
    std::fs::write(&own, "[runs]\n'f5' = 'rerun'\n").unwrap();
    let line = |page: &str| page.lines().filter(|line| line.contains("f5") && line.contains("rerun")).count();
    assert_eq!(line(&xt.ok(&["help", "keys"])), 1);
    assert_eq!(line(&xt.ok(&["--readonly", "keys"])), 0);
    assert!(xt.ok(&["--keymap=vim", "keys"]).contains("d d"));

    std::fs::write(&own, "[runs]\n'f5' = 'rerum'\n").unwrap();
    let output = xt.output(&["keys", "check"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("keymap.toml:2:8: error: there is no command `rerum`; did you mean `rerun`?"),
        "{said}"
    );
    let found: serde_json::Value =
        serde_json::from_slice(&xt.output(&["--json", "keys", "check"]).stdout).unwrap();
    assert_eq!((&found[0]["line"], &found[0]["column"]), (&2.into(), &8.into()));
}
