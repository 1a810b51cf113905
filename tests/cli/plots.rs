// Proves A8: metrics of runs as charts, in the terminal and in files.

use serde_json::json;

use super::harness::Xt;

/// Two runs that log numbers, and one that logs none.
fn sample() -> Xt {
    let xt = Xt::new();
    xt.run(&["train.py"]);
    xt.run(&["train.py"]);
    xt.run(&["true"]);
    xt
}

#[test]
fn charts_are_drawn_into_a_pipe_without_colours() {
    let xt = sample();
    let text = xt.ok(&["plot", "run1"]);
    assert!(!text.contains('\u{1b}'), "{text}");
    let heads: Vec<_> = text.lines().filter(|line| line.contains("run1")).map(str::trim).collect();
    assert_eq!(heads, ["loss   ━ run1 0.3333", "acc   ━ run1 0.7"], "the epochs are the steps: {text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80 && line.trim_end() == line), "{text}");
    assert!(text.contains("⠤") || text.contains("⠒") || text.contains("⣀"), "{text}");
    let (both, notes) = xt.ok_with_notes(&["plot", "run1-run3", "loss", "--title=Both"]);
    assert!(both.starts_with("Both\n") && both.contains("* run1 0.3333   + run2 0.3333"), "{both}");
    assert!(both.is_ascii(), "without colours, curves are told apart by signs: {both}");
    assert_eq!(notes, "`loss` is not in run3\n");
    let mut plain = xt.command(&["plot", "run1", "acc"]);
    let plain = plain.env("LC_ALL", "C").output().unwrap().stdout;
    assert!(plain.is_ascii() && plain.contains(&b'*'));
}

#[test]
fn curves_are_data_too() {
    let xt = sample();
    let curves = xt.json(&["plot", "job1-job2", "acc"]);
    let expected = |run: &str| json!({"metric": "acc", "run": run, "x_name": "step", "x": [0, 1, 2], "y": [0.5, 0.6, 0.7]});
    assert_eq!(curves, json!([expected("run1"), expected("run2")]));
    let smooth = xt.json(&["plot", "run1", "--metrics=l*", "--x=epoch", "--smooth=0.5"]);
    assert_eq!((&smooth[0]["metric"], &smooth[0]["x_name"]), (&json!("loss"), &json!("epoch")));
    let second = smooth[0]["y"][1].as_f64().unwrap();
    assert!((second - (0.25 + 0.25) / 0.75).abs() < 1e-12, "TensorBoard's average: {smooth}");
    let times = xt.json(&["plot", "run1", "acc", "--x=time"]);
    let last = times[0]["x"][2].as_f64().unwrap();
    assert!(last > 0.0 && last < 600.0, "seconds since the start: {times}");
}

#[test]
fn charts_are_drawn_into_files() {
    let xt = sample();
    let (nothing, note) = xt.ok_with_notes(&["plot", "run1-run2", "--save-to=all.png", "--layout=1x2"]);
    assert_eq!((nothing.as_str(), note.as_str()), ("", "drawn into all.png\n"));
    assert!(std::fs::read(xt.project().join("all.png")).unwrap().starts_with(b"\x89PNG"));
    xt.ok(&["plot", "run1", "acc", "--save-to=acc.svg"]);
    let picture = std::fs::read_to_string(xt.project().join("acc.svg")).unwrap();
    assert!(picture.contains(">run1<") && picture.contains(">acc<") && picture.contains(">step<"));
    let error = xt.fails(&["plot", "run1", "--save-to=acc.pdf"]);
    assert!(error.contains("name it .png or .svg"), "{error}");
}

#[test]
fn what_cannot_be_plotted_is_said_in_a_line() {
    let xt = sample();
    for (args, expected) in [
        (
            &["run1", "los"][..],
            "xt: there is no metric `los`; there are epoch, loss, acc: did you mean `loss`?\n",
        ),
        (&["run1", "x*"], "xt: there is no metric `x*`; there are epoch, loss, acc\n"),
        (&["run1", "--x=batch"], "xt: there is no metric `batch`; there are epoch, loss, acc\n"),
        (&["run3"], "xt: nothing to plot: run3 has no metrics yet\n"),
    ] {
        assert_eq!(xt.fails(&[&["plot"], args].concat()), expected, "{args:?}");
    }
    assert!(xt.misused(&["plot", "run1", "--smooth=2"]).contains("write a number from 0 to 1"));
    assert!(xt.misused(&["plot", "run1", "--layout=9"]).contains("ROWSxCOLUMNS"));
}
