//! A person who presses anything: nothing panics, nothing hangs, and no trace is left on the screen.

use crate::harness::{Place, home};
use crate::support::{Chance, size};

/// Keys and mouse events in the bytes of a terminal. Those that lead out of xt are left out: nothing could be compared.
const KEYS: [&str; 88] = [
    "\r",
    "\x1b",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "j",
    "j",
    "k",
    "h",
    "l",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[H",
    "\x1b[F",
    "\t",
    "\x1b[Z",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "0",
    "gg",
    "G",
    "z",
    "+",
    "-",
    "y",
    "d",
    "L",
    ":",
    "?",
    "T",
    "!",
    "/",
    "S",
    "R",
    "C",
    " ",
    "u",
    "V",
    "*",
    "M",
    "v",
    "b",
    "t",
    "n",
    "x",
    "r",
    ">",
    "<",
    "w",
    "#",
    "@",
    "]",
    "[",
    "&",
    "N",
    "f",
    "o",
    "~",
    "`",
    "X",
    "(",
    ")",
    "A",
    "i",
    "loss\r",
    "\u{6f22}\u{1f680}",
    "step\r",
    "\x7f",
    "\x15",
    "\x1b[200~pasted \u{6f22}\x1b[201~",
    "\x1b[<0;20;8M\x1b[<0;20;8m",
    "\x1b[<0;60;5M\x1b[<0;60;5m",
    "\x1b[<0;90;30M\x1b[<0;90;30m",
    "\x1b[<64;60;5M",
    "\x1b[<65;60;30M",
    "\x1b[<65;10;20M",
    "\x1b[<0;31;20M\x1b[<32;50;20M\x1b[<0;50;20m",
    "\x1b[<0;60;19M\x1b[<32;60;9M\x1b[<0;60;9m",
    "\x1b[I",
    "\x1b[O",
];

/// From the least to the largest that is promised.
const SIZES: [(u16, u16); 7] = [(20, 6), (40, 12), (79, 23), (80, 24), (120, 40), (151, 31), (300, 100)];

/// A home with something on each screen: names and logs in wide letters, metrics, files, an error, a sweep.
fn furnished() -> Place {
    let home = home();
    let script = "for i in $(seq 1 300); do echo \"step $i \u{6f22}\u{5b57} \u{1f680} loss\"; done; \
                  for i in 1 2 3 4 5; do \"$1\" log metric loss=$((9-i)) acc=.$i step=$i; done; \
                  echo 'ERROR: \u{5168}\u{90e8}' >&2; exit $2";
    home.write("train.sh", script);
    for (status, more) in [("0", "--lr=.1"), ("1", "--lr=.3"), ("0", "\u{30c6}\u{30b9}\u{30c8}")] {
        home.ok(["run", "--code=no", "bash", "train.sh", env!("CARGO_BIN_EXE_xt"), status, more]);
    }
    home.ok([
        "run",
        "--code=no",
        "--runs=3",
        "bash",
        "-c",
        "echo \u{1f469}\u{200d}\u{1f52c} e\u{301}\u{300}",
    ]);
    home.until_all_ended();
    home
}

#[test]
fn whatever_is_pressed_the_screen_is_as_if_painted_anew() {
    let home = furnished();
    let mut chance = Chance::new();
    // An editor, for who opens a file, that ends at once.
    let start = || home.ui().args(&["--readonly"]).env("EDITOR", "true").start();
    let mut ui = start();
    ui.wait_for("run1");
    let mut pick = |count: usize| usize::try_from(chance.below(count as u64)).unwrap();
    for round in 0..size(60, 2_000) {
        for _ in 0..=pick(12) {
            ui.press(KEYS[pick(KEYS.len())]);
        }
        if pick(4) == 0 {
            let (columns, rows) = SIZES[pick(SIZES.len())];
            ui.resize(columns, rows);
        }
        ui.settle();
        // What is typed into the command line may be "quit", or "print".
        if ui.has_ended() {
            assert_eq!(ui.end().exit_code(), 0, "in round {round}: {}", ui.text());
            ui.assert_given_back();
            ui = start();
            ui.wait_for("run1");
        } else if ui.text().contains("any key leads back") {
            ui.press(" ");
        } else {
            ui.assert_as_painted_anew();
        }
    }
    ui.signal(rustix::process::Signal::TERM);
    assert_eq!(ui.end().exit_code(), 143);
    ui.assert_given_back();
}
