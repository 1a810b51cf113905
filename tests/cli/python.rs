// Proves A6, A12: the Python client asks the real program, in a run and from a notebook.

use serde_json::json;

use super::harness::Xt;

/// All that the client asks the program for, in a run of its own.
const ASKS: &str = r#"
import os, xt
with xt.Run() as run:
    run.tag_job({"good": None, "plot": "acc"})
    os.makedirs("plots", exist_ok=True)
    open("plots/a.txt", "w").write("a plot")
    run.upload_files("plots/*.txt", "plots")
    run.download_files("plots", "back")
    print(open("back/a.txt").read())
    assert run.set_checkpoint({"epoch": 1}) and run.clear_checkpoint()
store = xt.Store()
print([found["ws"] for found in store.workspaces()], [found["exper_name"] for found in store.experiments("ws1")])
print([found["job_id"] for found in store.jobs()], store.jobs("ws1")[-1]["tags"])
print([found["run_name"] for found in store.runs("ws1", filter=["lr<1", "epochs=3"], experiment="exper1", job="job1")])
print(store.run("ws1/run1")["status"], store.hparams("run1"))
print([(point["step"], point["value"]) for point in store.metrics("run1", "acc")], len(store.metrics("run1")))
print(store.console("run1").splitlines()[0])
try:
    store.run("run99")
except xt.XtError as error:
    print(error)
"#;

#[test]
fn the_client_and_the_program_understand_each_other() {
    let xt = Xt::new();
    xt.write("asks.py", ASKS);
    xt.run(&["train.py", "--lr=.5"]);
    xt.run(&["asks.py"]);
    let said = xt.ok(&["view", "console", "run2"]);
    let lines: Vec<_> = said.lines().collect();
    let expected = [
        "a plot",
        "['ws1'] ['exper1']",
        "['job1', 'job2'] {'good': None, 'plot': 'acc'}",
        "['run1']",
        "completed {'lr': 0.5, 'epochs': 3}",
        "[(0, 0.5), (1, 0.6), (2, 0.7)] 9",
        "epoch 0",
    ];
    assert_eq!(lines[..7], expected, "{said}");
    assert!(lines[7].contains("there is no run `ws1/run99`"), "{said}");
    assert_eq!(xt.json(&["view", "job", "job2"])["tags"], json!({"good": null, "plot": "acc"}));
}
