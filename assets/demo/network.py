"""A multi-layer perceptron with one hidden layer, trained by gradient descent with momentum, in plain Python."""

import math
import random
from operator import mul

MOMENTUM = 0.9
LEAK = 0.1


class Network:
    """Pixels -> leaky ReLU units -> a probability for each class."""

    def __init__(self, inputs, hidden, classes, seed):
        rng = random.Random(seed)
        self.layers = [Layer(inputs, hidden, rng), Layer(hidden, classes, rng)]

    def forward(self, x):
        """The outputs of the hidden units, and the logarithms of the classes' probabilities."""
        first, second = self.layers
        hidden = [z if z > 0.0 else LEAK * z for z in first.forward(x)]
        logits = second.forward(hidden)
        top = max(logits)
        total = top + math.log(sum([math.exp(z - top) for z in logits]))
        return hidden, [z - total for z in logits]

    def learn(self, batch, lr):
        """One step of descent on a batch of (pixels, label); the sum of its losses, and how many were right."""
        first, second = self.layers
        loss, right = 0.0, 0
        for x, label in batch:
            hidden, logs = self.forward(x)
            loss -= logs[label]
            right += logs.index(max(logs)) == label
            error = [math.exp(log) for log in logs]
            error[label] -= 1.0
            back = second.backward(error)
            second.add_gradient(error, hidden)
            first.add_gradient([b if h > 0.0 else LEAK * b for b, h in zip(back, hidden)], x)
        for layer in self.layers:
            layer.step(lr / len(batch))
        return loss, right

    def accuracy(self, samples):
        """The share of samples whose most probable class is right."""
        right = 0
        for x, label in samples:
            logs = self.forward(x)[1]
            right += logs.index(max(logs)) == label
        return right / len(samples)

    def as_dict(self):
        """The weights, ready for JSON."""
        return {"layers": [{"weights": layer.weights, "biases": layer.biases} for layer in self.layers]}


class Layer:
    """A fully connected layer: weights, biases, their gradients in this batch and their velocities."""

    def __init__(self, inputs, outputs, rng):
        spread = math.sqrt(2.0 / inputs)  # He et al. 2015, for ReLU
        self.weights = [[rng.gauss(0.0, spread) for _ in range(inputs)] for _ in range(outputs)]
        self.biases = [0.0] * outputs
        self.velocities = [[0.0] * (inputs + 1) for _ in range(outputs)]
        self.gradients = [[0.0] * (inputs + 1) for _ in range(outputs)]

    def forward(self, x):
        return [sum(map(mul, row, x), bias) for row, bias in zip(self.weights, self.biases)]

    def backward(self, error):
        """The error of each input, given that of each output."""
        return [sum(map(mul, column, error)) for column in zip(*self.weights)]

    def add_gradient(self, error, x):
        x = x + [1.0]  # the input of the bias
        for unit, e in enumerate(error):
            self.gradients[unit] = [g + e * value for g, value in zip(self.gradients[unit], x)]

    def step(self, rate):
        for unit, gradient in enumerate(self.gradients):
            velocity = [MOMENTUM * v - rate * g for v, g in zip(self.velocities[unit], gradient)]
            self.velocities[unit] = velocity
            self.weights[unit] = [w + v for w, v in zip(self.weights[unit], velocity)]
            self.biases[unit] += velocity[-1]
            self.gradients[unit] = [0.0] * len(gradient)
