"""Draws the demo's data set: 8x8 pictures of the ten digits, in many hands, the same at every run.

    python3 make_digits.py > digits.txt

Each digit is a few strokes. They are turned, slanted, stretched, moved and drawn with pens of different widths, one
place is smudged, and the paper is grainy. A line of the output is the digit and its 64 pixels from 0 (paper) to 9 (ink),
row by row.
"""

import math
import random

SEED = 20240607
PICTURES = 2100

# The strokes of each digit: points (x, y) in a square from 0 to 1, y downwards.
STROKES = {
    0: [
        [(0.5, 0.1), (0.25, 0.25), (0.2, 0.5), (0.25, 0.75)]
        + [(0.5, 0.9), (0.75, 0.75), (0.8, 0.5), (0.75, 0.25), (0.5, 0.1)]
    ],
    1: [[(0.3, 0.3), (0.55, 0.1), (0.55, 0.9)]],
    2: [[(0.2, 0.3), (0.35, 0.12), (0.65, 0.12), (0.78, 0.3), (0.7, 0.5), (0.2, 0.9), (0.8, 0.9)]],
    3: [[(0.22, 0.15), (0.6, 0.1), (0.75, 0.28), (0.45, 0.47), (0.78, 0.68), (0.6, 0.88), (0.2, 0.85)]],
    4: [[(0.6, 0.1), (0.2, 0.6), (0.82, 0.6)], [(0.62, 0.35), (0.62, 0.92)]],
    5: [[(0.75, 0.1), (0.3, 0.1), (0.26, 0.45), (0.6, 0.42), (0.78, 0.65), (0.6, 0.88), (0.22, 0.86)]],
    6: [[(0.68, 0.1), (0.35, 0.35), (0.24, 0.65), (0.42, 0.9), (0.7, 0.85), (0.76, 0.62), (0.55, 0.5), (0.28, 0.62)]],
    7: [[(0.2, 0.12), (0.8, 0.12), (0.42, 0.9)]],
    8: [
        [(0.5, 0.1), (0.28, 0.27), (0.5, 0.47), (0.76, 0.68), (0.5, 0.9)],
        [(0.5, 0.1), (0.72, 0.27), (0.5, 0.47), (0.24, 0.68), (0.5, 0.9)],
    ],
    9: [[(0.74, 0.4), (0.48, 0.5), (0.25, 0.36), (0.32, 0.14), (0.58, 0.1), (0.74, 0.32), (0.7, 0.6), (0.55, 0.9)]],
}


def distance(x, y, a, b):
    """From a point to the stroke from a to b."""
    (ax, ay), (bx, by) = a, b
    dx, dy = bx - ax, by - ay
    along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy or 1.0)
    along = min(max(along, 0.0), 1.0)
    return math.hypot(x - ax - along * dx, y - ay - along * dy)


def hand(rng):
    """A way of writing: where it puts a point of a stroke."""
    turn, slant = rng.gauss(0, 0.16), rng.gauss(0, 0.18)
    wide, high = rng.uniform(0.62, 1.0), rng.uniform(0.72, 1.0)
    right, down = rng.gauss(0, 0.06), rng.gauss(0, 0.06)
    cos, sin = math.cos(turn), math.sin(turn)

    def put(point):
        x = (point[0] - 0.5 + rng.gauss(0, 0.025)) * wide
        y = (point[1] - 0.5 + rng.gauss(0, 0.025)) * high
        x -= slant * y
        return 0.5 + right + cos * x - sin * y, 0.5 + down + sin * x + cos * y

    return put


def picture(digit, rng):
    """64 pixels from 0 to 9."""
    put = hand(rng)
    strokes = [[put(point) for point in stroke] for stroke in STROKES[digit]]
    pen, grain = rng.uniform(0.05, 0.1), rng.uniform(0.02, 0.1)
    smudge = (rng.random(), rng.random())
    pixels = []
    for row in range(8):
        for column in range(8):
            x, y = (column + 0.5) / 8, (row + 0.5) / 8
            near = min(distance(x, y, a, b) for stroke in strokes for a, b in zip(stroke, stroke[1:]))
            ink = 1 / (1 + math.exp((near - pen) / 0.025))
            ink *= min(1.0, 0.35 + 4 * math.hypot(x - smudge[0], y - smudge[1]))
            pixels.append(min(max(round(9 * ink + rng.gauss(0, 9 * grain)), 0), 9))
    return pixels


def main():
    rng = random.Random(SEED)
    for number in range(PICTURES):
        digit = number % 10
        print(digit, "".join(map(str, picture(digit, rng))))


if __name__ == "__main__":
    main()
