//! What is collected of an attempt, and what is told of the rest.

use std::os::unix::fs::symlink;

use super::*;
use crate::model::job::Launch;
use crate::model::{RunName, RunPath};
use crate::node::controller::follower::Source;

/// A node with one attempt that has ended.
struct World {
    _folder: tempfile::TempDir,
    layout: Layout,
    remains: Remains,
}

impl World {
    fn new(wanted: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path(), folder.path(), folder.path());
        let directory = Attempt::at(layout.attempt("guid", 1));
        directory.create().unwrap();
        fs::create_dir(directory.work()).unwrap();
        let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        let launch = Launch {
            after_files: texts(wanted),
            after_omit: texts(&[".git", "__pycache__"]),
            ..Launch::default()
        };
        let run = RunPath::new("ws1", RunName::top(1));
        let source = Source { run_guid: "guid".into(), run, directory };
        let remains =
            Remains { source, attempt: 1, is_last: true, completed: true, supervised: true, launch };
        Self { _folder: folder, layout, remains }
    }

    fn attempt(&self) -> &Attempt {
        &self.remains.source.directory
    }

    /// A file of the attempt's folder.
    fn write(&self, name: &str, text: &str) {
        let path = self.attempt().folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, name: &str, to: impl AsRef<Path>) {
        let path = self.attempt().folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(to, path).unwrap();
    }

    /// What is told of the collection.
    fn collect(&self) -> Vec<Event> {
        let mut notes = Notes::default();
        collect(&self.layout, &self.remains, &mut notes).unwrap();
        notes.events(1, self.attempt().folder())
    }

    fn kept(&self, name: &str) -> PathBuf {
        self.layout.run_files("ws1", RunName::top(1)).join("after").join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.kept(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

// Proves P2: whatever files a script writes, the console is what the run wrote, and its own file is there too.
#[test]
fn a_file_of_the_scripts_never_replaces_the_console_or_another() {
    let world = World::new(&["output/**"]);
    world.write("console.log", "out and err\n");
    world.write("console.idx", "index");
    world.write("output/console.txt", "out\n");
    world.write("output/console.idx/deep", "a folder");
    world.write("work/output/console.txt", "another\n");
    world.write("output/best.pt", "one");
    world.write("work/output/best.pt", "two");
    world.write("output/same.pt", "same");
    world.write("work/output/same.pt", "same");
    let events = world.collect();
    assert_eq!(world.read("output/console.txt"), "out and err\n");
    assert_eq!(world.read("output/console.idx"), "index");
    assert_eq!(world.read("output/console-2.txt"), "out\n");
    assert_eq!(world.read("output/console-3.txt"), "another\n");
    assert_eq!(world.read("output/console-2.idx/deep"), "a folder");
    assert_eq!((world.read("output/best.pt"), world.read("output/best-2.pt")), ("one".into(), "two".into()));
    assert!(!world.kept("output/same-2.pt").exists());
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event, "files-renamed");
    let told = events[0].data["files"].as_str().unwrap();
    assert!(told.contains("output/console.txt is output/console-2.txt"), "{told}");
    assert!(!world.attempt().work().exists());
}

// Proves P2: links go along; what they lead to is kept when it is the run's, and never followed when it is not.
#[test]
fn links_are_kept() {
    let world = World::new(&["output/**"]);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("data"), "a data set").unwrap();
    world.write("work/output/epoch9.pt", "weights");
    world.write("work/ckpt/last.pt", "last");
    world.link("work/output/best.pt", "epoch9.pt");
    world.link("work/output/absolute.pt", world.attempt().work().join("output/epoch9.pt"));
    world.link("work/output/chain.pt", "best.pt");
    world.link("work/output/last.pt", "../ckpt/last.pt");
    world.link("output/last.pt", world.attempt().work().join("ckpt/last.pt"));
    world.link("work/output/data", outside.path().join("data"));
    world.link("work/data", outside.path());
    world.link("work/output/through", "../data/data");
    assert_eq!(
        world.collect().iter().map(|event| event.event.as_str()).collect::<Vec<_>>(),
        ["files-renamed"]
    );
    for name in ["best.pt", "absolute.pt", "chain.pt"] {
        let path = format!("output/{name}");
        assert!(fs::symlink_metadata(world.kept(&path)).unwrap().is_symlink(), "{name}");
        assert!(fs::read_link(world.kept(&path)).unwrap().is_relative(), "{name}");
        assert_eq!(world.read(&path), "weights");
    }
    assert!(fs::symlink_metadata(world.kept("output/last.pt")).unwrap().is_file());
    assert_eq!(
        (world.read("output/last.pt"), world.read("output/last-2.pt")),
        ("last".into(), "last".into())
    );
    assert_eq!(fs::read_link(world.kept("output/data")).unwrap(), outside.path().join("data"));
    assert_eq!(fs::read_link(world.kept("output/through")).unwrap(), Path::new("../data/data"));
    assert!(!world.attempt().work().exists());
}

// Proves P2: the run's folder is its files' last place when they cannot be collected.
#[test]
fn what_cannot_be_collected_is_told_and_stays() {
    let broken = World::new(&["output/[a"]);
    let folder = World::new(&["output/**"]);
    folder.link("work/output/latest", "../runs/9");
    folder.write("work/runs/9/model.pt", "weights");
    for (world, why) in [(&broken, "output/[a"), (&folder, "output/latest leads to ../runs/9")] {
        world.write("work/output/model.pt", "weights");
        world.write("output/metrics.csv", "1");
        let events = world.collect();
        assert_eq!(world.read("output/metrics.csv"), "1");
        assert!(world.attempt().work().exists());
        let event = events.iter().find(|event| event.event == "files-missing").unwrap();
        assert!(event.data["files"].as_str().unwrap().contains(why), "{event:?}");
        assert_eq!(event.data["left_in"].as_str().unwrap(), world.attempt().folder().to_str().unwrap());
    }
}

// Proves B23 for what is kept: a bare name is left out at any depth; pipes keep nobody waiting.
#[test]
fn what_is_left_out_is_left_out_at_any_depth() {
    let world = World::new(&["output/**"]);
    world.write("work/output/__pycache__/model.pyc", "");
    world.write("work/output/deep/.git/HEAD", "");
    world.write("work/output/deep/model.pt", "weights");
    let pipe = world.attempt().output().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(world.collect(), []);
    assert!(!world.kept("output/__pycache__").exists() && !world.kept("output/deep/.git").exists());
    assert_eq!(world.read("output/deep/model.pt"), "weights");
    assert!(!world.kept("output/pipe").exists());
}

#[test]
fn ways_between_folders() {
    let way = |folder, file| relative(Path::new(folder), Path::new(file));
    assert_eq!(way("/a/b", "/a/b/c"), Path::new("c"));
    assert_eq!(way("/a/b/c", "/a/d/e"), Path::new("../../d/e"));
    assert_eq!(normal(Path::new("/a/./b/../c")), Path::new("/a/c"));
    assert_eq!(numbered(Path::new("output/model"), 3), Path::new("output/model-3"));
}
