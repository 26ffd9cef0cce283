"""Pictures of a training: what their words say is so, and they refuse what they cannot show."""

from types import SimpleNamespace

import numpy as np
import pytest

from helpers import figures
from helpers.figures.learning_curves import percent, settled_row

RNG = np.random.default_rng(5)


def pngs_differ(make, *several):
    assert len({make(arguments).png for arguments in several}) == len(several)


def belief_of(answers, sure=0.91):
    """Beliefs (time steps, 10) whose largest is in the digits of `answers`."""
    belief = np.full((len(answers), 10), (1 - sure) / 9)
    belief[np.arange(len(answers)), answers] = sure
    return belief


@pytest.mark.parametrize(
    ("answers", "row"),
    [([3, 7, 3, 7, 7], 4), ([7, 7, 7], 1), ([1, 7], 2), ([7], 1), ([7, 1, 7], 3)],
)
def test_settled_row_is_counted_from_one_and_for_good(answers, row):
    assert settled_row(np.array(answers)) == row


@pytest.mark.parametrize(("answers", "row"), [([3, 7, 3, 7, 7], 4), ([2] * 6, 1), ([2, 5], 2)])
def test_knowing_picture_says_the_row_and_the_answer(answers, row):
    x = RNG.random((len(answers), 11))
    picture = figures.knowing_picture(SimpleNamespace(x=x, belief=belief_of(answers)))
    assert f"{len(answers)} rows" in picture.words
    if row < len(answers):
        assert f"from row {row} on it answers {answers[-1]}," in picture.words
    else:
        assert f"only after the last row does it answer {answers[-1]}." in picture.words


def test_digits_picture_takes_images_of_several_sizes_and_one_title_each():
    images = [RNG.random((5, 9)), RNG.random((9, 5))]
    assert figures.digits_picture(images, ["a", ""], "Two.").words == "Two."
    with pytest.raises(ValueError, match="titles must hold one text for each image, 2 in all"):
        figures.digits_picture(images, ["a"], "Two.")


def test_schedule_picture_names_start_peak_and_end():
    words = figures.schedule_picture([0.002, 0.03, 0.01, 0.0005]).words
    assert "starts at 0.002, rises to 0.03 at update 2 of 4, and falls to 0.0005" in words


def history(n=4):
    falling = np.linspace(0.5, 0.05, n)
    return {
        "loss": list(4 * falling),
        "val_loss": list(3 * falling),
        "accuracy": list(1 - falling),
        "val_accuracy": list(1 - falling / 2),
        "seconds": [1.0] * n,
    }


def test_learning_curve_tells_errors_of_both_sets():
    words = figures.learning_curve(history()).words
    assert "over 4 epochs" in words
    assert "5.0 % of the answers are wrong on the training batches and 2.5 %" in words
    pngs_differ(figures.learning_curve, history(), history(5))
    assert figures.learning_curve(history(1)).png


@pytest.mark.parametrize("lacks", ["epochs", "validation"])
def test_learning_curve_says_what_it_needs(lacks):
    short = history(0) if lacks == "epochs" else {"loss": [1.0], "accuracy": [0.5]}
    with pytest.raises(ValueError, match="at least one whole epoch of a training with validation"):
        figures.learning_curve(short)


def test_batches_picture_tells_worst_best_and_all():
    words = figures.batches_picture(np.array([120, 127, 128, 122]) / 128, 0.971).words
    assert "one batch of 128 digits, for 4 batches: from 93.8 % to 100.0 %" in words
    assert "All digits together give 97.1 %" in words
    assert "one batch of 50 digits" in figures.batches_picture(np.array([0.9]), 0.9, 50).words


def counts_with(**mistakes):
    counts = np.diag(np.arange(20, 30))
    for pair, n in mistakes.items():
        counts[int(pair[1]), int(pair[2])] = n
    return counts


def test_confusion_picture_keeps_written_and_answered_apart():
    words = figures.confusion_picture(counts_with(d83=7, d38=2)).words
    assert "Of 254 digits 245 lie on the diagonal" in words and "and 9 beside it" in words
    assert "an 8 read as a 3 (7 of 35)" in words
    words = figures.confusion_picture(counts_with(d38=7)).words
    assert "a 3 read as an 8 (7 of 30)" in words
    pngs_differ(figures.confusion_picture, counts_with(d38=7), counts_with(d83=7))


def test_confusion_picture_without_mistakes_claims_none():
    words = figures.confusion_picture(counts_with()).words
    assert "and 0 beside it" in words and "mistake" not in words


def test_mistakes_picture_shows_the_surest_first_and_no_right_answer():
    images = RNG.integers(0, 255, (4, 28, 20))
    labels = np.array([8, 1, 4, 5])
    beliefs = np.concatenate(
        [belief_of([3], 0.6), belief_of([1], 0.9), belief_of([9], 0.999), belief_of([6], 0.7)]
    )
    words = figures.mistakes_picture(images, labels, beliefs).words
    assert words == (
        "3 of 3 misread digits, surest first: a 4 read as 9 (> 99 %), a 5 read as 6 (70 %), "
        "an 8 read as 3 (60 %)."
    )
    words = figures.mistakes_picture(images, labels, beliefs, most=1).words
    assert words == "1 of 3 misread digits, surest first: a 4 read as 9 (> 99 %)."
    with pytest.raises(ValueError, match="no misread digit"):
        figures.mistakes_picture(images[1:2], labels[1:2], beliefs[1:2])


def test_accuracy_by_row_tells_both_heads_apart():
    own = [0.1, 0.2, 0.3, 0.6, 0.955, 0.96]
    words = figures.accuracy_by_row_picture(own).words
    assert "10 % after row 1, 30 % after row 3, over half from row 4" in words
    assert "within 1 point of the final 96.0 % from row 5 of 6" in words
    assert "head" not in words
    readable = [0.1, 0.5, 0.7, 0.8, 0.96, 0.97]
    assert "70 % after row 3 already" in figures.accuracy_by_row_picture(own, readable).words


def test_accuracy_by_row_claims_no_half_that_was_not_reached():
    assert "over half" not in figures.accuracy_by_row_picture([0.1, 0.2, 0.3, 0.4]).words


def test_settling_picture_orders_the_digits():
    labels = np.repeat(np.arange(10), 3)
    settled = np.repeat([9, 3, 8, 7, 6, 5, 12, 2, 10, 11], 3)
    words = figures.settling_picture(settled, labels, rows=14).words
    assert "7 at row 2, 1 at row 3, 5 at row 5" in words and words.endswith("6 at row 12.")


def test_overview_picture_reads_down_to_its_row():
    trace = SimpleNamespace(x=RNG.random((6, 9)), belief=belief_of([4, 4, 2, 2, 7, 7], 0.8))
    early, late = (figures.overview_picture(trace, row) for row in (2, 5))
    assert "row 2 of 6" in early.words and early.words.endswith("at this moment: 4, with 80 %.")
    assert "row 5 of 6" in late.words and late.words.endswith("at this moment: 7, with 80 %.")
    assert early.png != late.png


@pytest.mark.parametrize(
    ("share", "written"), [(0, "< 1 %"), (0.004, "< 1 %"), (0.5, "50 %"), (0.996, "> 99 %")]
)
def test_percent_never_says_certain(share, written):
    assert percent(share) == written
