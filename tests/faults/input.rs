//! Hostile and absurd input: a clear error at the right moment, and nothing else lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

use rstest::rstest;
use xt::model::{Scalar, Status};
use xt::store::Records;

use crate::support::{Home, python, size, skip, until};

// Proves P9: a line of 100 MB (1 GB at full size) without an end, invalid UTF-8, and escape sequences, to the byte.
#[test]
fn any_output_is_kept_as_it_is() {
    let home = Home::new();
    home.write(
        "print.py",
        r#"
import os, sys
wild = bytes(range(256)) * 100 + b"\x1b]0;title\x07\x1b[2J\xff\xfe\xc3\x28 \x1b[31mred"
os.write(1, wild)
piece, left = b"long" * 16384, int(sys.argv[1]) << 20
while left:
    left -= os.write(1, piece[:left])
"#,
    );
    let megabytes = size(100, 1000);
    let path = home.run(&[python(), "print.py", &megabytes.to_string()]);
    let run = home.until_is(&path, Status::Completed);
    let console = home.kept(&path, "after/output/console.txt");
    let wild: Vec<u8> = (0..=255).cycle().take(25_600).collect();
    let bytes = fs::read(&console).unwrap();
    let tail = b"\x1b]0;title\x07\x1b[2J\xff\xfe\xc3\x28 \x1b[31mred";
    assert_eq!(bytes.len(), wild.len() + tail.len() + (megabytes << 20));
    assert!(bytes.starts_with(&wild) && bytes[wild.len()..].starts_with(tail));
    assert!(bytes[wild.len() + tail.len()..].chunks(4).all(|chunk| chunk == b"long"));
    // The last piece of it is shown at once, however long the line is.
    let shown = home.output(["view", "console", "run1", "--tail", "1"]);
    assert!(shown.status.success());
    assert!(shown.stdout.ends_with(b"long"));
    assert_eq!(run.exit_code, Some(0));
}

// Proves P9, A6: numbers that are none, texts, ten thousand names, and names that mean something elsewhere.
#[test]
fn any_metric_is_taken_in() {
    let home = Home::new();
    home.write(
        "log.py",
        r#"
import json, os
odd = ["a b", "a/b", "a\nb", "a.b", "$where", "$set.x", "naïve 🦀", "", "metrics.metrics", "'; DROP TABLE runs; --", "x" * 10000, "\x1b[31m", "__proto__"]
with open(os.environ["XT_EVENTS"] + "/1.jsonl", "w") as events:
    def say(event, data):
        events.write(json.dumps({"event": event, "step": 1, "data": data}) + "\n")
    say("metrics", {"nan": float("nan"), "up": float("inf"), "down": -float("inf"), "text": "high", "null": None, "list": [1, {"a": 2}], "deep": json.loads("[" * 50 + "]" * 50)})
    say("metrics", {"too big for any number": 10**400})
    say("metrics", {name: number for number, name in enumerate(odd)})
    say("metrics", {f"metric {number}": number for number in range(10000)})
    say("hparams", {name: number for number, name in enumerate(odd)})
    say("tags", {name: None for name in odd})
    for line in ["", "{", "nonsense", '{"event": 7}', "[" * 100000, '{"event": "metrics"}', '{"event": "metrics", "data": {"a": 1}, "step": "third"}']:
        events.write(line + "\n")
    say("metrics", {"last": 1})
"#,
    );
    let path = home.run(&[python(), "log.py"]);
    let run = home.until_is(&path, Status::Completed);
    assert_eq!(run.metrics["nan"].to_string(), "NaN");
    assert_eq!(
        (run.metrics["up"].to_string(), run.metrics["down"].to_string()),
        ("Infinity".into(), "-Infinity".into())
    );
    assert_eq!(run.metrics["too big for any number"].to_string(), "Infinity");
    assert_eq!(run.metrics["text"], Scalar::Text("high".into()));
    assert_eq!(run.metrics["metric 9999"], Scalar::Int(9999));
    assert_eq!(run.metrics["last"], Scalar::Int(1));
    for (name, number) in
        [("a b", 0), ("a/b", 1), ("a\nb", 2), ("a.b", 3), ("$where", 4), ("naïve 🦀", 6), ("", 7)]
    {
        assert_eq!(run.metrics[name], Scalar::Int(number), "{name:?}");
        assert_eq!(run.hparams[name], Scalar::Int(number), "{name:?}");
        assert!(run.tags.contains_key(name), "{name:?}");
        let series = home.records().metrics(&path, &[name.to_owned()]).unwrap();
        assert_eq!(series[0].points.len(), 1, "{name:?}");
    }
    assert_eq!(home.records().metrics(&path, &[]).unwrap().len(), run.metrics.len());
    let events = home.records().events(&path).unwrap();
    let unreadable = events.iter().filter(|event| event.event == "unreadable-line").count();
    assert_eq!(unreadable, 4, "{events:?}");
    home.assert_sound();
    // What is shown of it on a terminal or in a pipe is free of escapes.
    for words in [&["list", "runs"][..], &["view", "run", "run1"], &["view", "metrics", "run1"]] {
        let output = home.output(words);
        assert!(!output.stdout.contains(&0x1b), "{words:?}");
        assert!(output.status.success(), "{words:?} {output:?}");
    }
}

// Proves P9: what a script puts where its words are expected, and is no file, stops nobody.
#[test]
fn what_is_no_file_among_the_events_and_outputs_is_left_alone() {
    let home = Home::new();
    home.write(
        "odd.sh",
        "cd $XT_EVENTS; mkfifo 1.jsonl; ln -s /dev/zero 2.jsonl; mkdir 3.jsonl\n\
         echo '{\"event\":\"metrics\",\"data\":{\"loss\":1}}' > 4.jsonl\n\
         cd $XT_OUTPUT_DIR; mkfifo pipe; ln -s /dev/zero endless; ln -s / root; mkdir -p deep/er; echo x > deep/er/file; mkdir none; chmod 0 none\n\
         echo done\n",
    );
    let path = home.run(&["odd.sh"]);
    let run = home.until_is(&path, Status::Completed);
    assert_eq!(run.metrics["loss"], Scalar::Int(1));
    assert_eq!(home.console(&path), b"done\n");
    assert_eq!(fs::read_to_string(home.kept(&path, "after/output/deep/er/file")).unwrap(), "x\n");
}

// Proves B40, P9: names are taken as they are, or refused before anything is recorded.
#[rstest]
#[case("--workspace", "a b")]
#[case("--workspace", "a/b")]
#[case("--workspace", "..")]
#[case("--workspace", "a\nb")]
#[case("--workspace", "$where")]
#[case("--workspace", "🦀")]
#[case("--workspace", "")]
#[case("--workspace", "\u{1b}[31m")]
#[case("--experiment", "a/b")]
#[case("--experiment", "..")]
#[case("--experiment", "a\nb")]
#[case("--experiment", "a b.$c 🦀")]
#[case("--experiment", "")]
#[case("--tags", "a b=1")]
#[case("--tags", "a.b=$c")]
#[case("--tags", "🦀='\n'")]
fn an_odd_name_is_taken_or_refused(#[case] option: &str, #[case] name: &str) {
    let home = Home::new();
    home.write("script.sh", "true\n");
    let output = home.output(["run", "--json", &format!("{option}={name}"), "script.sh"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains('\u{1b}') && !said.contains("panicked"), "{said:?}");
    if output.status.success() {
        let run = home.until_all_ended().remove(0);
        assert_eq!(run.status, Status::Completed);
        if option == "--experiment" {
            assert_eq!(run.exper_name, name);
        }
        assert!(home.ok(["list", "runs", "--workspace", &run.ws]).contains("run1"));
    } else {
        assert_eq!(home.records().jobs(None, None).unwrap().len(), 0);
        assert_eq!(said.trim().lines().count(), 1, "{said}");
    }
    home.assert_sound();
}

// Proves B40: two workspaces that differ only in case would share their files on some disks.
#[test]
fn workspaces_that_differ_in_case_are_refused() {
    let home = Home::new();
    home.write("script.sh", "true\n");
    home.ok(["run", "--workspace=Mine", "script.sh"]);
    let said = home.fails(["run", "--workspace=mine", "script.sh"]);
    assert!(said.contains("Mine") && said.contains("case"), "{said}");
    home.until_all_ended();
}

// Proves B40: what is missing is told when it is asked for, with the nearest name.
#[test]
fn a_missing_script_or_interpreter_is_told() {
    let home = Home::new();
    home.write("train.py", "");
    let said = home.fails(["run", "trian.py"]);
    assert!(said.contains("did you mean `train.py`"), "{said}");
    let said = home.fails(["run", "no-such-program"]);
    assert!(said.contains("no-such-program"), "{said}");
    let odd = home.write("odd", "#!/no/such/interpreter\n");
    fs::set_permissions(&odd, PermissionsExt::from_mode(0o755)).unwrap();
    let path = home.run(&["odd"]);
    let run = home.until_is(&path, Status::Error);
    assert_eq!(run.exit_code, Some(127));
    let reason = run.end_reason.unwrap();
    assert!(reason.contains("no such program") || reason.contains("interpreter"), "{reason}");
    assert!(String::from_utf8(home.console(&path)).unwrap().contains("cannot start"));
}

// Proves P8, A2: a folder that cannot be read is told at the submit, by its name.
#[test]
fn an_unreadable_folder_is_told_at_the_submit() {
    if !rustix::process::geteuid().is_root() {
        return skip("only root can try as somebody else");
    }
    let home = Home::new();
    home.write("script.sh", "true\n");
    let closed = home.file("closed");
    fs::create_dir(&closed).unwrap();
    let nobody = 65534;
    let mut top = home.project();
    while top.parent().is_some_and(|parent| parent != std::env::temp_dir()) {
        top.pop();
        fs::set_permissions(&top, PermissionsExt::from_mode(0o755)).unwrap();
    }
    for folder in [home.root().to_path_buf(), home.root().join("config"), home.project()] {
        std::os::unix::fs::chown(&folder, Some(nobody), Some(nobody)).unwrap();
    }
    let config = xt::config::Home::below(home.root()).config_file();
    std::os::unix::fs::chown(&config, Some(nobody), Some(nobody)).unwrap();
    fs::set_permissions(&closed, PermissionsExt::from_mode(0o000)).unwrap();
    let xt = home.root().with_file_name("xt");
    fs::copy(env!("CARGO_BIN_EXE_xt"), &xt).unwrap();
    let submit =
        |words: &[&str]| home.command(&xt.to_string_lossy(), words).uid(nobody).gid(nobody).output().unwrap();
    let output = submit(&["run", "script.sh"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("closed") && said.contains("code-omit"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    let output = submit(&["run", "--code-omit=closed", "script.sh"]);
    assert!(output.status.success(), "{output:?}");
    until("it has run", || {
        let runs = home.records().runs(&xt::store::RunQuery::default()).unwrap();
        (runs[0].status == Status::Completed).then_some(())
    });
}
