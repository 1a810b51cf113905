// Proves A2, B40: XTLib's grammar, wrong words, exit status.

use rstest::rstest;

use super::harness::Xt;

#[rstest]
#[case("list work")]
#[case("list workspaces")]
#[case("list exper")]
#[case("list experiment")]
#[case("list run")]
#[case("list runs --work=ws1")]
#[case("list runs -w ws1")]
#[case("list job")]
#[case("list computes")]
#[case("lis runs")]
#[case("view work ws1")]
#[case("view exper")]
#[case("view log run1")]
#[case("view console ws1/run1")]
#[case("view events run1")]
#[case("view controller stat")]
#[case("cancel runs run1")]
#[case("cancel jobs job1")]
#[case("set tag run1 x")]
#[case("hold jobs job1")]
#[case("--json list runs")]
#[case("list runs --json")]
#[case("--set general.workspace=ws1 list runs")]
fn words_of_xtlib_are_understood(#[case] line: &str) {
    let xt = Xt::new();
    xt.run(&["true"]);
    xt.ok(&line.split(' ').collect::<Vec<_>>());
}

#[rstest]
#[case("lst runs", "list")]
#[case("list rnus", "runs")]
#[case("list runs --fliter=x", "--filter")]
#[case("list runs --status=compelted", "completed")]
#[case("run --experimnt=x true", "--experiment")]
#[case("cancel", "run")]
#[case("view", "console")]
fn wrong_words_end_with_2_and_the_nearest_right_one(#[case] line: &str, #[case] suggestion: &str) {
    let xt = Xt::new();
    let error = xt.misused(&line.split(' ').collect::<Vec<_>>());
    assert!(error.contains(suggestion), "{error}");
}

#[rstest]
#[case("view run run7", "there is no run `ws1/run7`; did you mean `ws1/run1`?")]
#[case("view job job7", "there is no job `job7`; did you mean `job1`?")]
#[case("list runs --work=sw1", "there is no workspace `sw1`; did you mean `ws1`?")]
#[case("view exper expre1", "there is no experiment `expre1`; did you mean `exper1`?")]
#[case("run --target=lcoal true", "there is no")]
#[case("cancel run job1", "`job1` is no run")]
#[case("list runs run9-run3", "ends before it begins")]
fn unknown_names_get_one_clear_line(#[case] line: &str, #[case] expected: &str) {
    let xt = Xt::new();
    xt.run(&["true"]);
    let error = xt.fails(&line.split(' ').collect::<Vec<_>>());
    assert!(error.starts_with("xt: ") && error.contains(expected), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn alone_in_a_pipe_it_prints_its_help() {
    let xt = Xt::new();
    let output = xt.output(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Usage: xt"));
    assert!(xt.ok(&["help", "run"]).contains("--max-retries"));
    assert!(xt.ok(&["--version"]).starts_with("xt "));
    assert!(!xt.home().exists(), "help needs no home");
}

#[test]
fn every_error_of_the_configuration_is_listed_and_nothing_is_done() {
    let xt = Xt::new();
    xt.write("xt_config.yaml", "general:\n  workspce: a\n  max-retries: many\n");
    let error = xt.fails(&["run", "true"]);
    assert!(error.contains("workspce") && error.contains("max-retries"), "{error}");
    std::fs::remove_file(xt.project().join("xt_config.yaml")).unwrap();
    assert_eq!(xt.json(&["list", "runs"]), serde_json::json!([]));
    let file = xt.project().join("other.yaml");
    std::fs::write(&file, "general:\n  workspace: elsewhere\n").unwrap();
    xt.ok(&["--xt-config=other.yaml", "run", "true"]);
    assert_eq!(xt.json(&["list", "workspaces"])[0]["ws"], "elsewhere");
}

#[test]
fn a_home_that_cannot_be_used_is_told() {
    let xt = Xt::new();
    std::fs::write(xt.home(), "a file in the way").unwrap();
    let error = xt.fails(&["list", "runs"]);
    assert!(error.contains("set XT_HOME"), "{error}");
}

#[test]
fn completions_need_nothing() {
    let xt = Xt::new();
    assert!(xt.ok(&["completions", "bash"]).contains("_xt"));
    assert!(!xt.home().exists());
}
