// Proves A11, B43 (the logs of several runs as one, by time, nothing dropped).
use super::super::sidecar::{Record, Stream};
use super::super::tail::lines_after;
use super::*;
use proptest::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A log that can grow, and the reads and the bytes it was asked for.
#[derive(Default)]
struct Growing(Mutex<Vec<u8>>, AtomicUsize, AtomicUsize);

impl Growing {
    /// Reads and bytes since the last call.
    fn cost(&self) -> (usize, usize) {
        (self.1.swap(0, Ordering::Relaxed), self.2.swap(0, Ordering::Relaxed))
    }
}

impl Source for Growing {
    fn len(&self) -> io::Result<u64> {
        Source::len(&*self.0.lock().unwrap())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.0.lock().unwrap().read_at(offset, buf)?;
        self.1.fetch_add(1, Ordering::Relaxed);
        self.2.fetch_add(read, Ordering::Relaxed);
        Ok(read)
    }
}

#[derive(Default)]
struct Run {
    log: Arc<Growing>,
    sidecar: Arc<Growing>,
}

impl Run {
    fn write(&self, time_micros: i64, text: &str) {
        let offset = self.log.len().unwrap();
        self.log.0.lock().unwrap().extend(text.as_bytes());
        let record = Record { offset, time_micros, stream: Stream::Stdout };
        self.sidecar.0.lock().unwrap().extend(record.to_bytes());
    }

    fn part(&self) -> Part {
        Part { log: self.log.clone(), sidecar: Some(self.sidecar.clone()), finished: false }
    }
}

fn merged(runs: &[Run]) -> Merged {
    let mut merged = Merged::default();
    for run in runs {
        merged.add(run.part());
    }
    merged
}

fn lines(merged: &Merged) -> Vec<String> {
    let lines = lines_after(merged, 0, usize::MAX).unwrap();
    let text = |line: super::super::RawLine| {
        let (part, _) = merged.origin(line.start).unwrap();
        format!("{part} {}", String::from_utf8_lossy(&line.text))
    };
    lines.into_iter().map(text).collect()
}

#[test]
fn lines_are_in_the_order_of_their_times() {
    let runs = [Run::default(), Run::default()];
    runs[0].write(10, "a\n");
    runs[1].write(15, "x\ny\n");
    runs[0].write(20, "b\nc ");
    runs[1].write(25, "z\n");
    runs[0].write(30, "ends\nd\n");
    let mut merged = merged(&runs);
    assert!(merged.extend(u64::MAX).unwrap());
    assert_eq!(lines(&merged), ["0 a", "1 x", "1 y", "0 b", "0 c ends", "1 z", "0 d"]);
    assert_eq!(merged.stamp(0).unwrap().unwrap().time_micros, 10);
    let late = merged.offset_at(26).unwrap().unwrap();
    assert_eq!(merged.origin(late), Some((0, 11)));
    assert_eq!(merged.offset_at(31).unwrap(), None);
}

#[test]
fn an_unfinished_line_waits_until_it_or_its_run_is_finished() {
    let runs = [Run::default(), Run::default()];
    runs[0].write(10, "50%");
    runs[1].write(11, "x\n");
    let mut merged = merged(&runs);
    merged.extend(u64::MAX).unwrap();
    assert_eq!(lines(&merged), ["1 x"]);
    runs[0].write(12, "\r100%");
    merged.extend(u64::MAX).unwrap();
    assert_eq!(lines(&merged), ["1 x"]);
    merged.finish(0);
    merged.extend(u64::MAX).unwrap();
    runs[1].write(13, "y\n");
    merged.extend(u64::MAX).unwrap();
    assert_eq!(lines(&merged), ["1 x", "0 50%\r100%", "1 y"]);
}

#[test]
fn a_log_without_times_is_not_lost() {
    let runs = [Run::default(), Run::default()];
    runs[0].write(10, "a\n");
    runs[1].write(5, "x\n");
    let mut merged = Merged::default();
    merged.add(runs[0].part());
    merged.add(Part { sidecar: None, ..runs[1].part() });
    merged.extend(u64::MAX).unwrap();
    assert_eq!(lines(&merged), ["0 a", "1 x"]);
}

#[test]
fn what_is_known_of_a_line_is_not_read_again_while_it_grows() {
    let runs = [Run::default()];
    let mut merged = merged(&runs);
    runs[0].write(1, &"epoch 3  10%\r".repeat(100_000));
    merged.extend(u64::MAX).unwrap();
    runs[0].log.cost();
    for look in 0..100 {
        runs[0].write(2 + look, "epoch 3  20%\r");
        assert!(merged.extend(u64::MAX).unwrap() && merged.is_empty().unwrap());
    }
    let (_, bytes) = runs[0].log.cost();
    assert!(bytes < 100 * 2 * 64 * 1024, "{bytes} bytes for 100 looks");
    runs[0].write(200, "done\nnext\n");
    merged.extend(u64::MAX).unwrap();
    assert_eq!(merged.len().unwrap(), runs[0].log.len().unwrap());
}

#[test]
fn many_times_are_read_at_once() {
    let runs = [Run::default(), Run::default()];
    for line in 0..10_000 {
        runs[line % 2].write(i64::try_from(line).unwrap(), "a line\n");
    }
    let mut merged = merged(&runs);
    merged.extend(u64::MAX).unwrap();
    let reads = runs.iter().map(|run| run.sidecar.cost().0).sum::<usize>();
    assert!(reads < 100, "{reads} reads for 10,000 lines");
    assert_eq!(merged.segments.count(), 10_000);
}

proptest! {
    #[test]
    fn every_line_of_every_log_is_there_once_and_in_its_order(
        writes in prop::collection::vec((0usize..3, 0i64..4, "[a-c\\n]{0,8}", any::<bool>()), 0..60),
        budget in 1u64..40,
    ) {
        let runs = [Run::default(), Run::default(), Run::default()];
        let mut merged = merged(&runs);
        let mut time = 0;
        for (run, later, text, look) in writes {
            time += later;
            runs[run].write(time, &text);
            if look {
                while !merged.extend(budget).unwrap() {}
            }
        }
        (0..3).for_each(|run| merged.finish(run));
        while !merged.extend(budget).unwrap() {}
        let shown = lines(&merged);
        for (number, run) in runs.iter().enumerate() {
            let log = run.log.0.lock().unwrap();
            let text = String::from_utf8_lossy(&log);
            let expected: Vec<String> = text.lines().map(|line| format!("{number} {line}")).collect();
            let ours: Vec<&String> = shown.iter().filter(|line| line.starts_with(&number.to_string())).collect();
            prop_assert_eq!(ours, expected.iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn damaged_sidecars_do_no_harm(
        log in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200),
        sidecar in prop::collection::vec(any::<u8>(), 0..120),
        small in prop::collection::vec(0u64..220, 0..8),
    ) {
        for bytes in [sidecar, small.iter().flat_map(|&offset| Record { offset, time_micros: 1, stream: Stream::Stderr }.to_bytes()).collect()] {
            let mut merged = Merged::default();
            let len = log.len() as u64;
            merged.add(Part { log: Arc::new(log.clone()), sidecar: Some(Arc::new(bytes)), finished: true });
            merged.extend(u64::MAX).unwrap();
            let closed = u64::from(log.last().is_some_and(|&byte| byte != b'\n'));
            prop_assert_eq!(merged.len().unwrap(), len + closed);
        }
    }
}
