//! The frame clock: while much happens, a frame each few milliseconds and no more.

use std::time::{Duration, Instant};

/// The least time between two frames that nobody asked for by a key.
const FRAME: Duration = Duration::from_millis(16);

/// When the last frame was.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameClock {
    last: Option<Instant>,
}

impl FrameClock {
    /// When the next frame may be drawn.
    pub fn next(&self) -> Instant {
        self.last.map_or_else(Instant::now, |last| last + FRAME)
    }

    /// Whether a frame may be drawn now.
    pub fn may_draw(&self, now: Instant) -> bool {
        self.last.is_none_or(|last| now.saturating_duration_since(last) >= FRAME)
    }

    /// A frame was drawn.
    pub const fn drawn(&mut self, now: Instant) {
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves S4, S5 (frames are bounded).
    #[test]
    fn frames_keep_their_distance() {
        let mut clock = FrameClock::default();
        let start = Instant::now();
        assert!(clock.may_draw(start));
        clock.drawn(start);
        assert!(!clock.may_draw(start + FRAME / 2));
        assert!(clock.may_draw(start + FRAME));
        assert_eq!(clock.next(), start + FRAME);
    }
}
