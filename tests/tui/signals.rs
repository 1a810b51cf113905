//! Signals, and the loss of the terminal: xt ends, and the terminal is as it was.

use rustix::process::Signal;

use xt::model::Status;

use crate::harness::{home, ticking};

#[test]
fn signals_give_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let home = home();
        let mut ui = home.ui().size(80, 24).start();
        ui.wait_for("xt run train.py");
        ui.signal(signal);
        let ended = ui.end();
        let expected = 128 + signal.as_raw().cast_unsigned();
        assert_eq!((ended.exit_code(), ended.signal()), (expected, None), "{signal:?}");
        ui.assert_given_back();
    }
}

/// Another program has the terminal: it is ended, too.
#[test]
fn signals_end_what_is_in_place_of_the_screen() {
    let home = ticking();
    let run2 = home.run(&["--tty", "bash", "-c", "read; echo over"]);
    // One that has not started has neither a directory for a shell nor a console to attach to.
    home.until_is(&run2, Status::Running);
    for keys in [
        &[("s", "exit leads back")][..],
        &[("4P", "any key leads back")],
        &[("a", "ctrl-] leads back")],
        &[("a", "ctrl-] leads back"), ("\r", "run2 is completed")],
    ] {
        let mut ui = home.ui().env("SHELL", "/bin/sh").start();
        ui.wait_for("run2 · Log");
        for (keys, there) in keys {
            ui.press(keys);
            ui.wait_for(there);
        }
        ui.signal(Signal::TERM);
        assert_eq!(ui.end().exit_code(), 143);
        ui.assert_given_back();
    }
}

/// What a terminal does when its window is closed.
#[test]
fn a_closed_terminal_ends_xt_and_what_is_in_its_place() {
    for (keys, there) in [("", "tick"), ("s", "exit leads back"), ("r\x05", "EDITING")] {
        let home = ticking();
        let editor = format!("sh {}", home.write("editor.sh", "echo EDITING; read -r line").display());
        let mut ui = home.ui().env("SHELL", "/bin/sh").env("EDITOR", &editor).start();
        ui.wait_for("tick 3 of one");
        ui.press(keys);
        ui.wait_for(there);
        // That nothing is left of any of them is seen when the home goes.
        ui.close();
    }
}

/// Without a controlling terminal there is no SIGHUP: only the program's own watch can tell.
#[test]
fn when_the_terminal_is_lost_the_program_ends_and_does_not_spin() {
    let home = home();
    let mut ui = home.ui().without_session().start();
    ui.wait_for("xt run train.py");
    ui.settle();
    let (status, cpu) = ui.close();
    assert_eq!((status.exit_code(), status.signal()), (129, None));
    assert!(cpu.as_millis() < 60, "it took {cpu:?} of a processor");
}
