"""Does a write that is said to decide decide? Silenced, it must turn the reader's answer.

    uv run python benchmarks/silenced.py [--cases 200] [--seed 0]

The shipped LSTM reads pairs of the bundled test digits laid over each other: of single ones it is
too sure. `rnnscope.writes` names the steps that decide. Each is silenced: the reader's cell reads
the picture again with the input gate shut at that step alone, and answers with its head. Beside it
stands how often that turns the answer where the parts alone speak for it (the step's part is
greater than the winner's lead), and how far the parts' sum is from the logit at most. Prints a
table, and as its last line JSON: the goal is at least 80 % of 200 cases.
"""

import numpy as np
from measuring import finish, new_parser

from helpers.digits import small_digits
from helpers.reader import shipped
from helpers.trace import trace
from rnnscope import cells, writes
from tools.arguments import whole

GOAL = 0.8


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--cases", type=whole(1), default=200)
    parser.add_argument("--seed", type=whole(0), default=0)
    given = parser.parse_args()
    reader, random = shipped("lstm"), np.random.default_rng(given.seed)
    images, said, alone, error, read = small_digits().x_test, [], [], 0.0, 0
    while len(said) < given.cases:
        pair = images[random.choice(len(images), 2, replace=False)]
        image, read = pair.max(axis=0), read + 1
        seen = trace(reader, image)
        answer, split = seen.answer, writes(seen)
        total = sum(split["parts"]) + split["rest"]
        error = max(error, abs(total - seen.logits[-1, answer]))
        against = writes(seen, of=int(split["against"].split()[1]))
        pulls = np.subtract(split["parts"], against["parts"])
        enough = np.flatnonzero(pulls > split["total"] - against["total"])
        turned = {t: silenced(reader, image, t) != answer for t in enough}
        alone += turned.values()
        said += [turned[t] for t in split["decides"]]
    rows = [
        {"said by": "writes", "cases": len(said), "turned": np.mean(said)},
        {"said by": "parts alone", "cases": len(alone), "turned": np.mean(alone)},
    ]
    rows = [{**row, "turned": float(row["turned"])} for row in rows]
    result = {"turned": rows[0]["turned"], "goal": GOAL, "cases": len(said), "pictures": read,
              "turned_by_parts_alone": rows[1]["turned"], "cases_by_parts_alone": len(alone),
              "largest_error_of_sum": float(error)}  # fmt: skip
    finish(given, result, rows)


def silenced(reader, image, step):
    """Answer a picture with the input gate shut at one step."""
    steps = iter(range(len(image)))

    def shut(made):
        return {**made, "i": made["i"] * (next(steps) != step)}

    x = image[np.newaxis].astype(np.float32) / 255
    h = cells.unroll("lstm", x, reader.cell_weights, change=shut).h[:, -1]
    return int((h @ reader.head_kernel + reader.head_bias).argmax())


if __name__ == "__main__":
    main()
