// Proves C1 (themes are listed, and checked with line and column).

use super::harness::Xt;

#[test]
fn themes_are_listed_and_checked() {
    let xt = Xt::new();
    let listed = xt.ok(&["theme"]);
    assert!(listed.starts_with("default ") && listed.contains("\ncolour-blind  "), "{listed}");
    assert_eq!(xt.ok(&["theme", "check"]), "the theme is sound\n");
    let themes = xt.home().join("config/themes");
    std::fs::create_dir_all(&themes).unwrap();
    std::fs::write(themes.join("mine.toml"), "about = 'my own'\ninherits = 'dark'\n").unwrap();
    assert!(xt.ok(&["theme"]).contains("\nmine           my own\n"));
    assert_eq!(xt.ok(&["theme", "check", "mine"]), "the theme is sound\n");

    std::fs::write(themes.join("mine.toml"), "[status]\nruning = 'red'\n").unwrap();
    let output = xt.output(&["theme", "check", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains(
            "mine.toml:2:1: error: there is no role `status.runing`; did you mean `status.running`?"
        ),
        "{said}"
    );
    let found: serde_json::Value =
        serde_json::from_slice(&xt.output(&["--json", "--theme=mine", "theme", "check"]).stdout).unwrap();
    assert_eq!((&found[0]["line"], &found[0]["column"]), (&2.into(), &1.into()));
}
