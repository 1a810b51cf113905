//! Proves A7: reports of runs and jobs, whatever their names.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::model::{Experiment, Job, JobName, Run, RunName, Workspace};

fn scalar(word: &str) -> Scalar {
    Scalar::from_word(word)
}

fn run(number: u64, pairs: &[(&str, &str)]) -> Run {
    let mut run = Run {
        run_name: RunName::top(number),
        run_num: number * 1_000_000,
        job_id: JobName(number),
        status: Status::Completed,
        exper_name: format!("exper{}", number % 2),
        create_time: "2026-11-24T22:22:12.576512+00:00".parse().unwrap(),
        run_duration: Some(130.0),
        start_time: Some(Time::from_micros(0)),
        ..Run::default()
    };
    for (name, word) in pairs {
        let (prefix, name) = name.split_once('.').unwrap();
        let values = match prefix {
            "hparams" => &mut run.hparams,
            "metrics" => &mut run.metrics,
            _ => &mut run.tags,
        };
        values.insert(name.to_owned(), scalar(word));
    }
    run
}

fn runs() -> Vec<Run> {
    vec![
        run(
            2,
            &[
                ("hparams.lr", "0.03"),
                ("metrics.acc", "0.87123"),
                ("metrics.loss", "NaN"),
                ("tags.best", "none"),
            ],
        ),
        run(10, &[("hparams.lr", ".1"), ("hparams.opt", "adam"), ("metrics.acc", "0.9")]),
        run(1, &[("hparams.steps", "1234567"), ("metrics.loss", "0.5")]),
    ]
}

fn spec(columns: &[&str]) -> Spec {
    Spec {
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        zone: jiff::tz::TimeZone::UTC,
        now: "2026-11-24T23:22:12.576512+00:00".parse().unwrap(),
        ..Spec::default()
    }
}

fn as_rows<R: Row>(rows: &[R]) -> Vec<&dyn Row> {
    rows.iter().map(|row| row as &dyn Row).collect()
}

fn shown(spec: &Spec, runs: &[Run]) -> Vec<String> {
    build(spec, &as_rows(runs)).unwrap().plain().lines().map(str::to_owned).collect()
}

#[test]
fn columns_headings_formats_and_types() {
    let columns = [
        "run, created",
        "status",
        "duration",
        "hparams.lr=Rate",
        "acc=Accuracy:.1%",
        "steps:,",
        "tags.best",
        "loss",
    ];
    let expected = [
        "RUN    CREATED              STATUS     DURATION  Rate  Accuracy      STEPS  BEST  LOSS",
        "run2   2026-11-24 22:22:12  completed     2m10s  0.03     87.1%             +      NaN",
        "run10  2026-11-24 22:22:12  completed     2m10s   0.1     90.0%",
        "run1   2026-11-24 22:22:12  completed     2m10s                  1,234,567         0.5",
    ];
    assert_eq!(shown(&spec(&columns), &runs()), expected);
}

#[rstest]
#[case("hparams.*", &["LR", "OPT", "STEPS"])]
#[case("metrics.*", &["ACC", "LOSS"])]
#[case("*oss", &["LOSS"])]
#[case("metrics.?cc,metrics.*", &["ACC", "LOSS"])]
#[case("metrics.*,metrics.acc=A", &["LOSS", "A"])]
#[case("metrics.none*", &[])]
#[case("run,tags.*", &["RUN", "BEST"])]
#[case("\"hparams.lr\"", &["LR"])]
fn patterns_expand_in_the_order_first_met(#[case] columns: &str, #[case] expected: &[&str]) {
    let runs = runs();
    let table = build(&spec(&[columns]), &as_rows(&runs)).unwrap();
    assert_eq!(table.headings.iter().map(|heading| heading.text.as_str()).collect::<Vec<_>>(), expected);
}

#[rstest]
#[case("statu", "`statu` is no column (did you mean `status`?)")]
#[case("lrr", "did you mean `lr`?")]
#[case("zzzzzz", "`zzzzzz` is no column: `--available`")]
#[case("=X", "it has no name")]
#[case("\"run", "a quote is never closed")]
#[case("acc:.2q", "`.2q` is no format")]
fn mistakes_are_told(#[case] column: &str, #[case] told: &str) {
    let runs = runs();
    let error = build(&spec(&[column]), &as_rows(&runs)).unwrap_err().to_string();
    assert!(error.contains(told), "{error}");
}

#[test]
fn sort_and_group_are_checked_too() {
    let runs = runs();
    let sort = vec![Sort { column: "acccc".into(), descending: false }];
    assert!(build(&Spec { sort, ..spec(&["run"]) }, &as_rows(&runs)).is_err());
    assert!(build(&Spec { group: Some("experimen".into()), ..spec(&["run"]) }, &as_rows(&runs)).is_err());
}

#[test]
fn columns_nobody_typed_vanish_when_empty() {
    let spec = Spec { hide_empty: true, ..spec(&["run", "metrics.dev-f1", "box"]) };
    assert_eq!(shown(&spec, &runs()), ["RUN", "run2", "run10", "run1"]);
}

#[rstest]
#[case("run", false, &["run1", "run2", "run10"])]
#[case("run", true, &["run10", "run2", "run1"])]
#[case("job", false, &["run1", "run2", "run10"])]
#[case("acc", false, &["run2", "run10", "run1"])]
#[case("acc", true, &["run10", "run2", "run1"])]
#[case("metrics.loss", false, &["run1", "run2", "run10"])]
#[case("metrics.loss", true, &["run1", "run2", "run10"])]
#[case("status", true, &["run2", "run10", "run1"])]
fn sorting_puts_missing_values_last(
    #[case] column: &str,
    #[case] descending: bool,
    #[case] expected: &[&str],
) {
    let sort = vec![Sort { column: column.into(), descending }];
    let lines = shown(&Spec { sort, ..spec(&["run"]) }, &runs());
    assert_eq!(lines[1..], *expected);
}

#[test]
fn groups() {
    let grouped = Spec { group: Some("experiment".into()), number_groups: true, ..spec(&["run"]) };
    let expected = ["1. exper0 (2)", "  RUN", "  run2", "  run10", "", "2. exper1 (1)", "  RUN", "  run1"];
    assert_eq!(shown(&grouped, &runs()), expected);
    assert_eq!(shown(&Spec { flat: true, ..grouped }, &runs()), ["RUN", "run2", "run10", "run1"]);
    let by_optimizer = Spec { group: Some("opt".into()), ..spec(&["run"]) };
    let expected = ["adam (1)", "  RUN", "  run10", "", "no opt (2)", "  RUN", "  run2", "  run1"];
    assert_eq!(shown(&by_optimizer, &runs()), expected);
}

#[test]
fn ages_and_precision_on_request() {
    let lines = shown(&Spec { ages: true, precision: 2, ..spec(&["created,acc,created:$do"]) }, &runs());
    assert_eq!(lines[1], "1h       0.87  2026-11-24");
}

#[test]
fn hostile_texts_stay_in_their_cell() {
    let evil = "a\nb\u{1b}[31m\u{202e}gnp";
    let mut run = run(1, &[]);
    run.description = Some(evil.into());
    run.hparams.insert(evil.into(), scalar("1"));
    run.exper_name = evil.into();
    let spec = Spec {
        max_width: None,
        group: Some("experiment".into()),
        ..spec(&["run,description,hparams.*=x,status=Z\u{1b}"])
    };
    let table = build(&spec, &as_rows(&[run])).unwrap();
    for text in [table.plain(), table.render(Paint::plain(), Some(30)), Export::Markdown.write(&table)] {
        assert!(!text.chars().any(|c| c == '\u{1b}' || c == '\u{202e}'), "{text}");
    }
    assert_eq!(table.plain().lines().count(), 3);
    assert_eq!(table.rows[0][1].value, Some(Scalar::Text(evil.into())));
}

#[test]
fn without_rows_there_are_headings() {
    let table = build(&spec(&["run", "whatever", "hparams.*"]), &[]).unwrap();
    assert_eq!(table.plain(), "RUN  WHATEVER\n");
}

#[test]
fn ten_thousand_columns() {
    let mut wide = run(1, &[]);
    for i in 0..10_000 {
        wide.metrics.insert(format!("m{i}"), Scalar::Float(0.5));
    }
    let table = build(&spec(&["run", "metrics.*"]), &as_rows(&[wide])).unwrap();
    assert_eq!(table.headings.len(), 10_001);
    assert_eq!(Export::Csv.write(&table).lines().count(), 2);
}

/// Every standard field is one the row knows, by its record name and by each alias.
fn check_vocabulary(row: &dyn Row) {
    for known in row.fields() {
        assert!(row.field(known.name).is_some(), "{}", known.name);
        for alias in known.aliases {
            assert_eq!(columns::field(alias, &[row]).unwrap(), known.name);
            assert_eq!(row.field(alias), row.field(known.name));
        }
    }
    let names: Vec<_> = row.fields().iter().flat_map(Known::names).collect();
    let unique: std::collections::HashSet<_> = names.iter().collect();
    assert_eq!(names.len(), unique.len(), "a name means two fields");
}

#[test]
fn every_standard_field_is_there() {
    let time = Time::from_micros(1);
    let text = || Some("x".to_owned());
    check_vocabulary(&Run {
        description: text(),
        box_name: text(),
        app_name: text(),
        search_type: text(),
        repeat: Some(1),
        resume_name: text(),
        path: text(),
        start_time: Some(time),
        end_time: Some(time),
        queue_duration: Some(1.0),
        run_duration: Some(1.0),
        exit_code: Some(1),
        signal: Some(1),
        end_reason: text(),
        end_id: Some(1),
        ..Run::default()
    });
    let mut job = Job {
        end_time: Some(time),
        description: text(),
        concurrent: Some(1),
        resume_name: text(),
        parent_script: text(),
        ..Job::default()
    };
    for field in [
        &mut job.ws_name,
        &mut job.exper_name,
        &mut job.compute,
        &mut job.username,
        &mut job.search_style,
        &mut job.schedule,
        &mut job.xt_cmd,
        &mut job.primary_metric,
        &mut job.job_guid,
    ] {
        *field = "x".into();
    }
    (job.provenance.git_commit, job.provenance.git_branch) = (text(), text());
    check_vocabulary(&job);
    check_vocabulary(&Workspace {
        ws: "x".into(),
        description: "x".into(),
        username: "x".into(),
        last_time: Some(time),
        ..Workspace::default()
    });
    check_vocabulary(&Experiment {
        ws: "x".into(),
        exper_name: "x".into(),
        last_time: Some(time),
        ..Experiment::default()
    });
}

#[test]
fn jobs_have_rows_too() {
    let mut job = Job { job_id: JobName(7), job_status: Status::Running, run_count: 3, ..Job::default() };
    job.tags.insert("urgent".into(), Scalar::Null);
    let table = build(&spec(&["job,status,runs,error_runs:$bz,tags.*"]), &as_rows(&[job])).unwrap();
    assert_eq!(table.plain().lines().nth(1), Some("job7  running     3              +"));
}

#[rstest]
#[case("a,b", &["a", "b"])]
#[case("a=X:,", &["a=X:,"])]
#[case("a:,.2f,b", &["a:,.2f", "b"])]
#[case(" a , ,b,", &["a", "b"])]
#[case("\"a,b\"=X,`c,d`", &["\"a,b\"=X", "`c,d`"])]
fn lists_split_at_commas(#[case] list: &str, #[case] expected: &[&str]) {
    assert_eq!(columns::split(list), expected);
}

proptest! {
    #[test]
    fn any_name_and_value_makes_a_row_on_one_line(name in any::<String>(), value in any::<String>()) {
        let mut run = run(1, &[]);
        run.hparams.insert(name, Scalar::Text(value));
        let table = build(&spec(&["run", "hparams.*"]), &as_rows(&[run])).unwrap();
        prop_assert_eq!(table.plain().lines().count(), 2);
    }

    #[test]
    fn any_column_is_read_or_refused(column in "\\PC{0,20}") {
        let runs = runs();
        let _ = build(&spec(&[&column]), &as_rows(&runs));
    }

    #[test]
    fn sorting_is_a_permutation_in_order(words in prop::collection::vec(prop::option::of("[0-9]{1,3}|NaN|[a-c]{1,2}"), 0..12), descending in any::<bool>()) {
        let runs: Vec<_> = words
            .iter()
            .zip(1..)
            .map(|(word, i)| run(i, &word.as_deref().map(|word| ("metrics.x", word)).into_iter().collect::<Vec<_>>()))
            .collect();
        let sort = vec![Sort { column: "metrics.x".into(), descending }];
        let table = build(&Spec { sort, ..spec(&["run", "metrics.x"]) }, &as_rows(&runs)).unwrap();
        prop_assert_eq!(table.rows.len(), runs.len());
        let values: Vec<_> = table.rows.iter().map(|row| row[1].value.clone()).collect();
        let missing = values.iter().position(Option::is_none).unwrap_or(values.len());
        prop_assert!(values[missing..].iter().all(Option::is_none));
        let numbers: Vec<_> = values.iter().flatten().filter_map(Scalar::as_f64).filter(|x| !x.is_nan()).collect();
        let in_order = numbers.windows(2).all(|pair| if descending { pair[0] >= pair[1] } else { pair[0] <= pair[1] });
        prop_assert!(in_order);
    }
}
