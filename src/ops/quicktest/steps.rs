//! What is tried, in order. Each answers how it came out, or in words what did not work.

use std::fs;

use serde_json::Value;

use super::Outcome;
use super::sandbox::Sandbox;
use crate::model::RunPath;
use crate::node::process;
use crate::ops::attach::Keyboard;
use crate::ops::run::find_program;

type Answer = Result<Outcome, String>;

/// Something to try.
pub struct Trial {
    /// What is tried.
    pub name: &'static str,
    /// Where to look when it does not work.
    pub hint: &'static str,
    /// Tries it.
    pub run: fn(&mut Sandbox) -> Answer,
}

/// Everything, in order; the first needs to work for the others to make sense.
pub const TRIALS: &[Trial] = &[
    Trial {
        name: "create a store and a workspace",
        hint: "the cache folder must be on a disk that can be written and has room",
        run: create,
    },
    Trial {
        name: "run a shell command",
        hint: "runs are started by a controller in the background: does the system let it live? Try `XT_LOG=debug xt run --wait true`, then `xt view controller log`",
        run: shell,
    },
    Trial { name: "keep every byte of the output", hint: "is the disk full?", run: console },
    Trial {
        name: "run a Python script that logs metrics",
        hint: "does `python3 -c 'import json'` work, and is PYTHONPATH free of another module named xt?",
        run: python,
    },
    Trial {
        name: "tell a failure and its exit code",
        hint: "look at `xt view controller log`",
        run: failure,
    },
    Trial { name: "try a failed run again", hint: "look at `xt view controller log`", run: retry },
    Trial {
        name: "kill a run with all its processes",
        hint: "xt finds processes in /proc: is it mounted with hidepid?",
        run: kill,
    },
    Trial {
        name: "attach to a run and type into it",
        hint: "runs with a terminal need /dev/ptmx and unix sockets",
        run: attach,
    },
    Trial { name: "check the store", hint: "the disk may lose data: look at the system's log", run: check },
    Trial {
        name: "leave no process behind",
        hint: "`ps aux | grep 'xt node'` shows what is left",
        run: clear,
    },
];

fn expect(what: &str, found: &str, expected: &str) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?} and should be {expected:?}")) }
}

fn passed<T>(_: T) -> Outcome {
    Outcome::Passed
}

/// A field of a run's record.
fn field(sandbox: &Sandbox, run: &str, pointer: &str) -> Result<Value, String> {
    let record = sandbox.json(&["view", "run", run, "--json"])?;
    Ok(record.pointer(pointer).cloned().unwrap_or_default())
}

fn status(sandbox: &Sandbox, run: &str) -> Result<String, String> {
    Ok(field(sandbox, run, "/status")?.as_str().unwrap_or_default().to_owned())
}

fn output(sandbox: &Sandbox, run: &str) -> Result<Vec<u8>, String> {
    sandbox.done(&["view", "console", run])
}

fn create(sandbox: &mut Sandbox) -> Answer {
    sandbox.done(&["create", "workspace", "ws1"])?;
    let found = sandbox.json(&["list", "workspaces", "--json"])?;
    let name = found.pointer("/0/ws").and_then(Value::as_str).unwrap_or_default();
    expect("the workspace", name, "ws1").map(passed)
}

fn shell(sandbox: &mut Sandbox) -> Answer {
    let run = sandbox.submit(&["--wait", "sh", "-c", "echo \"hello from $XT_RUN_NAME\""])?;
    let output = output(sandbox, &run)?;
    expect("its output", &String::from_utf8_lossy(&output), &format!("hello from {run}\n")).map(passed)
}

fn console(sandbox: &mut Sandbox) -> Answer {
    // Bytes of every kind, a long line, many lines, and no newline at the end.
    let script = "printf '\\000\\377\\033[31m'; printf '%200000d\\n' 7; i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; printf end";
    let mut expected = b"\0\xff\x1b[31m".to_vec();
    expected.extend_from_slice(format!("{}7\n", " ".repeat(199_999)).as_bytes());
    for line in 0..5000 {
        expected.extend_from_slice(format!("line {line}\n").as_bytes());
    }
    expected.extend_from_slice(b"end");
    let run = sandbox.submit(&["--wait", "sh", "-c", script])?;
    let output = output(sandbox, &run)?;
    if output == expected {
        return Ok(Outcome::Passed);
    }
    let same = output.iter().zip(&expected).take_while(|(a, b)| a == b).count();
    Err(format!("{} bytes came of {}, and they differ from byte {same} on", output.len(), expected.len()))
}

fn python(sandbox: &mut Sandbox) -> Answer {
    if find_program("python3").is_none() {
        return Ok(Outcome::Skipped { why: "there is no python3 on PATH".to_owned() });
    }
    let script = "import xt\nrun = xt.Run()\nrun.log_hparams({'lr': 0.1})\nfor epoch in range(1, 4):\n    run.log_metrics({'epoch': epoch, 'loss': 1.0 / epoch}, step_name='epoch')\n";
    let path = sandbox.project().join("train.py");
    fs::write(&path, script).map_err(|error| format!("{}: {error}", path.display()))?;
    let run = sandbox.submit(&["--wait", "train.py"])?;
    let said = String::from_utf8_lossy(&output(sandbox, &run)?).into_owned();
    expect("its status", &status(sandbox, &run)?, "completed").map_err(|error| format!("{error}: {said}"))?;
    expect("lr", &field(sandbox, &run, "/hparams/lr")?.to_string(), "0.1")?;
    let loss = field(sandbox, &run, "/metrics/loss")?.as_f64().unwrap_or_default();
    expect("the last loss", &format!("{loss:.4}"), "0.3333").map(passed)
}

fn failure(sandbox: &mut Sandbox) -> Answer {
    let answer = sandbox.xt(&["run", "--wait", "sh", "-c", "exit 3"])?;
    expect("the exit status of `xt run --wait`", &format!("{:?}", answer.status), "Some(3)")?;
    let list = sandbox.json(&["list", "runs", "--status=error", "--json"])?;
    let code = list.pointer("/0/exit_code").cloned().unwrap_or_default();
    expect("the recorded exit code", &code.to_string(), "3").map(passed)
}

fn retry(sandbox: &mut Sandbox) -> Answer {
    let run = sandbox.json(&[
        "--set=general.retry-delay=0.1",
        "run",
        "--json",
        "--wait",
        "--max-retries=1",
        "sh",
        "-c",
        "echo attempt $XT_ATTEMPT; [ $XT_ATTEMPT = 2 ]",
    ])?;
    let run = run.pointer("/runs/0").and_then(Value::as_str).unwrap_or_default().to_owned();
    expect("its status", &status(sandbox, &run)?, "completed")?;
    expect("the count of restarts", &field(sandbox, &run, "/restarts")?.to_string(), "1")?;
    expect("its output", &String::from_utf8_lossy(&output(sandbox, &run)?), "attempt 2\n").map(passed)
}

fn kill(sandbox: &mut Sandbox) -> Answer {
    // A grandchild in a session of its own, which a signal to the script alone would miss.
    let run = sandbox.submit(&["sh", "-c", "(setsid sleep 600 || sleep 600) & echo started; wait"])?;
    Sandbox::until("its start", || Ok(output(sandbox, &run)? == b"started\n"))?;
    let guid = field(sandbox, &run, "/run_guid")?.as_str().unwrap_or_default().to_owned();
    sandbox.done(&["cancel", "run", &run])?;
    Sandbox::until("its end", || Ok(status(sandbox, &run)? == "cancelled"))?;
    let left = process::of_attempt(&guid, 1);
    if left.is_empty() {
        Ok(Outcome::Passed)
    } else {
        Err(format!("these processes of it are left: {left:?}"))
    }
}

fn attach(sandbox: &mut Sandbox) -> Answer {
    let run = sandbox.submit(&["--tty", "sh", "-c", "read word; echo \"you typed $word\""])?;
    let ctx = sandbox.context()?;
    let path = RunPath::parse(&run, "ws1").map_err(|error| error.to_string())?;
    let mut refusal = String::new();
    let mut keyboard = None;
    Sandbox::until("its start", || {
        match Keyboard::connect(&ctx, &path) {
            Ok(connected) => keyboard = Some(connected),
            Err(error) => refusal = error.to_string(),
        }
        Ok(keyboard.is_some())
    })?;
    let mut keyboard = keyboard.ok_or(refusal)?;
    keyboard.send(b"quick\n").map_err(|error| error.to_string())?;
    Sandbox::until("its end", || Ok(status(sandbox, &run)? == "completed"))?;
    let output = String::from_utf8_lossy(&output(sandbox, &run)?).into_owned();
    let answered = output.contains("you typed quick");
    if answered {
        Ok(Outcome::Passed)
    } else {
        Err(format!("what was typed did not arrive: it wrote {output:?}"))
    }
}

fn check(sandbox: &mut Sandbox) -> Answer {
    sandbox.done(&["check", "store"]).map(passed)
}

fn clear(sandbox: &mut Sandbox) -> Answer {
    sandbox.clear().map(passed)
}
