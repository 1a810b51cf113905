"""The demo's training, by hand and as a run. Proves A6 on a real script."""

import json
import math
import shlex
import subprocess
import sys
import unittest

from support import CLIENT, ROOT, InRun

DEMO = ROOT / "assets" / "demo"
SMALL = ["--hidden=4", "--epochs=2"]


class Demo(InRun):
    def train(self, *args: str, by_hand: bool = False) -> "subprocess.CompletedProcess[str]":
        env = {name: value for name, value in self.env.items() if not (by_hand and name.startswith("XT_"))}
        env.pop("PYTHONPATH", None)
        env.update({} if by_hand else {"PYTHONPATH": str(CLIENT)}, PYTHONDONTWRITEBYTECODE="1")
        command = [sys.executable, "-W", "error", str(DEMO / "train.py"), *args]
        return subprocess.run(command, env=env, cwd=self.dir, capture_output=True, encoding="utf-8", check=False)

    def test_by_hand_it_needs_nothing(self) -> None:
        done = self.train(*SMALL, by_hand=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("epoch 2/2  loss", done.stdout)
        layers = json.loads((self.dir / "output" / "model.json").read_text())["layers"]
        self.assertEqual([len(layer["biases"]) for layer in layers], [4, 10])

    def test_as_a_run_it_logs_what_it_does_and_learns(self) -> None:
        done = self.train("--lr=0.1", "--hidden=12", "--epochs=4")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        hparams, *epochs = self.lines()
        self.assertEqual(hparams["event"], "hparams")
        self.assertEqual(hparams["data"], {"lr": 0.1, "hidden": 12, "epochs": 4, "seed": 1, "batch": 16})
        self.assertEqual([(line["step"], line["step_name"]) for line in epochs], [(n, "epoch") for n in (1, 2, 3, 4)])
        self.assertEqual(list(epochs[0]["data"]), ["epoch", "loss", "train-acc", "test-acc"])
        self.assertGreater(epochs[-1]["data"]["test-acc"], 0.6)
        self.assertLess(epochs[-1]["data"]["loss"], epochs[0]["data"]["loss"])
        self.assertTrue((self.dir / "output" / "model.json").is_file())

    def test_the_same_seed_is_the_same_training(self) -> None:
        for _ in range(2):
            self.train(*SMALL, "--seed=5")
        metrics = [line["data"] for line in self.lines() if line["event"] == "metrics"]
        self.assertEqual(metrics[:2], metrics[2:])

    def test_a_learning_rate_far_too_high_ends_in_a_clear_error(self) -> None:
        done = self.train("--lr=1e30", *SMALL)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"error:.* the loss is (inf|nan) after epoch 1: the learning rate 1e\+30 is too")
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertFalse(math.isfinite(self.lines()[-1]["data"]["loss"]))
        self.assertFalse((self.dir / "output").exists())

    def test_every_command_of_the_sweep_is_one_the_script_takes(self) -> None:
        commands = (DEMO / "sweep.txt").read_text().splitlines()
        self.assertEqual(len(set(commands)), len(commands))
        self.assertEqual(commands.pop(), "python3 train.py --lr=3")  # the one that is to fail
        for command in commands:
            with self.subTest(command):
                program, script, *args = shlex.split(command)
                self.assertEqual((program, script), ("python3", "train.py"))
                self.assertEqual(self.train(*args, *SMALL, "--epochs=1", by_hand=True).returncode, 0)

    def test_the_generator_draws_the_committed_data(self) -> None:
        data = DEMO / "data"
        drawn = subprocess.run([sys.executable, str(data / "make_digits.py")], capture_output=True, check=True).stdout
        self.assertEqual(drawn, (data / "digits.txt").read_bytes())
        self.assertLess(len(drawn), 150_000)


if __name__ == "__main__":
    unittest.main()
