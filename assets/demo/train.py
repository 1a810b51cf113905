"""Learns to read hand-drawn digits, with nothing but the standard library of Python.

    python3 train.py --lr=0.1 --hidden=64

Under xt it logs its hyperparameters and, after each epoch, its loss and accuracies; without xt it just prints them.
"""

import argparse
import json
import math
import os
import random
import sys
import time

from network import Network

try:
    from xt import Run
except ImportError:  # by hand, outside xt
    Run = None

HERE = os.path.dirname(os.path.abspath(__file__))
TEST_SHARE = 0.25
CHANCE = math.log(10)  # the loss of one who guesses
BAR = 24

COLORS = ["\x1b[%sm" % code for code in ("1", "2", "31", "1;32", "36", "0")]
BOLD, DIM, RED, GREEN, CYAN, PLAIN = [""] * len(COLORS) if os.environ.get("NO_COLOR") else COLORS
DASH = "━" if (sys.stdout.encoding or "").lower().startswith("utf") else "-"


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate (default %(default)s)")
    parser.add_argument("--hidden", type=int, default=64, help="units of the hidden layer (default %(default)s)")
    parser.add_argument("--epochs", type=int, default=40, help="passes over the data (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the weights and of the order (default %(default)s)")
    parser.add_argument("--batch", type=int, default=16, help="samples a step (default %(default)s)")
    args = parser.parse_args()
    if min(args.hidden, args.epochs, args.batch) < 1:
        parser.error("--hidden, --epochs and --batch must be at least 1")
    return args


def load():
    """The samples for training and for testing, each a list of (pixels from 0 to 1, label)."""
    with open(os.path.join(HERE, "data", "digits.txt"), encoding="ascii") as file:
        rows = [line.split() for line in file]
    samples = [([int(pixel) / 9 for pixel in pixels], int(label)) for label, pixels in rows]
    test = int(len(samples) * TEST_SHARE)
    return samples[test:], samples[:test]


def show_progress(epoch, epochs, done):
    """A bar that the next one, or the epoch's line, overwrites."""
    full = int(BAR * done)
    bar = CYAN + DASH * full + DIM + DASH * (BAR - full) + PLAIN
    sys.stdout.write(f"\repoch {epoch:{len(str(epochs))}}/{epochs} {bar} {done:4.0%}")
    sys.stdout.flush()


def show_epoch(epoch, epochs, loss, train_acc, test_acc, better, seconds):
    """The line that stays."""
    loss_text = f"{RED if not loss < CHANCE else ''}{loss:<9.4g}{PLAIN}"
    test_text = f"{GREEN if better else ''}{test_acc:6.1%}{PLAIN}"
    print(
        f"\r\x1b[Kepoch {epoch:{len(str(epochs))}}/{epochs}  loss {loss_text}  "
        f"train {train_acc:6.1%}  test {test_text}  {seconds:.1f} s"
    )


def train_epoch(network, samples, args, epoch):
    """One pass over the samples; the mean loss and the accuracy on the way."""
    loss, right, shown = 0.0, 0, 0.0
    for start in range(0, len(samples), args.batch):
        done = start / len(samples)
        if done >= shown:
            show_progress(epoch, args.epochs, done)
            shown = done + 1 / BAR
        batch_loss, batch_right = network.learn(samples[start : start + args.batch], args.lr)
        loss += batch_loss
        right += batch_right
    return loss / len(samples), right / len(samples)


def main():
    args = parse_args()
    run = Run() if Run else None
    if run:
        run.log_hparams(args)
    train, test = load()
    print(f"{len(train)} digits to learn from, {len(test)} to be tested on")
    network = Network(len(train[0][0]), args.hidden, 10, args.seed)
    order = random.Random(args.seed)
    best = 0.0
    for epoch in range(1, args.epochs + 1):
        start = time.time()
        order.shuffle(train)
        loss, train_acc = train_epoch(network, train, args, epoch)
        test_acc = network.accuracy(test)
        if run:
            metrics = {"epoch": epoch, "loss": loss, "train-acc": train_acc, "test-acc": test_acc}
            run.log_metrics(metrics, step_name="epoch")
        show_epoch(epoch, args.epochs, loss, train_acc, test_acc, test_acc > best, time.time() - start)
        best = max(best, test_acc)
        if not math.isfinite(loss):
            sys.exit(
                f"{RED}error:{PLAIN} the loss is {loss} after epoch {epoch}: "
                f"the learning rate {args.lr:g} is too high, try {args.lr / 30:g}"
            )
    output = (run and run.output_dir) or "output"
    os.makedirs(output, exist_ok=True)
    path = os.path.join(output, "model.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(network.as_dict(), file)
    print(f"best test accuracy {BOLD}{best:.1%}{PLAIN}, model saved to {path}")


if __name__ == "__main__":
    main()
