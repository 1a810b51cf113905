//! One metric of one or several runs: its chart, and how far it has been read.

use super::Member;
use crate::chart::{Chart, Curve};
use crate::ops::plot::follow::{Look, News, Points};

/// How far the curve of a run has been read.
#[derive(Clone, Debug, Default)]
struct Track {
    /// How it was made; none before it was read.
    look: Option<Look>,
    /// How many points it has, those included that have no place.
    seen: u64,
    /// How many points of the metric along x were read for it.
    others: u64,
    /// Of which state of the run it is ([`Member::news`]).
    news: u64,
    /// Why it cannot be read.
    damage: Option<String>,
}

/// A metric's chart.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// The chart; its curves are those of the members, in their order.
    pub chart: Chart,
    /// Where attempts after the first began, of a single run.
    pub attempts: Vec<(f64, u64)>,
    tracks: Vec<Track>,
}

impl Panel {
    /// An empty chart for some runs.
    pub fn new(name: &str, members: &[Member]) -> Self {
        let curve = |(colour, member): (usize, &Member)| Curve::new(&member.name, colour);
        let curves = members.iter().enumerate().map(curve).collect();
        let chart = Chart { title: name.to_owned(), curves, ..Chart::default() };
        Self { chart, attempts: Vec::new(), tracks: vec![Track::default(); members.len()] }
    }

    /// From where on a run's curve has to be read now, and the metric along x with it; none if it is up to date.
    pub fn wants(&self, at: usize, news: u64, look: &Look) -> Option<(u64, u64)> {
        let track = self.tracks.get(at)?;
        match &track.look {
            Some(old) if old == look => (track.news != news).then_some((track.seen, track.others)),
            _ => Some((0, 0)),
        }
    }

    /// Takes in what was read of a run; what does not follow what is there is dropped, and read again.
    pub fn take(&mut self, at: usize, news: News, state: u64, look: &Look) {
        let (Some(track), Some(curve)) = (self.tracks.get_mut(at), self.chart.curves.get_mut(at)) else {
            return;
        };
        let mut damage = None;
        match news.points {
            Points::Damaged(why) => {
                curve.replace(Curve::default());
                damage = Some(why);
            }
            Points::Whole(whole) => {
                curve.replace(*whole);
                self.attempts.clear();
            }
            Points::More(points) if track.seen == news.from && track.look.as_ref() == Some(look) => {
                curve.extend(points);
            }
            Points::More(_) => {
                *track = Track::default();
                return;
            }
        }
        let (seen, others) = (news.from + news.count, news.others);
        *track = Track { look: Some(look.clone()), seen, others, news: state, damage };
        for (x, attempt) in news.attempts {
            if x.is_finite() && !self.attempts.iter().any(|(_, known)| *known == attempt) {
                self.attempts.push((x, attempt));
            }
        }
    }

    /// Whether every curve that is not hidden has been read.
    pub fn is_read(&self) -> bool {
        let read = self.tracks.iter().zip(&self.chart.curves);
        read.clone().all(|(track, curve)| track.look.is_some() || curve.hidden)
    }

    /// Why the history of a run cannot be read, if it cannot.
    pub fn damage(&self, at: usize) -> Option<&str> {
        self.tracks.get(at)?.damage.as_deref()
    }

    /// How many points it holds.
    pub fn points(&self) -> usize {
        self.chart.curves.iter().map(|curve| curve.raw().len()).sum()
    }
}
