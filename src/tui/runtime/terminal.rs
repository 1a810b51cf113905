//! The terminal: taken at the start, given back at the end whatever happens, one write a frame.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, queue, style, terminal};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::super::TuiError;
use super::super::app::Model;
use super::super::panes::{self, Drawn};
use super::super::theme::Theme;
use super::tmux;

/// Begin and end of a synchronised update: a terminal that knows it shows the frame in one piece, all others
/// ignore it. It is always sent, for what the terminal knows cannot be told over SSH.
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// Clicks and the wheel, in the form without limits. Not every movement, which crossterm's command would ask
/// for: that would be hundreds of bytes and wake-ups a second for nothing.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// What ratatui writes for a frame in which nothing changed.
const NOTHING: &[u8] = b"\x1b[?25l";

/// A terminal that can only be written line by line.
const DUMB: &str = "dumb";

/// The terminal is ours, and must be given back.
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

/// The screen. Its size is the model's: the terminal may have another one until the signal has come that says so, and
/// a frame of that size would not hold what was laid out for this one.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<FrameBytes>>,
    bytes: FrameBytes,
    /// Standard output without a buffer of its own.
    out: File,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal.
    pub fn open(mouse: bool) -> Result<Self, TuiError> {
        if !io::stdout().is_terminal() {
            return Err(TuiError::NoTerminal);
        }
        if std::env::var_os("TERM").is_some_and(|term| term == DUMB) {
            return Err(TuiError::DumbTerminal);
        }
        // Without colours crossterm would wipe the reversed bar out too; the theme knows better.
        style::force_color_output(true);
        let out =
            io::stdout().as_fd().try_clone_to_owned().map_err(TuiError::terminal("open the terminal"))?;
        let bytes = FrameBytes::default();
        let terminal = fresh(&bytes, Self::size()?)?;
        let mut screen = Self { terminal, bytes, out: out.into(), mouse };
        screen.enter()?;
        Ok(screen)
    }

    /// Columns and rows.
    pub fn size() -> Result<(u16, u16), TuiError> {
        terminal::size().map_err(TuiError::terminal("measure the terminal"))
    }

    /// Takes the terminal (again), with an empty screen.
    pub fn enter(&mut self) -> Result<(), TuiError> {
        let failed = || TuiError::terminal("take the terminal");
        // Once it is raw crossterm leaves it alone; but a shell that brings xt back has used it meanwhile.
        disable_raw_mode().map_err(failed())?;
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
        self.terminal = fresh(&self.bytes, Self::size()?)?;
        Ok(())
    }

    /// Gives the terminal back as it was.
    pub fn leave(&mut self) -> Result<(), TuiError> {
        restore(&mut self.out).map_err(TuiError::terminal("restore the terminal"))
    }

    /// Draws a frame: one write, and none if nothing changed.
    pub fn draw(&mut self, model: &mut Model, theme: &Theme) -> Result<(), TuiError> {
        let (width, height) = model.size;
        let area = Rect { x: 0, y: 0, width, height };
        if self.terminal.get_frame().area() != area {
            self.terminal = fresh(&self.bytes, model.size)?;
            queue!(self.bytes, Clear(ClearType::All)).map_err(TuiError::terminal("draw"))?;
        }
        let mut drawn = Drawn::default();
        self.terminal
            .draw(|frame| drawn = panes::draw(frame, model, theme))
            .map_err(TuiError::terminal("draw"))?;
        model.clicks = drawn.clicks;
        let drawn = std::mem::take(&mut *self.bytes.0.borrow_mut());
        if drawn.is_empty() || drawn == NOTHING {
            return Ok(());
        }
        let whole = [BEGIN_FRAME, &drawn, END_FRAME].concat();
        self.out.write_all(&whole).map_err(TuiError::terminal("draw"))
    }

    /// Puts a text into the clipboard of the person's own machine, through whatever lies between.
    pub fn copy(&mut self, text: &str) -> Result<(), TuiError> {
        let sequence = osc(&format!("52;c;{}", BASE64.encode(text)));
        self.out.write_all(sequence.as_bytes()).map_err(TuiError::terminal("copy"))
    }

    /// Rings the bell and has the person's desktop show a line, where the terminal can. The line is one of ours
    /// with names in it: without control characters.
    pub fn notify(&mut self, text: &str) -> Result<(), TuiError> {
        let sequence = format!("\x07{}", osc(&format!("9;xt {text}")));
        self.out.write_all(sequence.as_bytes()).map_err(TuiError::terminal("ring the bell"))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = restore(&mut self.out);
    }
}

/// A screen of which nothing has been drawn yet.
fn fresh(
    bytes: &FrameBytes,
    (width, height): (u16, u16),
) -> Result<Terminal<CrosstermBackend<FrameBytes>>, TuiError> {
    let viewport = Viewport::Fixed(Rect { x: 0, y: 0, width, height });
    Terminal::with_options(CrosstermBackend::new(bytes.clone()), TerminalOptions { viewport })
        .map_err(TuiError::terminal("draw"))
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

fn restore(out: &mut impl Write) -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mut bytes = END_FRAME.to_vec();
    bytes.extend_from_slice(MOUSE_OFF);
    queue!(bytes, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show)?;
    // Whatever is said afterwards is said on the plain screen.
    let written = out.write_all(&bytes).and_then(|()| out.flush());
    disable_raw_mode()?;
    written
}

/// Gives the terminal back from wherever the UI thread is.
pub fn give_back() {
    let _ = restore(&mut io::stdout());
}

/// An operating system command, as whatever is around wants it.
fn osc(command: &str) -> String {
    if tmux::is_around() { tmux::wrapped(command) } else { format!("\x1b]{command}\x07") }
}
