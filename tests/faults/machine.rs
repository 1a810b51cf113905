//! Several homes, as several users have them, on one machine: what one has no other gets, whoever is killed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rstest::rstest;
use xt::model::{RunPath, Status};
use xt::node::attempt::State;
use xt::node::lock::ControllerLock;

use crate::support::{Chance, Home, kill, size, skip, submitted, until};

/// Notes that it begins and ends, with its GPUs.
const NOTING: &str = r#"echo "begin $LABEL $CUDA_VISIBLE_DEVICES" >> "$LEDGER"
sleep 0.01
echo "end $LABEL $CUDA_VISIBLE_DEVICES" >> "$LEDGER""#;

/// Notes that it begins, and ends when a file appears.
const HOLDING: &str = r#"echo "begin $LABEL $CUDA_VISIBLE_DEVICES" >> "$LEDGER"
until [ -e "$XT_SUBMIT_DIR/$0" ]; do sleep 0.01; done"#;

/// Homes on one machine, and a file in which their runs note what they do.
struct World {
    homes: Vec<Home>,
    folder: tempfile::TempDir,
}

impl World {
    fn new(labels: &[&str], config: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("xt-").tempdir().unwrap();
        let text = |name: &str| folder.path().join(name).display().to_string();
        let home = |label: &&str| {
            let home = Home::at(folder.path().join(label));
            let home = home.with("XT_MACHINE", &text("machine")).with("LEDGER", &text("ledger"));
            let home = home.with("LABEL", label);
            configure(&home, config);
            home.write("noting.sh", NOTING);
            home
        };
        let homes = labels.iter().map(home).collect();
        Self { homes, folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// What the runs have noted: word, label, GPUs.
    fn ledger(&self) -> Vec<[String; 3]> {
        let text = fs::read_to_string(self.path("ledger")).unwrap_or_default();
        let line = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            [(); 3].map(|()| words.next().unwrap_or_default())
        };
        text.lines().map(line).collect()
    }

    /// The labels of the runs in the order in which they began.
    fn beginnings(&self) -> Vec<String> {
        let ledger = self.ledger().into_iter();
        ledger.filter(|[word, ..]| word == "begin").map(|[_, label, _]| label).collect()
    }
}

fn configure(home: &Home, local: &str) {
    home.configure(&format!(
        "internal: {{controller-idle: 0.3}}\nboxes: {{local: {{{local}}}}}\ngeneral: {{kill-grace: 0.3}}\n"
    ));
}

/// Submits a run that ends when there is a file of this name.
fn hold(home: &Home, file: &str) -> RunPath {
    home.run(&["sh", "-c", HOLDING, file])
}

fn awaited(home: &Home, run: &RunPath) -> Option<String> {
    let page = home.ok(["view", "run", &run.to_string()]);
    page.lines().find_map(|line| Some(line.trim_start().strip_prefix("waits for ")?.trim().to_owned()))
}

/// Looks for a moment at which a GPU had two runs, or more ran than fit.
fn assert_exclusive(ledger: &[[String; 3]], slots: usize) {
    let mut running: Vec<&str> = Vec::new();
    for [word, _, gpus] in ledger {
        if word == "begin" {
            let own = gpus.split(',').filter(|gpu| !gpu.is_empty());
            for gpu in own {
                let others = running.iter().flat_map(|other| other.split(','));
                assert!(others.into_iter().all(|other| other != gpu), "GPU {gpu} is shared: {ledger:?}");
            }
            running.push(gpus);
            assert!(running.len() <= slots, "{} run at once: {ledger:?}", running.len());
        } else {
            let place = running.iter().position(|other| other == gpus).unwrap();
            running.swap_remove(place);
        }
    }
    assert_eq!(running.len(), 0);
}

// Proves C10, C6: the runs of two homes never share a GPU or have more slots than there are, though their
// controllers are killed again and again, and none is charged for it.
#[rstest]
#[case("gpus: 2, max-runs: 4", 4, &["1", "1", "2", "1"])]
#[case("gpus: 1, max-runs: 2", 2, &["1", "0"])]
#[case("gpus: 0, max-runs: 2", 2, &["0"])]
fn homes_share_a_machine(#[case] config: &str, #[case] slots: usize, #[case] wanted: &[&str]) {
    let world = World::new(&["a", "b"], config);
    let mut chance = Chance::new();
    let rounds = size(3, 30);
    for wanted in wanted.repeat(rounds) {
        for home in &world.homes {
            home.run(&[&format!("--gpus={wanted}"), "sh", "noting.sh"]);
        }
    }
    for _ in 0..rounds {
        chance.moment(Duration::from_millis(200));
        let home = &world.homes[usize::from(chance.below(2) == 0)];
        home.kill_controller();
        // Any verb starts the next one.
        home.ok(["view", "status"]);
    }
    for home in &world.homes {
        for run in home.until_all_ended() {
            assert_eq!((run.status, run.attempt, run.charged), (Status::Completed, 1, 0), "{run:?}");
        }
        home.assert_sound();
    }
    let ledger = world.ledger();
    assert_eq!(ledger.len(), 2 * 2 * rounds * wanted.len());
    assert_exclusive(&ledger, slots);
}

// Proves C10: a user with a long queue does not keep the machine from another, who is told what he waits for.
#[rstest]
#[case("gpus: 1, max-runs: 4", "1 GPU; 1 of 1 is taken by others on this machine")]
#[case("gpus: 0, max-runs: 1", "1 slot; 1 of 1 is taken by others on this machine")]
fn who_waits_is_next_and_knows_for_what(#[case] config: &str, #[case] told: &str) {
    let world = World::new(&["a", "b"], config);
    let [a, b] = &world.homes[..] else { panic!("two homes") };
    let first = hold(a, "go");
    a.until_is(&first, Status::Running);
    for _ in 0..5 {
        a.run(&["sh", "noting.sh"]);
    }
    let waiting = b.run(&["sh", "noting.sh"]);
    until("it is told", || (awaited(b, &waiting)? == told).then_some(()));
    let name = waiting.to_string();
    assert!(b.ok(["view", "status"]).contains(told));
    assert!(
        b.ok(["view", "status", &name])
            .contains(&format!("(waits for {}): {told}", &told[2..].split(';').next().unwrap()))
    );
    a.write("go", "");
    b.until_all_ended();
    a.until_all_ended();
    assert_eq!(world.beginnings(), ["a", "b", "a", "a", "a", "a", "a"]);
    assert_eq!(awaited(b, &waiting), None);
}

// Proves C10, C6: a GPU is free when its run's supervisor is killed, and what is left of the run is ended.
#[rstest]
fn a_killed_shim_frees_its_gpu(#[values(false, true)] controller_too: bool) {
    let world = World::new(&["a", "b"], "gpus: 1, max-runs: 4");
    let [a, b] = &world.homes[..] else { panic!("two homes") };
    let held = hold(a, "never");
    let held = a.until_is(&held, Status::Running);
    let waiting = b.run(&["sh", "noting.sh"]);
    until("it waits", || awaited(b, &waiting));
    if controller_too {
        assert!(a.kill_controller());
        assert!(awaited(b, &waiting).is_some(), "the shim has it still");
    }
    let Ok(State::Alive(Some(started))) = a.attempt(&held, 1).state() else { panic!("it runs") };
    assert!(kill(&started.shim));
    b.until_is(&waiting, Status::Completed);
    if controller_too {
        a.ok(["view", "status"]);
    }
    a.until_is(&held.path(), Status::Lost);
    assert_eq!(world.beginnings(), ["a", "b"]);
}

// Proves C10: what lies in the way of a lock is told, the runs wait, and go on when it is gone.
#[test]
fn a_squatted_lock_is_told_and_waited_for() {
    let world = World::new(&["a"], "gpus: 1, max-runs: 4");
    let a = &world.homes[0];
    fs::create_dir_all(world.path("machine/xt-gpu-0.lock")).unwrap();
    let run = a.run(&["sh", "noting.sh"]);
    let told = until("it is told", || awaited(a, &run));
    assert!(told.contains("xt-gpu-0.lock is in the way"), "{told}");
    assert!(fs::read_to_string(a.layout().log()).unwrap().contains("is in the way"));
    a.run(&["--gpus=0", "sh", "noting.sh"]);
    until("who needs none runs", || (!world.beginnings().is_empty()).then_some(()));
    fs::remove_dir(world.path("machine/xt-gpu-0.lock")).unwrap();
    a.until_all_ended();
    assert_eq!(world.ledger().last().unwrap()[2], "0");
}

// Proves C10: a changed configuration counts without a restart, a broken one changes nothing and is told once, and
// fewer slots end nothing.
#[test]
fn settings_change_under_a_running_controller() {
    let world = World::new(&["a"], "gpus: 0, max-runs: 1");
    let a = &world.homes[0];
    let runs = [(); 3].map(|()| hold(a, "go"));
    a.until_is(&runs[0], Status::Running);
    let controller = ControllerLock::holder(&a.layout().lock()).unwrap();
    assert_eq!(a.record(&runs[1]).status, Status::Queued);
    configure(a, "gpus: 0, max-runs: 2");
    a.until_is(&runs[1], Status::Running);
    let log = || fs::read_to_string(a.layout().log()).unwrap();
    a.configure("boxes: {local: {max-runs: none}}");
    until("it is told", || log().contains("the configuration is broken").then_some(()));
    configure(a, "gpus: 0, max-runs: 1");
    until("it is heard", || (log().matches("the settings have changed").count() == 2).then_some(()));
    assert_eq!(log().matches("the configuration is broken").count(), 1);
    let statuses = || [0, 1, 2].map(|index: usize| a.record(&runs[index]).status);
    assert_eq!(statuses(), [Status::Running, Status::Running, Status::Queued]);
    assert_eq!(ControllerLock::holder(&a.layout().lock()), Some(controller));
    a.write("go", "");
    a.until_all_ended();
}

/// Gives a folder and all in it to a user.
fn give(path: &Path, uid: u32) {
    assert!(
        Command::new("chown").args(["-R", &format!("{uid}:{uid}")]).arg(path).status().unwrap().success()
    );
}

// Proves C10: two users of the system share the machine's GPUs.
#[test]
fn two_users_share_a_machine() {
    if !rustix::process::getuid().is_root() {
        return skip("only root can be two users");
    }
    let world = World::new(&["a", "b"], "gpus: 1, max-runs: 4");
    let mode = |name: &str, mode| {
        fs::create_dir_all(world.path(name)).unwrap();
        fs::set_permissions(world.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("", 0o755);
    mode("machine", 0o1777);
    fs::write(world.path("ledger"), "").unwrap();
    fs::set_permissions(world.path("ledger"), fs::Permissions::from_mode(0o666)).unwrap();
    let users = [(&world.homes[0], 61_001), (&world.homes[1], 61_002)];
    let command = |home: &Home, uid: u32, words: &[&str]| {
        let ids = [format!("--reuid={uid}"), format!("--regid={uid}"), "--clear-groups".to_owned()];
        let program = env!("CARGO_BIN_EXE_xt").to_owned();
        let words = words.iter().map(|word| (*word).to_owned());
        let arguments = ids.into_iter().chain([program]).chain(words).collect::<Vec<_>>();
        home.command("setpriv", arguments).output()
    };
    for (home, uid) in users {
        give(home.root(), uid);
        give(&home.project(), uid);
        if !command(home, uid, &["--version"]).is_ok_and(|output| output.status.success()) {
            return skip("another user cannot run the program");
        }
    }
    for _ in 0..size(5, 50) {
        for (home, uid) in users {
            let output = command(home, uid, &["run", "--json", "sh", "noting.sh"]).unwrap();
            assert!(output.status.success(), "{output:?}");
            submitted(&String::from_utf8(output.stdout).unwrap());
        }
    }
    for (home, _) in users {
        assert!(home.until_all_ended().iter().all(|run| run.status == Status::Completed));
    }
    let ledger = world.ledger();
    assert_eq!(ledger.len(), 4 * size(5, 50));
    assert_exclusive(&ledger, 4);
}
