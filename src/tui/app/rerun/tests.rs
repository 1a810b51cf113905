//! The form to start runs again.
// Proves C1, B1, B34 (rerun with other arguments, hyperparameters and settings).
use super::*;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rstest::rstest;

fn run(command: &str) -> Run {
    let mut run =
        Run { script: "train.py".into(), command: shell_words::split(command).unwrap(), ..Run::default() };
    run.hparams.insert("n".into(), crate::model::Scalar::Int(3));
    run
}

fn form(command: &str) -> RerunForm {
    let run = run(command);
    RerunForm::new(vec![Target::Run(run.path())], &[&run], Some(&Job::default()))
}

fn type_over(form: &mut RerunForm, label: &str, text: &str) {
    form.fields.focus = form.fields.list.iter().position(|field| field.label == label).expect(label);
    form.fields.focused().unwrap().set("");
    for char in text.chars() {
        form.fields.press(None, KeyEvent::new(KeyCode::Char(char), KeyModifiers::NONE));
    }
    form.typed();
}

#[rstest]
#[case("--lr=.03 --steps 10 -n 3", &["lr=.03", "steps=10", "n=3"])]
#[case("lr=.03 model.depth=5 data/a=b", &["lr=.03", "model.depth=5"])]
#[case("--fast --lr -0.5 -v file", &["lr=-0.5"])]
#[case("--fast --quiet -- --lr=1", &[])]
#[case("--lr= --lr=2", &["lr="])]
fn named_arguments(#[case] line: &str, #[case] expected: &[&str]) {
    let form = form(&format!("python train.py {line}"));
    let found = &form.fields.list[1..form.settings_at()];
    let shown: Vec<_> = found.iter().map(|field| format!("{}={}", field.label, field.text())).collect();
    assert_eq!(shown, expected);
    assert_eq!(form.request(), Ok(Changes::default()), "an untouched form changes nothing");
}

#[test]
fn arguments_and_their_lines_follow_each_other() {
    let mut form = form("python train.py --lr=.03 --name 'two words'");
    assert_eq!(form.fields.list[0].text(), "--lr=.03 --name 'two words'");
    type_over(&mut form, "lr", ".1");
    assert_eq!(form.fields.list[0].text(), "--lr=.1 --name 'two words'");
    type_over(&mut form, "arguments", "--lr=.5 --name x --seed=7");
    let shown: Vec<_> =
        form.fields.list[1..4].iter().map(|field| (field.text(), field.original.clone())).collect();
    let was = |text: &str| Some(text.to_owned());
    assert_eq!(shown, [(".5".into(), was(".03")), ("x".into(), was("two words")), ("7".into(), None)]);
    let new: Vec<_> = form.command().into_iter().filter(|(_, new)| *new).map(|(word, _)| word).collect();
    assert_eq!(new, ["--lr=.5", "x", "--seed=7"]);
    let args = ["--lr=.5", "--name", "x", "--seed=7"].map(str::to_owned).to_vec();
    assert_eq!(form.request().unwrap().arguments, Some(args));
    type_over(&mut form, "arguments", "--lr='.1");
    assert!(form.problem.is_some() && form.request().is_err());
}

#[test]
fn what_is_typed_stays_with_its_argument_whatever_it_looks_like_meanwhile() {
    let mut form = form("python train.py --lr .03 --steps 10");
    form.fields.focus = form.fields.list.iter().position(|field| field.label == "lr").unwrap();
    form.fields.focused().unwrap().set("");
    for char in "-0.5".chars() {
        form.fields.press(None, KeyEvent::new(KeyCode::Char(char), KeyModifiers::NONE));
        form.typed();
    }
    let args = ["--lr", "-0.5", "--steps", "10"].map(str::to_owned).to_vec();
    assert_eq!(form.request().unwrap().arguments, Some(args));
}

#[test]
fn the_editor_gets_the_arguments_and_gives_them_back() {
    let mut form = form("python train.py --lr=.03 --name 'two words' file");
    let text = form.for_editor().unwrap();
    assert_eq!(text, format!("{EDITOR_HEAD}--lr=.03\n--name 'two words'\nfile\n"));
    form.edited(&text);
    assert_eq!(form.request(), Ok(Changes::default()));
    form.edited("--lr=.1 # better\n'a b'\n");
    assert_eq!(form.request().unwrap().arguments, Some(vec!["--lr=.1".into(), "a b".into()]));
    form.edited("'a b");
    assert!(form.problem.is_some());
}

#[test]
fn settings_that_are_touched_are_changed() {
    let mut form = form("python train.py");
    for (label, text) in
        [("about", "wider"), ("gpus", "2"), ("max retries", "3"), ("max minutes", "1.5"), ("tags", "best")]
    {
        type_over(&mut form, label, text);
    }
    let expected = Changes {
        description: Some("wider".into()),
        gpus: Some(Gpus::Count(2)),
        max_retries: Some(3),
        max_minutes: Some(1.5),
        tags: Some(tags::parse(&["best".into()]).unwrap()),
        ..Changes::default()
    };
    assert_eq!(form.request(), Ok(expected));
    type_over(&mut form, "priority", "soon");
    assert_eq!(form.request(), Err("`soon` is no priority".into()));
}

#[test]
fn several_runs_get_the_same_changes() {
    let runs = [run("python train.py --lr=.03 --depth=5"), run("python train.py --lr=.1 --depth=5")];
    let targets = vec![Target::Run(runs[0].path()), Target::Run(runs[1].path())];
    let mut form = RerunForm::new(targets, &[&runs[0], &runs[1]], None);
    let shown: Vec<_> =
        form.fields.list[..3].iter().map(|field| (field.label.as_str(), field.text())).collect();
    assert_eq!(shown, [("set", String::new()), ("lr", String::new()), ("depth", "5".into())]);
    assert_eq!(form.request(), Ok(Changes::default()));
    type_over(&mut form, "depth", "6");
    type_over(&mut form, "set", "seed=7 note='x y'");
    let set =
        [("seed", "7"), ("note", "x y"), ("depth", "6")].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(form.request().unwrap().set, set);
    type_over(&mut form, "set", "seed");
    assert!(form.request().unwrap_err().contains("name=value"));
}

#[rstest]
#[case("lr", ".1")]
#[case("about", "a line")]
fn arguments_that_are_not_finished_stay_whatever_is_typed_elsewhere(#[case] label: &str, #[case] text: &str) {
    let mut form = form("python train.py --lr=.03");
    let unfinished = "--lr=.5 --seed=7 --name='two words";
    type_over(&mut form, "arguments", unfinished);
    type_over(&mut form, label, text);
    assert_eq!(form.fields.list[0].text(), unfinished);
    assert!(form.problem.is_some(), "it is still not closed");
    assert!(form.for_editor().unwrap().ends_with(&format!("\n{unfinished}\n")));
    type_over(&mut form, "arguments", &format!("{unfinished}'"));
    let args = ["--lr=.5", "--seed=7", "--name=two words"].map(str::to_owned).to_vec();
    assert_eq!((form.problem.clone(), form.request().unwrap().arguments), (None, Some(args)));
}
