// Proves A7, B15: lists of runs, jobs, workspaces and experiments.

use rstest::rstest;
use serde_json::json;

use super::harness::Xt;

fn names(list: &serde_json::Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|run| run["run_name"].as_str().unwrap()).collect()
}

#[test]
fn a_fresh_home_has_empty_lists() {
    let xt = Xt::new();
    for noun in ["runs", "jobs", "workspaces", "experiments", "trash"] {
        assert_eq!(xt.json(&["list", noun]), json!([]), "{noun}");
    }
    let (text, notes) = xt.ok_with_notes(&["list", "runs"]);
    assert_eq!((text.as_str(), notes.as_str()), ("", "no runs yet: submit one with `xt run`\n"));
}

/// A completed run, a failed one, a family of two that is held.
fn sample() -> Xt {
    let xt = Xt::new();
    xt.run(&["--tags=best", "train.py", "--lr=.3"]);
    xt.run(&["--experiment=other", "bash", "-c", "exit 3"]);
    xt.ok(&["run", "--hold", "--runs=2", "--username=eve", "train.py"]);
    xt
}

#[test]
fn runs_are_selected_sorted_and_shown() {
    let xt = sample();
    let of = |args: &str| {
        let args: Vec<_> = ["list", "runs"].into_iter().chain(args.split_whitespace()).collect();
        let list = xt.json(&args);
        names(&list).join(" ")
    };
    for (args, expected) in [
        ("", "run1 run2 run3 run3.1 run3.2"),
        ("run1-run2", "run1 run2"),
        ("run3.*", "run3.1 run3.2"),
        ("run1,run3.2", "run1 run3.2"),
        ("ws1/run2", "run2"),
        ("--status=error", "run2"),
        ("--errors=only", "run2"),
        ("--errors=hide --outer", "run1 run3"),
        ("--experiment=other", "run2"),
        ("--job=job3 --child", "run3.1 run3.2"),
        ("--parent", "run3"),
        ("--username=eve --last=1", "run3.2"),
        ("--first=2 --reverse", "run3.2 run3.1"),
        ("--tags-any=best,worst", "run1"),
        ("--filter=lr<0.5", "run1"),
        ("--filter=status=completed --filter=exit_code=3", ""),
        ("--sort=exit_code --last=2 --status=error,completed", "run1 run2"),
    ] {
        assert_eq!(of(args), expected, "{args}");
    }
    xt.ok(&["run", "--hold", "--workspace=far", "true"]);
    assert_eq!(of("--job=job4"), "run1", "jobs are found in any workspace");
    assert_eq!(of("--job=job4 --work=ws1"), "");
    let shown = xt.ok(&["list", "runs", "--outer", "--columns=run,status,exit_code=CODE,lr=RATE:.2f"]);
    assert_eq!(
        shown,
        "RUN   STATUS     CODE  RATE\nrun1  completed     0  0.30\nrun2  error 3       3\nrun3  held\n"
    );
    let table = xt.json(&["list", "runs", "--columns=run,lr", "--first=1"]);
    assert_eq!(table, json!([{"run_name": "run1", "hparams.lr": 0.3}]));
    let grouped = xt.ok(&["list", "runs", "--outer", "--group=experiment", "--columns=run"]);
    assert_eq!(grouped, "exper1 (2)\n  RUN\n  run1\n  run3\n\nother (1)\n  RUN\n  run2\n");
    assert!(xt.fails(&["list", "runs", "--columns=stauts"]).contains("did you mean `status`?"));
    assert!(xt.fails(&["list", "runs", "--sort=durtion"]).contains("did you mean `duration`?"));
    assert!(xt.ok(&["list", "runs", "--available"]).lines().any(|line| line == "metrics.loss"));
    xt.ok(&["list", "runs", "--columns=run,status", "--export=out.csv", "--status=error"]);
    assert_eq!(
        std::fs::read_to_string(xt.project().join("out.csv")).unwrap(),
        "run_name,status\r\nrun2,error\r\n"
    );
    assert!(xt.fails(&["list", "runs", "--export=out.pdf"]).contains(".csv"));
}

#[test]
fn jobs_workspaces_and_experiments_are_counted() {
    let xt = sample();
    let jobs = xt.json(&["list", "jobs"]);
    let told: Vec<_> =
        jobs.as_array().unwrap().iter().map(|job| (&job["job_id"], &job["job_status"])).collect();
    assert_eq!(json!(told), json!([["job1", "completed"], ["job2", "error"], ["job3", "queued"]]));
    assert_eq!(xt.json(&["list", "jobs", "--status=error"])[0]["error_runs"], 1);
    assert_eq!(xt.json(&["list", "jobs", "job1-job2", "--last=1"])[0]["job_id"], "job2");
    assert!(xt.ok(&["list", "jobs"]).starts_with("JOB   STATUS"));
    let ws = xt.json(&["list", "workspaces"]);
    assert_eq!((&ws[0]["run_count"], &ws[0]["failed"]), (&json!(4), &json!(1)));
    let experiments = xt.json(&["list", "experiments", "o*"]);
    assert_eq!((&experiments[0]["exper_name"], experiments.as_array().unwrap().len()), (&json!("other"), 1));
    assert_eq!(xt.json(&["list", "targets"])[0]["target"], "local");
    assert!(xt.ok(&["list", "boxes"]).starts_with("BOX"));
}

#[test]
fn long_lists_show_their_end_and_say_so() {
    let xt = Xt::new();
    xt.ok(&["run", "--hold", "--runs=30", "true"]);
    let (text, notes) = xt.ok_with_notes(&["list", "runs"]);
    assert_eq!(text.lines().count(), 26);
    assert!(text.contains("run1.30") && !text.contains("run1.5 "), "{text}");
    assert_eq!(notes, "the last 25 of 31 runs; --all shows all\n");
    for lifted in [["--all"], ["--first=40"]] {
        let args: Vec<_> = ["list", "runs"].into_iter().chain(lifted).collect();
        let (text, notes) = xt.ok_with_notes(&args);
        assert_eq!((text.lines().count(), notes.as_str()), (32, ""));
    }
    assert_eq!(xt.json(&["list", "runs"]).as_array().unwrap().len(), 31);
}

#[rstest]
#[case(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "")], false)]
#[case(&[("CLICOLOR_FORCE", "1")], true)]
#[case(&[], false)]
fn colours_are_for_terminals(#[case] env: &[(&str, &str)], #[case] coloured: bool) {
    let xt = Xt::new();
    xt.run(&["true"]);
    let output = xt.command(&["list", "runs"]).envs(env.iter().copied()).output().unwrap();
    assert_eq!(output.stdout.contains(&0x1b), coloured, "{output:?}");
}
