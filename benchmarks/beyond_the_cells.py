"""What the lessons say that no cell of theirs shows: more seeds, and longer trainings.

    MNIST_NPZ=mnist.npz uv run python benchmarks/beyond_the_cells.py [--seeds 3]

Lessons 6 and 9 are run, on the bundled digits, as far as what they say of it; then come more cells,
which train with the lesson's own functions: lesson 6's reader from five seeds; lesson 9's words
without a mask, and its forecast from four more draws. The plain RNN is trained as the readers that
the course carries, at the learning rate of the two others. Prints a table, and as its last line
JSON.
"""

import json
import tempfile

import nbformat
from measuring import finish, need_digits, new_parser, train_whole

from helpers.reader import build_reader, weights_of
from helpers.trace import accuracy
from tests.notebook_tools import execute, lessons
from tools.arguments import whole

FIRST, EPOCHS = 6000, 24  # as train_shipped.py
READERS = "scores = [float(right.mean())]"
READER = """
other = build_reader("lstm", units=128, seed={seed})
train_reader(other, images, image_labels, validation=set_aside, seed={seed}, epochs=epochs,
             batch_size=batch_size)
said = other.predict(as_rows(digits.x_test), batch_size=1000, verbose=0).argmax(axis=1)
scores.append(float((said == digits.y_test).mean()))
"""
WITHOUT_MASK = """
unmasked = new_network(mask_zero=False)
compile_and_fit(unmasked, x[learned], y[learned], "sparse_categorical_crossentropy", epochs=16)
without = float((unmasked.predict(x[aside], verbose=0).argmax(1) == y[aside]).mean())
as_the_lesson, draws = forecaster, []
"""
DRAW = """
forecaster = lambda: as_the_lesson({seed})
_, said = learn(changes / spread, epochs=40)
wrong, line = (np.abs(answer - ppm[now]) for answer in (ppm[now - 1] + said * spread, simple))
draws.append({{"ppm": float(wrong.mean()), "nearer": float((wrong < line).mean())}})
"""
TELL = "import json; print(json.dumps({}))"


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--seeds", type=whole(1), default=3, help="of the plain RNN")
    given = parser.parse_args()
    digits = need_digits(parser, full=True)
    seeds = range(1, 5)
    six = after(6, "right.size:,", READERS, *(READER.format(seed=seed) for seed in seeds),
                TELL.format("scores"))  # fmt: skip
    without, draws = after(9, "nearer in {", WITHOUT_MASK, *(DRAW.format(seed=s) for s in seeds),
                           TELL.format("[without, draws]"))  # fmt: skip
    result = {
        "lesson_6_accuracies": six,
        "lesson_9_trained_without_mask": round(without, 4),
        "lesson_9_draws": [{name: round(n, 4) for name, n in draw.items()} for draw in draws],
        "rnn_at_0.01": {
            "epochs": EPOCHS,
            "runs": [plain_rnn(digits, s) for s in range(given.seeds)],
        },
    }
    finish(given, result, [{"what": name, "found": found} for name, found in result.items()])


def after(number, words, *cells):
    """Run a lesson as far as a cell with these words, then `cells`; return the last one's JSON."""
    path = lessons()[number]
    notebook = nbformat.read(path, as_version=4)
    [end] = [n for n, cell in enumerate(notebook.cells, 1) if words in cell.source]
    notebook.cells[end:] = [nbformat.v4.new_code_cell(source.strip()) for source in cells]
    with tempfile.TemporaryDirectory() as scratch:
        execute(notebook, path.parent, scratch)
    return json.loads(notebook.cells[-1].outputs[0]["text"])


def plain_rnn(digits, seed):
    """Train the RNN that train_shipped.py trains, with the peak rate that suits LSTM and GRU."""
    model = build_reader("rnn", seed=seed)
    history = train_whole(model, digits.x_train[FIRST:], digits.y_train[FIRST:], epochs=EPOCHS,
                          seed=seed)  # fmt: skip
    right = accuracy(weights_of(model), digits.x_test, digits.y_test)
    return {"training": round(history["accuracy"][-1], 4), "test": round(right, 4)}


if __name__ == "__main__":
    main()
