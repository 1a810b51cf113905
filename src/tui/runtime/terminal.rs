//! The terminal: taken at the start, given back at the end whatever happens, one write a frame.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, queue, style, terminal};
use memchr::memmem;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::super::TuiError;
use super::super::app::Model;
use super::super::panes::{self, Drawn};
use super::super::theme::Theme;
use super::meter::Cost;

/// Begin and end of a synchronised update: a terminal that knows it shows the frame in one piece, all others
/// ignore it. It is always sent, for what the terminal knows cannot be told over SSH.
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// Clicks and the wheel, in the form without limits. Not every movement, which crossterm's command would ask
/// for: that would be hundreds of bytes and wake-ups a second for nothing.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// What ratatui writes between the cells that changed, if there are any, and the cursor. The last of the four does what
/// all do.
const RESETS: &[u8] = b"\x1b[39m\x1b[49m\x1b[59m\x1b[0m";
const RESET: &[u8] = b"\x1b[0m";

/// The terminal is ours: the panic hook must restore it.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The bytes of a frame, until they are written all at once.
#[derive(Clone, Debug, Default)]
struct FrameBytes(Rc<RefCell<Vec<u8>>>);

impl Write for FrameBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The screen.
pub struct Screen<W: Write = File> {
    terminal: Terminal<CrosstermBackend<FrameBytes>>,
    bytes: FrameBytes,
    /// What the last frame said of the cursor.
    cursor: Vec<u8>,
    /// Standard output without a buffer of its own.
    out: W,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal, which has so many columns and rows.
    pub fn open(mouse: bool, size: (u16, u16)) -> Result<Self, TuiError> {
        if !io::stdout().is_terminal() {
            return Err(TuiError::NoTerminal);
        }
        // Without colours crossterm would wipe the reversed bar out too; the theme knows better.
        style::force_color_output(true);
        let out =
            io::stdout().as_fd().try_clone_to_owned().map_err(TuiError::terminal("open the terminal"))?;
        let bytes = FrameBytes::default();
        let terminal = fresh(&bytes, size)?;
        let mut screen = Self { terminal, bytes, cursor: Vec::new(), out: out.into(), mouse };
        restore_on_panic();
        screen.enter(size)?;
        Ok(screen)
    }

    /// Columns and rows.
    pub fn size() -> Result<(u16, u16), TuiError> {
        terminal::size().map_err(TuiError::terminal("measure the terminal"))
    }
}

impl<W: Write> Screen<W> {
    /// Takes the terminal (again), with an empty screen of so many columns and rows.
    pub fn enter(&mut self, size: (u16, u16)) -> Result<(), TuiError> {
        let failed = || TuiError::terminal("take the terminal");
        enable_raw_mode().map_err(failed())?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut bytes = Vec::new();
        queue!(bytes, EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, cursor::Hide)
            .map_err(failed())?;
        if self.mouse {
            bytes.extend_from_slice(MOUSE_ON);
        }
        self.out.write_all(&bytes).map_err(failed())?;
        // What ratatui believes to be on the screen is no longer there. (Its own `clear` asks the terminal
        // where the cursor is and waits for the answer.)
        self.terminal = fresh(&self.bytes, size)?;
        self.cursor.clear();
        Ok(())
    }

    /// The terminal has another size: the next frame begins with an empty screen.
    pub fn resize(&mut self, size: (u16, u16)) -> Result<(), TuiError> {
        self.terminal = fresh(&self.bytes, size)?;
        queue!(self.bytes, Clear(ClearType::All)).map_err(TuiError::terminal("clear the screen"))
    }

    /// Gives the terminal back as it was.
    pub fn leave(&mut self) -> Result<(), TuiError> {
        restore(&mut self.out).map_err(TuiError::terminal("restore the terminal"))
    }

    /// Draws a frame: one write, and none if nothing changed. Answers what it cost.
    pub fn draw(&mut self, model: &mut Model, theme: &Theme) -> Result<Cost, TuiError> {
        let mut built = Drawn::default();
        self.terminal
            .draw(|frame| built = panes::draw(frame, model, theme))
            .map_err(TuiError::terminal("draw"))?;
        model.clicks = std::mem::take(&mut built.clicks);
        let drawn = std::mem::take(&mut *self.bytes.0.borrow_mut());
        let at = memmem::rfind(&drawn, RESETS).unwrap_or(drawn.len());
        let (cells, cursor) = (&drawn[..at], drawn.get(at + RESETS.len()..).unwrap_or_default());
        if cells.is_empty() && cursor == self.cursor {
            return Ok(Cost { bytes: 0, built });
        }
        let whole = [BEGIN_FRAME, cells, RESET, cursor, END_FRAME].concat();
        self.out.write_all(&whole).map_err(TuiError::terminal("draw"))?;
        self.cursor = cursor.to_vec();
        Ok(Cost { bytes: whole.len(), built })
    }

    /// Puts a text into the clipboard of the person's own machine, through whatever lies between.
    pub fn copy(&mut self, text: &str) -> Result<(), TuiError> {
        let sequence = osc(&format!("52;c;{}", BASE64.encode(text)), in_tmux());
        self.out.write_all(sequence.as_bytes()).map_err(TuiError::terminal("copy"))
    }

    /// Rings the bell and has the person's desktop show a line, where the terminal can. The line is one of ours
    /// with names in it: without control characters.
    pub fn notify(&mut self, text: &str) -> Result<(), TuiError> {
        let sequence = format!("\x07{}", osc(&format!("9;xt {text}"), in_tmux()));
        self.out.write_all(sequence.as_bytes()).map_err(TuiError::terminal("ring the bell"))
    }
}

impl<W: Write> Drop for Screen<W> {
    fn drop(&mut self) {
        let _ = restore(&mut self.out);
    }
}

/// A screen of which nothing has been drawn yet. Its size is told, for ratatui would ask the system before every frame.
fn fresh(
    bytes: &FrameBytes,
    (width, height): (u16, u16),
) -> Result<Terminal<CrosstermBackend<FrameBytes>>, TuiError> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    let options = TerminalOptions { viewport };
    Terminal::with_options(CrosstermBackend::new(bytes.clone()), options)
        .map_err(TuiError::terminal("prepare the screen"))
}

/// The terminal for reading.
pub fn tty() -> Result<OwnedFd, TuiError> {
    let stdin = io::stdin();
    let opened = if stdin.is_terminal() {
        stdin.as_fd().try_clone_to_owned()
    } else {
        File::open("/dev/tty").map(OwnedFd::from)
    };
    opened.map_err(TuiError::terminal("open the terminal"))
}

fn in_tmux() -> bool {
    std::env::var_os("TMUX").is_some()
}

fn restore(out: &mut impl Write) -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mut bytes = END_FRAME.to_vec();
    bytes.extend_from_slice(MOUSE_OFF);
    queue!(bytes, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show)?;
    let written = out.write_all(&bytes);
    disable_raw_mode()?;
    written
}

/// A panic of the UI thread, or of a thread it cannot live without, is told on a restored terminal. One of a
/// background task is caught where the task is awaited; nothing may be printed over the screen.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() == Some(super::executor::THREAD) && TAKEN.load(Ordering::SeqCst)
            {
                return;
            }
            let _ = restore(&mut io::stdout());
            before(info);
        }));
    });
}

/// An operating system command; what lies inside tmux wants it wrapped.
fn osc(command: &str, tmux: bool) -> String {
    if tmux { format!("\x1bPtmux;\x1b\x1b]{command}\x07\x1b\\") } else { format!("\x1b]{command}\x07") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::World;
    use rstest::rstest;

    /// What is written, one piece a write.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn screen() -> Screen<Writes> {
        let bytes = FrameBytes::default();
        let terminal = fresh(&bytes, (120, 40)).unwrap();
        Screen { terminal, bytes, cursor: Vec::new(), out: Writes::default(), mouse: false }
    }

    // Proves S3, S5 (a frame is one write and costs what has changed; none for nothing).
    #[test]
    fn a_frame_is_one_write_and_a_step_of_the_cursor_a_few_bytes() {
        let mut world = World::usual();
        let mut model = world.model((120, 40));
        let (mut screen, theme) = (screen(), Theme::new(true, true));
        let first = screen.draw(&mut model, &theme).unwrap();
        for key in ["down", "down", "up"] {
            world.press(&mut model, key);
            let cost = screen.draw(&mut model, &theme).unwrap();
            assert!((1..=400).contains(&cost.bytes), "{key}: {} bytes", cost.bytes);
            assert_eq!(screen.draw(&mut model, &theme).unwrap(), Cost { bytes: 0, built: cost.built });
        }
        let frames = &screen.out.0;
        assert_eq!((frames.len(), frames[0].len()), (4, first.bytes));
        for frame in frames {
            assert!(frame.starts_with(BEGIN_FRAME) && frame.ends_with(END_FRAME));
        }
    }

    // Proves C1 (copy by OSC 52, through tmux), C11.
    #[rstest]
    #[case(false, "\x1b]9;xt run1: completed\x07")]
    #[case(true, "\x1bPtmux;\x1b\x1b]9;xt run1: completed\x07\x1b\\")]
    fn tmux_wants_commands_wrapped(#[case] tmux: bool, #[case] expected: &str) {
        assert_eq!(osc("9;xt run1: completed", tmux), expected);
    }
}
