//! The log of every run, read by the reader of the program itself.

use super::World;
use super::lanes::{Item, Lane};
use super::records::at;
use crate::log::{Record, Stream};
use crate::model::RunPath;
use crate::tui::app::effect::{LogRequest, LogSource};
use crate::tui::app::message::LogEvent;
use crate::tui::app::{Model, Msg};
use crate::tui::runtime::{Console, LogReader, Origin};

impl World {
    /// Adds to the log of every run, and tells the model.
    pub fn grow(&mut self, model: &mut Model, text: &str) {
        self.log.push_str(text);
        self.write_log();
        self.items.push((Lane::Log, Item::Look));
        if !self.late {
            self.catch_up(model);
        }
    }

    /// The open log is looked at.
    pub(super) fn look(&mut self) -> Vec<Msg> {
        self.reading(LogReader::look)
    }

    /// The reader of the open log goes on with what takes longer.
    pub(super) fn work(&mut self) -> Vec<Msg> {
        self.reading(LogReader::work)
    }

    fn reading(&mut self, read: impl FnOnce(&mut LogReader) -> std::io::Result<Vec<LogEvent>>) -> Vec<Msg> {
        let Some((generation, reader)) = &mut self.reader else { return Vec::new() };
        let generation = *generation;
        read(reader).unwrap().into_iter().map(|event| Msg::Log { generation, event }).collect()
    }

    /// Writes the log and its times: a line a second, warnings to the standard error.
    pub(super) fn write_log(&self) {
        let mut records = Vec::new();
        let mut offset = 0;
        for (line, second) in self.log.split_inclusive('\n').zip(0..) {
            let stream = if line.starts_with("WARNING") { Stream::Stderr } else { Stream::Stdout };
            records.extend(Record { offset, time_micros: at(second).micros(), stream }.to_bytes());
            offset += line.len() as u64;
        }
        std::fs::write(self.folder.path().join("console.log"), &self.log).unwrap();
        std::fs::write(self.folder.path().join("console.idx"), records).unwrap();
    }

    fn console(&self, attempt: (u32, u32)) -> Console {
        let path = |name: &str| self.folder.path().join(name);
        let sidecar = Some(path("console.idx"));
        Console { log: path("console.log"), sidecar, attempt: Some(attempt), finished: false }
    }

    fn open_log(&self, source: &LogSource) -> LogReader {
        let attempts = |path: &RunPath| {
            self.runs.iter().find(|(_, run)| run.path() == *path).map_or(1, |(_, run)| run.attempt)
        };
        let merged = |runs: Vec<RunPath>| {
            let place = self.folder.path().to_owned();
            let locate = move |_: &RunPath| {
                let (log, sidecar) = (place.join("console.log"), Some(place.join("console.idx")));
                Ok(Console { log, sidecar, attempt: Some((1, 1)), finished: false })
            };
            Origin::merged(runs, Box::new(locate)).unwrap_or_else(|_| panic!("it is there"))
        };
        LogReader::new(match source {
            LogSource::Run(path) => Origin::at(&self.console((attempts(path), attempts(path)))).unwrap(),
            LogSource::Attempt(path, attempt) => {
                Origin::at(&self.console((*attempt, attempts(path)))).unwrap()
            }
            LogSource::File { .. } | LogSource::Controller => {
                Origin::at(&Console { attempt: None, ..self.console((1, 1)) }).unwrap()
            }
            LogSource::Runs(runs) => merged(runs.clone()),
            LogSource::Job { job, .. } => {
                let of_job = self.runs.iter().filter(|(_, run)| run.job_id == *job);
                merged(of_job.map(|(_, run)| run.path()).collect())
            }
        })
    }

    pub(super) fn read_log(&mut self, request: LogRequest) -> Vec<Msg> {
        match request {
            LogRequest::Open { generation, source } => {
                self.write_log();
                let mut reader = self.open_log(&source);
                let origin = reader.origin();
                let (runs, left_out, attempt) = (origin.runs(), origin.left_out(), origin.attempt());
                let opened = LogEvent::Opened { runs, left_out, attempt };
                let events = [opened, reader.end(400).unwrap()];
                self.reader = Some((generation, reader));
                events.map(|event| Msg::Log { generation, event }).to_vec()
            }
            LogRequest::Close => {
                self.reader = None;
                Vec::new()
            }
            request => {
                // What random keys save is not to lie about.
                let folder = self.folder.path().to_owned();
                let request = match request {
                    LogRequest::Save { generation, path, overwrite } => {
                        let path = folder.join(path).display().to_string();
                        LogRequest::Save { generation, path, overwrite }
                    }
                    other => other,
                };
                self.reading(|reader| reader.answer(request))
            }
        }
    }
}
