//! The picture that is open in the files' tab.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::model::RunPath;
use crate::ops::view::picture::Version;
use crate::tui::picture::{Canvas, Cells};

/// A picture as it can be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What its file is.
    pub kind: &'static str,
    /// Which state of its file it is.
    pub version: Version,
    /// Its width and height in pixels.
    pub pixels: (u32, u32),
    /// The room it is drawn for.
    pub canvas: Canvas,
    /// What it looks like there.
    pub cells: Cells,
}

/// The picture that is open.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The run that saved it.
    pub run: RunPath,
    /// Its path in the run's folder.
    pub file: String,
    /// What came of reading it.
    pub came: Option<Result<Arc<Shown>, String>>,
    /// Its file may have changed.
    pub stale: bool,
    asked: Option<Canvas>,
}

impl Picture {
    /// Opens it; nothing of it is known yet.
    pub const fn new(run: RunPath, file: String) -> Self {
        Self { run, file, came: None, stale: false, asked: None }
    }

    /// The picture, if it can be shown.
    pub fn shown(&self) -> Option<&Shown> {
        self.came.as_ref()?.as_ref().ok().map(|shown| &**shown)
    }

    /// Whether it has to be read now for its room; the answer counts as asking.
    pub fn wants(&mut self, canvas: Canvas) -> bool {
        let stale = std::mem::take(&mut self.stale);
        self.asked.replace(canvas) != Some(canvas) || stale
    }

    /// Which state of its file is drawn for this room already.
    pub fn known(&self, canvas: Canvas) -> Option<Version> {
        self.shown().filter(|shown| shown.canvas == canvas).map(|shown| shown.version.clone())
    }

    /// Takes what was read; nothing, if its file is as it was.
    pub fn take(&mut self, read: Result<Option<Arc<Shown>>, String>) {
        match read {
            Ok(Some(shown)) => self.came = Some(Ok(shown)),
            Ok(None) => {}
            Err(why) => self.came = Some(Err(why)),
        }
    }
}

/// Where it is in its pane: below the row that names it.
pub const fn place(inner: Rect) -> Rect {
    let below = if inner.height > 1 { 1 } else { 0 };
    Rect { y: inner.y + below, height: inner.height - below, ..inner }
}
