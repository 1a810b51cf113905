// Proves P9, B40: absurd names and output, closed pipes.

use std::process::Stdio;

use super::harness::Xt;

const ESCAPE: char = '\u{1b}';

#[test]
fn names_of_anybody_steer_no_terminal() {
    let xt = Xt::new();
    xt.write("evil \u{1b}[31m.py", "import xt\nrun = xt.Run()\nrun.log_metrics({'\\x1b]0;t\\x07 a.b$\\n\u{202e}': float('nan'), 'x' * 300: 1})\n");
    let description = "line\nbreak \u{1b}[2J";
    xt.run(&[
        "--description",
        description,
        "--tags",
        "t\u{1b}[1m=\u{202e}",
        "--experiment",
        "ä $ö 👍 ..",
        "evil \u{1b}[31m.py",
    ]);
    for args in [
        &["list", "runs"][..],
        &["list", "jobs"],
        &["list", "experiments"],
        &["view", "run", "run1"],
        &["view", "job", "job1"],
        &["view", "events", "run1"],
        &["view", "metrics", "run1"],
        &["view", "args", "run1"],
        &["list", "tags", "run1"],
        &["list", "runs", "--available"],
        &["run", "--dry-run", "evil \u{1b}[31m.py"],
    ] {
        let (text, notes) = xt.ok_with_notes(args);
        assert!(!text.contains([ESCAPE, '\u{7}', '\u{202e}']), "{args:?}: {text:?}");
        assert!(!notes.contains(ESCAPE), "{args:?}: {notes:?}");
    }
    assert!(xt.ok(&["list", "experiments"]).contains("ä $ö 👍 .."));
    assert_eq!(xt.json(&["view", "run", "run1"])["description"], description);
}

#[test]
fn absurd_words_are_refused_in_one_line() {
    let xt = Xt::new();
    for args in [
        &["run", "--experiment=a/b", "true"][..],
        &["run", "--workspace=../x", "true"],
        &["run", "--workspace=", "true"],
        &["run", "--experiment=a\nb", "true"],
        &["run", "--runs=0", "true"],
        &["run", "--max-minutes=NaN", "true"],
        &["run", "no-such\u{1b}[31m-program"],
        &["run", ""],
        &["view", "run", "run1\u{1b}[31m"],
        &["view", "run", "run99999999999999999999999"],
        &["cancel", "run", "run1-run"],
        &["view", "workspace", "\u{202e}"],
    ] {
        let error = xt.fails(args);
        assert!(error.starts_with("xt: ") && error.lines().count() == 1, "{args:?}: {error:?}");
        assert!(!error.contains([ESCAPE, '\u{202e}']), "{args:?}: {error:?}");
    }
    assert_eq!(xt.json(&["list", "jobs"]), serde_json::json!([]));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let xt = Xt::new();
    xt.write("long.py", "for i in range(200000): print('a line of the log', i)");
    xt.run(&["long.py"]);
    for args in
        [&["view", "console", "run1"][..], &["list", "runs"], &["help", "run"], &["completions", "bash"]]
    {
        let mut child = xt.command(args).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{args:?}");
    }
}

#[test]
fn a_full_disk_is_told() {
    let xt = Xt::new();
    xt.run(&["true"]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = xt.command(&["list", "runs"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("xt: cannot write to standard output: "));
}
