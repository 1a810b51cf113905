// Proves A2, A4, B1, B2, B3, B34: submitting, waiting, holding, cancelling, running again.

use serde_json::json;

use super::harness::Xt;

#[test]
fn a_submit_answers_its_names() {
    let xt = Xt::new();
    let (line, notes) = xt.ok_with_notes(&["run", "train.py", "--lr=.03"]);
    assert!(line.starts_with("job1: run1 submitted to ws1/exper1 (1 file, "), "{line}");
    assert!(notes.contains("xt view console run1 --follow"), "{notes}");
    assert!(xt.ok_with_notes(&["run", "-w", "far", "true"]).1.contains("xt view console far/run1 --follow"));
    assert_eq!(xt.json(&["run", "true"]), json!({"job": "job3", "runs": ["run2"]}));
    let family = xt.json(&["run", "--runs=2", "--concurrent=1", "true"]);
    assert_eq!(family, json!({"job": "job4", "runs": ["run3.1", "run3.2"], "parent": "run3"}));
    xt.ok(&["wait", "job1-job3", "run3"]);
    assert_eq!(xt.json(&["view", "run", "run1"])["command"], json!(["python3", "train.py", "--lr=.03"]));
}

#[test]
fn everything_after_the_script_belongs_to_it() {
    let xt = Xt::new();
    xt.run(&["echo", "--json", "-w", "x", "--", "--wait"]);
    assert_eq!(xt.ok(&["view", "console", "run1"]), "--json -w x -- --wait\n");
}

#[test]
fn options_that_need_a_cluster_are_unknown() {
    let xt = Xt::new();
    let error = xt.misused(&["run", "--nodes=3", "train.py"]);
    assert!(error.contains("--nodes"), "{error}");
    xt.misused(&["run"]);
}

#[test]
fn with_wait_the_exit_status_is_the_runs_own() {
    let xt = Xt::new();
    assert_eq!(xt.output(&["run", "--wait", "bash", "-c", "exit 7"]).status.code(), Some(7));
    assert_eq!(xt.output(&["run", "--wait", "true"]).status.code(), Some(0));
    let output = xt.output(&["wait", "run1", "run2"]);
    assert_eq!(output.status.code(), Some(7));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("run1 error 7 after ") && told.contains("run2 completed after "), "{told}");
    let output = xt.output(&["wait", "job1", "--json"]);
    let ends: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(ends, json!([{"ws": "ws1", "run_name": "run1", "status": "error", "exit_code": 7}]));
}

#[test]
fn waiting_can_end_before_the_run() {
    let xt = Xt::new();
    xt.ok(&["run", "--hold", "true"]);
    let output = xt.output(&["wait", "run1", "--timeout=0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("1 of 1 runs have not ended yet"));
}

#[test]
fn held_work_waits_for_its_release_and_what_comes_after_for_it() {
    let xt = Xt::new();
    xt.ok(&["run", "--hold", "true"]);
    xt.ok(&["run", "--after=job1", "true"]);
    let list = xt.ok(&["list", "runs", "--columns=run,status"]);
    assert_eq!(list, "RUN   STATUS\nrun1  held\nrun2  after job1\n");
    assert_eq!(xt.ok(&["release", "job", "job1"]), "job1 released\n");
    xt.ok(&["wait", "job2"]);
    assert!(xt.fails(&["run", "--after=job9", "true"]).contains("there is no job `job9`"));
}

#[test]
fn a_dry_run_tells_and_does_nothing() {
    let xt = Xt::new();
    xt.write("list.txt", "train.py --lr=1\ntrain.py --lr=2\n");
    let told = xt.ok(&["run", "--dry-run", "--multi-commands", "list.txt", "--epochs=3"]);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines[..2], ["python3 train.py --lr=1 --epochs=3", "python3 train.py --lr=2 --epochs=3"]);
    assert!(told.contains(" train.py\n") && told.contains(" list.txt\n"), "{told}");
    let told = xt.json(&["run", "--dry-run", "train.py"]);
    assert_eq!(told["commands"], json!([["python3", "train.py"]]));
    assert_eq!(xt.json(&["list", "jobs"]), json!([]));
}

#[test]
fn named_things_are_cancelled_unasked_and_bulks_need_a_yes() {
    let xt = Xt::new();
    xt.ok(&["run", "--hold", "--runs=3", "true"]);
    assert_eq!(xt.ok(&["cancel", "run", "run1.1"]), "ws1/run1.1 cancelled before it started\n");
    let refused = xt.fails(&["cancel", "all"]);
    assert!(refused.contains("Cancel 2 runs?") && refused.contains("--yes"), "{refused}");
    let told = xt.ok(&["cancel", "all", "--dry-run"]);
    assert_eq!(told, "ws1/run1.2  queued\nws1/run1.3  queued\n");
    assert_eq!(xt.ok(&["cancel", "all", "--yes", "--status=completed"]), "");
    let done = xt.json(&["cancel", "runs", "run1.2-run1.3", "--status=queued", "--yes"]);
    assert_eq!(done["cancelled"], json!(["ws1/run1.2", "ws1/run1.3"]));
    assert_eq!(xt.json(&["cancel", "run", "run1.2"])["ended"], json!(["ws1/run1.2"]));
}

#[test]
fn a_run_is_repeated_as_it_was_or_changed() {
    let xt = Xt::new();
    xt.run(&["train.py", "--lr=.1"]);
    let (line, _) = xt.ok_with_notes(&["rerun", "run1", "--set", "lr=.3", "--experiment=again"]);
    assert_eq!(line, "job2: run2 submitted to ws1/again (python3 train.py --lr=.3)\n");
    assert_eq!(xt.ok(&["rerun", "run1", "--dry-run", "--", "a b", "--c"]), "python3 train.py 'a b' --c\n");
    let family = xt.json(&["rerun", "run1", "--repeat=2"]);
    assert_eq!(family["runs"], json!(["run3.1", "run3.2"]));
    xt.ok(&["wait", "job2", "job3"]);
    assert_eq!(xt.json(&["view", "hparams", "run2"])["lr"], json!(0.3));
}

/// Goes on from the last checkpoint, and says which; fails once, after it has made one of its own.
const RESUMES: &str = r#"
import os, sys, xt
run = xt.Run()
found = run.get_checkpoint("weights")
print(run.resume_name, found and (found["epoch"], open("weights").read()))
if run.resume_name and run.attempt == 1:
    run.download_files("after/output/model", "model", run_name=run.resume_name)
    print(open("model").read())
with open(os.path.join(run.output_dir, "model"), "w") as file:
    file.write("model of " + run.run_name)
epoch = found["epoch"] + 1 if found else 1
run.set_checkpoint({"epoch": epoch}, os.path.join(run.output_dir, "model"))
sys.exit(run.attempt == 1 and "--fail" in sys.argv)
"#;

// Proves A2, A6, B9: a run goes on from an earlier one, its retry from where it had got itself, and its rerun from the
// earlier one again.
#[test]
fn a_run_resumes_an_earlier_one() {
    let xt = Xt::new();
    xt.write("resumes.py", RESUMES);
    xt.run(&["resumes.py"]);
    xt.run(&["--resume-name=run1", "--max-retries=1", "resumes.py", "--fail"]);
    xt.ok(&["rerun", "run2", "--json"]);
    xt.output(&["wait", "run3"]);
    let console = |args: &[&str]| xt.ok(&[&["view", "console"], args].concat());
    assert_eq!(console(&["run1"]), "None None\n");
    let first = "run1 (1, 'model of run1')\nmodel of run1\n";
    assert_eq!(console(&["run2", "--attempt=1"]), first);
    assert_eq!(console(&["run2", "--attempt=2"]), "run1 (2, 'model of run2')\n");
    assert_eq!(console(&["run3", "--attempt=1"]), first);
    assert_eq!(xt.json(&["view", "run", "run3"])["resume_name"], "run1");
    assert_eq!(xt.json(&["view", "job", "job2"])["resume_name"], "run1");
    for page in [["view", "run", "run2"], ["view", "job", "job2"]] {
        let page = xt.ok(&page);
        assert!(
            page.lines().any(|line| line.trim_start().starts_with("resumes") && line.ends_with("run1")),
            "{page}"
        );
    }
    assert_eq!(xt.json(&["list", "runs", "--filter=resume_name=run1"]).as_array().unwrap().len(), 2);
    assert!(
        xt.fails(&["run", "--resume-name=run9", "true"]).contains("there is no run `ws1/run9`; did you mean")
    );
}

#[test]
fn tags_are_set_listed_and_cleared() {
    let xt = Xt::new();
    xt.run(&["true"]);
    xt.ok(&["set", "tags", "run1,job1", "best,note='a = b, c'"]);
    assert_eq!(
        xt.json(&["list", "tags", "run1"]),
        json!([{"name": "ws1/run1", "tag": "best"}, {"name": "ws1/run1", "tag": "note", "value": "a = b, c"}])
    );
    assert_eq!(xt.json(&["list", "runs", "--tags-all=best"])[0]["run_name"], "run1");
    xt.ok(&["clear", "tags", "run1", "best,note"]);
    assert_eq!(xt.json(&["list", "tags", "run1"]), json!([]));
    xt.ok(&["set", "tags", "run1", "description=first"]);
    assert_eq!(xt.json(&["view", "run", "run1"])["description"], "first");
}

#[test]
fn targets_elsewhere_are_refused_and_the_configured_monitor_is_used() {
    let xt = Xt::new();
    xt.write("xt_config.yaml", "general:\n  monitor: same\nboxes:\n  vm10:\n    address: me@10.0.0.1\n");
    assert!(xt.fails(&["run", "--target=vm10", "true"]).contains("`vm10` is not this machine"));
    assert!(xt.ok(&["run", "--target=local", "echo", "seen"]).ends_with("\nseen\n"));
    assert!(!xt.ok(&["run", "--monitor=none", "echo", "seen"]).ends_with("\nseen\n"));
}

// Proves B29: the wrong directory is refused with its largest files named, and nothing is copied.
#[test]
fn too_much_code_is_refused_and_the_largest_files_are_named() {
    let xt = Xt::new();
    std::fs::write(xt.project().join("weights.bin"), vec![0; 2_000_000]).unwrap();
    let submit = |options: &[&str]| {
        let words = [&["--set", "code.max-size=1", "run"], options, &["train.py"]].concat();
        xt.output(&words)
    };
    let refused = submit(&[]);
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("weights.bin") && told.contains("--code=no"), "{told}");
    assert!(submit(&["--code-omit=*.bin"]).status.success());
    assert!(submit(&["--code=no"]).status.success());
    assert!(xt.output(&["--set", "code.max-size=1", "run", "sleep", "0"]).status.success());
    assert_eq!(xt.json(&["list", "jobs"]).as_array().unwrap().len(), 3);
}

// Proves A2: the copy of a script runs, however the script was named.
#[test]
fn a_script_from_elsewhere_runs_as_its_copy() {
    let xt = Xt::new();
    let beside = xt.project().parent().unwrap().join("beside");
    std::fs::create_dir_all(&beside).unwrap();
    std::fs::write(beside.join("where.sh"), "echo \"$PWD/$0\"\n").unwrap();
    std::fs::write(xt.project().join("here.sh"), "echo \"$PWD/$0\"\n").unwrap();
    let absolute = xt.project().join("here.sh");
    for (script, place) in
        [("../beside/where.sh", "work/where.sh"), (absolute.to_str().unwrap(), "work/here.sh")]
    {
        let run = xt.run(&[script]).replace("job", "run");
        let said = xt.ok(&["view", "console", &run]);
        assert!(said.trim().ends_with(place), "{script}: {said}");
    }
}

// Proves B1, A2: an interpreter of the project's own environment, which stays out of the snapshot, runs the copy.
#[test]
fn an_environments_interpreter_is_found_where_it_is() {
    let xt = Xt::new();
    std::fs::create_dir_all(xt.project().join(".venv/bin")).unwrap();
    std::os::unix::fs::symlink("/bin/sh", xt.project().join(".venv/bin/sh")).unwrap();
    xt.write(".gitignore", ".venv/\n");
    xt.write("go", "pwd; cat .venv/bin/sh 2>/dev/null || echo not taken along\n");
    let job = xt.run(&[".venv/bin/sh", "go"]);
    let console = xt.ok(&["view", "console", &job.replace("job", "run")]);
    assert!(console.ends_with("not taken along\n") && !console.contains("project"), "{console}");
}

// Proves B29: a store inside the project does not go into its own snapshots.
#[test]
fn a_home_in_the_project_is_no_code() {
    let xt = Xt::new();
    let home = xt.project().join("home");
    let run = |args: &[&str]| xt.command(args).env("XT_HOME", &home).output().unwrap();
    let planned = |args: &[&str]| String::from_utf8(run(args).stdout).unwrap();
    assert!(run(&["create", "workspace", "ws1"]).status.success());
    let plan = planned(&["run", "--dry-run", "train.py"]);
    assert!(plan.contains("train.py") && !plan.contains("records.db"), "{plan}");
}

// Proves A10 (`general.env-vars`), P10: a run has the configuration's variables, and only the record's reader their names.
#[test]
fn the_variables_of_the_configuration_reach_the_run() {
    let xt = Xt::new();
    xt.write("xt_config.yaml", "general: {env-vars: {THREADS: 4, MODE: fast, API_KEY: $file:key}}\n");
    xt.write("key", "hunter2\n");
    let mut submit = xt.command(&["run", "--wait", "--env=MODE", "sh", "-c", "echo $THREADS $MODE $API_KEY"]);
    assert!(submit.env("THREADS", "1").env("MODE", "mine").output().unwrap().status.success());
    assert_eq!(xt.ok(&["view", "console", "run1"]), "4 mine hunter2\n");
    xt.ok(&["rerun", "run1"]);
    xt.ok(&["wait", "run2"]);
    assert_eq!(xt.ok(&["view", "console", "run2"]), "4 mine hunter2\n");
    let job = xt.ok(&["view", "job", "job1", "--json"]);
    assert!(job.contains("API_KEY") && !job.contains("hunter2"), "{job}");
}
