//! Runs whose output means harm to the terminal it is shown in.

use crate::harness::home;

/// Everything a terminal could be made to do: title, clipboard, colours, links, notices, questions it answers by typing,
/// strings without end, another character set, the 8-bit forms of all that; and text that looks like other text.
const HARM: &str = r"
printf 'start\n'
printf '\033]0;PWNED-TITLE\007\033]2;PWNED-TITLE\033\\\n'
printf '\033]52;c;UFdORUQ=\007\033]4;1;#ff0000\007\033]8;;http://pwned.example\007link\033]8;;\007\n'
printf '\033]9;PWNED-NOTICE\007\033]777;notify;PWNED;PWNED\007\007\007\n'
printf '\033P+q544e\033\\\033Ptmux;\033\033]0;PWNED\007\033\\\033_PWNED-APC\033\\\033^PWNED-PM\033\\\033XPWNED-SOS\033\\\n'
printf '\033[c\033[>c\033[6n\033[?6n\033[18t\033[21t\033[?u\033Z\005\n'
printf '\033[?1049h\033[?1000h\033[?2004h\033[?25h\033[4h\033[20h\033[5;9r\033[?6h\033[2J\033[H\033[3J\033c\033[!p\n'
printf '\033(0qqq\016\017\033)0\033=\033>\0337\0338\033D\033M\033[9;9H\033[99A\033[99D\033[2T\033[2S\n'
printf '\302\233[31m\302\235PWNED\302\234 \233[31m \235PWNED\234 \220PWNED\234\n'
printf 'bidi \342\200\256fdp.exe\342\200\254 zero\342\200\213width \342\201\246iso\342\201\251 \330\247\331\204\330\271\330\261\330\250\331\212\330\251\n'
printf 'wide \346\274\242\345\255\227 \360\237\232\200 \360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221\247 e\314\201 a\314\200\314\200\314\200\314\200 \357\275\201 \342\235\244\357\270\217\n'
printf 'bad \377\376\300\200\355\240\200 utf\n'
printf 'bar 10%%\rbar 55%%\rback\010\010\010space\ttab\013vertical\014form\n'
head -c 1000000 /dev/zero | tr '\0' 'x'; printf '\n'
printf 'no end \033]0;PWNED'
";

#[test]
fn nothing_of_a_hostile_log_reaches_the_terminal() {
    let home = home();
    home.write("harm.sh", HARM);
    home.ok(["run", "bash", "harm.sh"]);
    home.ok(["wait", "run1", "--timeout=60"]);
    // Nothing is left to be asked of the terminal.
    let mut ui = home.ui().env("COLORFGBG", "15;0").args(&["--pictures=blocks"]).start();
    ui.wait_for("no end");
    for keys in ["4", "gg", "w", "l", "l", "h", "w", "/PWNED\r", "n", "n", "G", "z", "z", ":1\r"] {
        ui.press(keys);
        ui.settle();
        ui.assert_as_painted_anew();
    }
    ui.resize(40, 12);
    ui.settle();
    ui.assert_as_painted_anew();
    ui.press("q");
    assert_eq!(ui.end().exit_code(), 0);
    ui.assert_given_back();
    let raw = ui.raw();
    assert!(raw.contains("start") && raw.contains("utf"));
    let strange: Vec<_> = sequences(&raw).into_iter().filter(|sequence| !is_ours(sequence)).collect();
    assert!(strange.is_empty(), "{strange:?}");
    for ch in raw.chars().filter(|ch| !matches!(ch, '\x1b' | '\r' | '\n')) {
        let invisible =
            matches!(ch, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
        assert!(!ch.is_control() && !invisible, "{ch:?}");
    }
}

/// What follows each escape, up to the letter that ends it.
fn sequences(raw: &str) -> Vec<String> {
    let end = |text: &str| {
        let long = text.strip_prefix('[').and_then(|rest| rest.find(|c: char| ('@'..='~').contains(&c)));
        text[..long.map_or(1, |at| at + 2)].to_owned()
    };
    raw.split('\x1b').skip(1).filter(|text| !text.is_empty()).map(end).collect()
}

/// Colours, the cursor's place, clearing, and the modes xt itself switches.
fn is_ours(sequence: &str) -> bool {
    let Some((kind, numbers)) = sequence.strip_prefix('[').and_then(|rest| {
        let (numbers, kind) = rest.split_at(rest.len().checked_sub(1)?);
        Some((kind, numbers))
    }) else {
        return false;
    };
    match kind {
        "m" | "H" => numbers.chars().all(|c| c.is_ascii_digit() || c == ';'),
        "J" => numbers == "2",
        "h" | "l" => ["?25", "?1000", "?1002", "?1006", "?1049", "?2004", "?2026"].contains(&numbers),
        _ => false,
    }
}

/// A program on a run's terminal has switched everything on when the person leaves it.
#[test]
fn what_a_run_switches_on_in_the_terminal_ends_with_the_attachment() {
    let home = home();
    let script = "printf '\\033[?1049h\\033[?1003h\\033[?1006h\\033[?1004h\\033[?2004h\\033[?1h\\033=\\033[?25l\\033[>1u'; \
                  printf '\\033[3;9r\\033[4h\\033(0\\033[1;31mPROGRAM'; cat";
    home.ok(["run", "--tty", "bash", "-c", script]);
    let mut ui = home.ui().start();
    ui.wait("the run", |screen| screen.lines().any(|line| line.contains("run1") && line.contains("running")));
    ui.press("a");
    ui.wait_until("the program", |ui| ui.screen.screen().application_cursor());
    ui.press("\x1d");
    ui.wait_for("Workspaces");
    ui.settle();
    ui.assert_as_painted_anew();
    ui.press("q");
    assert_eq!(ui.end().exit_code(), 0);
    ui.assert_given_back();
    let raw = ui.raw();
    let after = &raw[raw.rfind("ctrl-] leads back").unwrap()..];
    for reset in ["\x1b[=0u", "\x1b[r", "\x1b[4l", "\x1b(B"] {
        assert!(after.contains(reset), "{reset:?}");
    }
}
