"""Measure how long each section of each lesson takes in class, and write it into docs/teaching.md.

uv run python tools/timetable.py            writes
uv run python tools/timetable.py --check    writes nothing; exits with 1 if something would change

Nobody guesses a minute: words, lines of code, questions, exercises, replays and pictures are
counted in the saved notebooks, and each costs the seconds that stand below. A section has whole
minutes, one at least, and every sum is a sum of these. Between <!-- minutes 04 --> and
<!-- /minutes --> stands the table of a lesson, between <!-- exercises 04 --> and
<!-- /exercises --> what its checks know, between <!-- plan talk --> and <!-- /plan --> a plan.
"""

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import checks  # noqa: E402
from helpers.checks import ANSWERS  # noqa: E402
from helpers.course import LESSONS, Lesson  # noqa: E402
from tools import arguments  # noqa: E402

PAGE = ROOT / "docs" / "teaching.md"
WORDS_A_MINUTE = 200  # an adult's reading, silent; about a fifth faster than a talk
SECONDS = {
    "code": 2,  # a line of code: a glance; lines that matter are spoken of in the text
    "predictions": 30,  # ask, let all commit themselves, take one answer
    "questions": 30,  # a plain answer, in class
    "functions": 60,  # a function: told in class, written at home
    "replays": 30,  # once through with the slider
    "pictures": 10,
    "trainings": 5,  # a cell that trains and has not saved how long
    "starts": 15,  # TensorFlow starts once a lesson
}
OPENING = "The first picture"
SAID_SECONDS = re.compile(r"Trained for \d+ epochs in (\d+) s")

# What a teacher can leave out when a lesson must fit into the minutes that the map gives it.
SKIP = {
    4: ("Backwards through one step", "The whole way back"),
    5: ("Time first",),
    6: ("A training that is cut off", "Another seed, another reader"),
    8: ("What the GPU's fast kernel asks",),
}


class Section(NamedTuple):
    """What stands in a section, counted; `waits` are seconds for which a computer works."""

    title: str
    words: int = 0
    code: int = 0
    predictions: int = 0
    questions: int = 0
    functions: int = 0
    replays: int = 0
    pictures: int = 0
    controls: int = 0
    waits: int = 0
    checks: tuple[str, ...] = ()

    @property
    def exercises(self) -> int:
        """How many exercises it has."""
        return self.questions + self.functions

    def minutes(self, with_exercises: bool = True) -> int:
        """How long it takes in class, in whole minutes."""
        seconds = 60 * self.words / WORDS_A_MINUTE + self.waits
        kinds = ["code", "predictions", "replays", "pictures"]
        kinds += ["questions", "functions"] if with_exercises else []
        seconds += sum(SECONDS[kind] * getattr(self, kind) for kind in kinds)
        return max(1, round(seconds / 60))


# The cell for Colab, and what is done so far, which is the same in every lesson.
NO_TIME = ("# On Colab", "from helpers.progress", "**What you have done.**")


def sections(lesson: Lesson) -> list[Section]:
    """Return a lesson's sections, that is, what stands under its headings of the second level."""
    path = ROOT / "notebooks" / f"{lesson.name}.ipynb"
    found, started = [Section(OPENING)], False
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if source.startswith(NO_TIME):
            continue
        if cell["cell_type"] == "markdown":
            for title, text in _parts(source):
                if title:
                    found.append(Section(title))
                found[-1] = _add(found[-1], **_of_text(text))
        else:
            counted = _of_code(source, cell)
            if not started and re.search(r"import_keras|old_tensorflow|device=True", source):
                started, counted["waits"] = True, counted["waits"] + SECONDS["starts"]
            found[-1] = _add(found[-1], **counted)
    return found


def _parts(source: str) -> list[tuple[str, str]]:
    """Cut a text at its headings of the second level: (heading or "", what follows)."""
    pieces = re.split(r"^## (.+)$", source, flags=re.MULTILINE)
    return [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]


def _of_text(text: str) -> dict:
    text = re.sub(r"^.*<!-- launch -->.*$", "", text, flags=re.MULTILINE)
    told = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
    told = re.sub(r"\]\([^)]*\)", "]", told)
    questions = text.count("**Predict.**") - text.count("**Predict.** This word")
    return {"words": len(re.findall(r"\w[\w'’.,-]*", told)), "predictions": questions}


def _of_code(source: str, cell: dict) -> dict:
    shown = json.dumps(cell["outputs"])
    named = re.findall(r"checks\.answer\(\s*\"([^\"]+)\"|checks\.([a-z]\w+)\(", source)
    names = tuple(one or other for one, other in named)
    said = [int(seconds) for seconds in SAID_SECONDS.findall(shown)]
    trains = "slow" in cell["metadata"].get("tags", [])
    return {
        "code": sum(bool(line.strip()) for line in source.splitlines()),
        "questions": sum(name in ANSWERS for name in names),
        "functions": sum(name not in ANSWERS for name in names),
        "replays": shown.count('"Replay of '),
        "pictures": shown.count('"Picture: '),
        "controls": shown.count("A control stands here"),
        "waits": sum(said) if said else SECONDS["trainings"] * trains,
        "checks": names,
    }


def _add(section: Section, **counted) -> Section:
    return section._replace(
        **{name: getattr(section, name) + more for name, more in counted.items()}
    )


def total(lesson: Lesson, without: tuple[str, ...] = (), with_exercises: bool = True) -> int:
    """Return a lesson's minutes in class, less those of the sections that are left out."""
    return sum(
        section.minutes(with_exercises)
        for section in sections(lesson)
        if section.title not in without
    )


# --- the tables ----------------------------------------------------------------------------------


def minutes_table(lesson: Lesson) -> str:
    """Return the table of a lesson's sections, and what its minutes add up to."""
    rows = [
        "| section | minutes | without exercises | *Predict* | exercises | what needs a kernel |",
        "|---|---|---|---|---|---|",
    ]
    found = sections(lesson)
    for each in found:
        counts = f"{each.predictions or ''} | {each.exercises or ''}"
        rows.append(
            f"| {each.title} | {each.minutes()} | {each.minutes(False)} | {counts} "
            f"| {_needs_kernel(each)} |"
        )
    waits = sum(each.waits for each in found)
    without = total(lesson, with_exercises=False)
    sums = f"Together **{total(lesson)} minutes**, {without} of them without the exercises."
    rows += ["", sums + _about_waiting(waits)]
    if lesson.number in SKIP:
        left_out = SKIP[lesson.number]
        names = " and ".join(f"*{title}*" for title in left_out)
        rows[-1] += f" Without {names}: {total(lesson, left_out)} minutes, and "
        rows[-1] += f"{total(lesson, left_out, False)} if the exercises go home."
    return "\n".join(rows)


def _about_waiting(seconds: int) -> str:
    if not seconds:
        return " Nothing has to be waited for."
    return f" In {seconds} seconds of them the computer works and the class waits."


def _needs_kernel(section: Section) -> str:
    parts = []
    if section.controls:
        parts.append("the menu, slider or paper")
    if section.exercises:
        parts.append("the checks")
    if section.waits:
        parts.append("whatever is computed anew")
    return ", ".join(parts) or "nothing"


def exercises_table(lesson: Lesson, most: int = 3) -> str:
    """Return the table of a lesson's exercises: what is right, and what the checks say else."""
    rows = [
        "| exercise | right | wrong answers that come, and what the check says of them |",
        "|---|---|---|",
    ]
    for section in sections(lesson):
        for name in section.checks:
            if name in ANSWERS:
                answer = ANSWERS[name]
                right = f"`{shown(answer.right[0])}`"
                told = [
                    (shown(values[0]), sentence)
                    for sentence, values in _by_sentence(answer.wrong).items()
                ]
                wrong = [f"`{value}`: {_plain(sentence)}" for value, sentence in told[:most]]
                title = name.rpartition(": ")[2]
            else:
                exercise = next((each for each in checks.EXERCISES if each.name == name), None)
                if exercise is None:  # a whole network is judged apart
                    continue
                title, right = f"`{name}`", _plain(exercise.praise)
                wrong = [_plain(each.sentence) for each in exercise.wrong[:most]]
            rows.append(f"| {title} | {right} | {'<br>'.join(wrong)} |")
    return "\n".join(rows)


def _plain(sentence: str) -> str:
    """Return a sentence so that Markdown shows it as it is, in a table."""
    return re.sub(r"([*|<])", r"\\\1", sentence)


def _by_sentence(wrong: dict) -> dict[str, list]:
    found = {}
    for value, sentence in wrong.items():
        found.setdefault(sentence, []).append(value)
    return found


def shown(value) -> str:
    """Return a plain answer as a learner would write it."""
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(shown, value))) + "}" if value else "set()"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(shown, value)) + ")"
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


# --- plans ---------------------------------------------------------------------------------------


class Part(NamedTuple):
    """A part of a plan: a lesson's sections (all, if none is named), or a pause; and how."""

    lesson: int | None
    titles: tuple[str, ...] = ()
    exercises: bool = False
    pause: int = 0
    says: str = ""

    @property
    def minutes(self) -> int:
        """How long it takes."""
        if self.lesson is None:
            return self.pause
        return sum(each.minutes(self.exercises) for each in self.sections())

    def sections(self) -> list[Section]:
        """Return its sections; ValueError if one has another name in the lesson."""
        found = {each.title: each for each in sections(LESSONS[self.lesson])}
        missing = set(self.titles) - set(found)
        if missing:
            raise ValueError(f"lesson {self.lesson} has no section {missing}")
        return [each for title, each in found.items() if title in self.titles or not self.titles]


class Plan(NamedTuple):
    """A plan: how many minutes there are, its parts, and what is done at home afterwards."""

    room: int
    parts: tuple[Part, ...]
    homework: tuple[Part, ...] = ()

    @property
    def minutes(self) -> int:
        """How long its parts take."""
        return sum(part.minutes for part in self.parts)

    @property
    def minutes_at_home(self) -> int:
        """How long the homework takes: alone, twice as long as in class (lesson 0 says so too)."""
        return 2 * sum(part.minutes for part in self.homework)


FIRST_REPLAY = Part(0, ("Your first replay",))
READY = Part(0, ("Is everything there?", "Your first replay", "How the lessons work"), True)
SHEET = Part(1, ("One blow, one dent", "How much does the sheet keep?"))
HAMMER_AND_ORDER = Part(1, ("The same hammer every time", "Same words, different sentence"))
GATES = (
    "Three questions at every blow",
    "The forget gate keeps",
    "The input gate lets the blow land",
    "The output gate shows",
)
QUESTIONS = Part(None, pause=10, says="questions")
HOMEWORK = Part(None, pause=10, says="the homework: the class shows two exercises")
PAUSE = Part(None, pause=15, says="pause")
PLANS = {
    "talk": Plan(45, (
        FIRST_REPLAY,
        SHEET,
        HAMMER_AND_ORDER,
        Part(3, ("The arrow to the right is not an output",)),
        Part(4, GATES),
        Part(7, ("Pin a gate", "How long does it remember?")),
        Part(None, pause=5, says="a digit drawn by the class on the reader page, and questions"),
    )),
    "lecture": Plan(90, (
        FIRST_REPLAY,
        SHEET,
        HAMMER_AND_ORDER,
        Part(2, ("The third way: row after row", "Shapes", "One image, one sequence")),
        Part(3, ("From the sheet to the step", "The arrow to the right is not an output")),
        Part(4, (*GATES, "A soft switch", "An LSTM for a pocket calculator",
                 "The pair that travels on", "The same numbers as Keras",
                 "Four blocks, and no label on them")),
        Part(7, ("Pin a gate", "Rows in another order", "How long does it remember?",
                 "Your own digit")),
        QUESTIONS,
    )),
    "workshop": Plan(210, (
        READY,
        Part(1, (), True),
        PAUSE,
        Part(2, ("A neuron, by hand", "The third way: row after row", "Counting parameters",
                 "The network, unrolled", "Shapes", "One image, one sequence"), True),
        Part(3, ("From the sheet to the step", "The step, with tables", "Over a whole sequence",
                 "The arrow to the right is not an output", "How far back does it remember?",
                 "What a plain RNN lacks"), True),
        PAUSE,
        Part(4, (*GATES, "All of it in your hands", "A soft switch",
                 "An LSTM for a pocket calculator", "Many units at once",
                 "The pair that travels on", "The same numbers as Keras"), True),
        Part(6, ("When does it know?",), True),
        Part(7, ("What does one unit watch?", "Take units away", "Pin a gate",
                 "Rows in another order", "How long does it remember?", "Your own digit"), True),
        QUESTIONS,
    )),
    "week 1": Plan(90, (
        READY,
        Part(1, (), True),
        Part(2, (), True),
        Part(3, ("From the sheet to the step", "The step, with tables"), True),
        QUESTIONS,
    ), (
        Part(3, ("Over a whole sequence", "The arrow to the right is not an output",
                 "The same in Keras"), True),
    )),
    "week 2": Plan(90, (
        HOMEWORK,
        Part(3, ("How far back does it remember?", "What a plain RNN lacks"), True),
        Part(4, (*GATES, "All of it in your hands", "A soft switch",
                 "An LSTM for a pocket calculator", "Many units at once",
                 "The pair that travels on", "The same numbers as Keras",
                 "Four blocks, and no label on them", "What is left of the first rows"), True),
        QUESTIONS,
    ), (
        Part(4, ("How many numbers does it learn?", "Every gate over a real digit"), True),
        Part(5, ("How many hidden units?",), True),
        Part(6, ("The network in three lines", "Before any training"), True),
    )),
    "week 3": Plan(90, (
        HOMEWORK,
        Part(6, ("What it costs not to know", "One step by hand", "Three lots of digits",
                 "Compile and fit", "All together", "The learning curve",
                 "How good is it? Count them all", "One batch is not the test set",
                 "When does it know?"), True),
        Part(7, ("What does one unit watch?", "Take units away", "Pin a gate",
                 "Rows in another order", "How long does it remember?", "Your own digit"), True),
        Part(8, ("So which one?", "Where recurrent networks stand today")),
        QUESTIONS,
    ), (
        Part(6, ("It knows more than it says",), True),
        Part(8, ("A GRU step by hand", "Trained alike"), True),
    )),
}  # fmt: skip


def plan_table(plan: Plan) -> str:
    """Return a plan as a table with the minutes of its parts, and their sum."""
    rows = ["| minutes | lesson | what |", "|---|---|---|"]
    rows += [f"| {part.minutes} | {_lesson_of(part)} | {_what(part)} |" for part in plan.parts]
    spare = plan.room - plan.minutes
    left = f"; {spare} are left for what comes up" if spare else ""
    rows += ["", f"Together **{plan.minutes} of {plan.room} minutes**{left}."]
    if plan.homework:
        tasks = ". ".join(f"Lesson {part.lesson}: {_what(part)}" for part in plan.homework)
        rows[-1] += f" At home, about {plan.minutes_at_home} minutes. {tasks}."
    return "\n".join(rows)


def _lesson_of(part: Part) -> str:
    return "" if part.lesson is None else str(part.lesson)


def _what(part: Part) -> str:
    if part.lesson is None:
        return part.says
    what = "; ".join(f"*{each.title}*" for each in part.sections()) if part.titles else "all of it"
    has_exercises = any(each.exercises for each in part.sections())
    return f"{what}, with the exercises" if part.exercises and has_exercises else what


# --- the page ------------------------------------------------------------------------------------


def stamped(text: str) -> str:
    """Return the guide's text with today's tables; ValueError if a place for one is missing."""
    blocks = {}
    for lesson in LESSONS:
        blocks["minutes", f"{lesson.number:02}"] = minutes_table(lesson)
        blocks["exercises", f"{lesson.number:02}"] = exercises_table(lesson)
    for name, plan in PLANS.items():
        blocks["plan", name] = plan_table(plan)
    for (kind, name), block in blocks.items():
        place = re.compile(rf"(<!-- {kind} {name} -->\n).*?(<!-- /{kind} -->)", re.DOTALL)
        if len(place.findall(text)) != 1:
            raise ValueError(
                f"docs/teaching.md needs the lines <!-- {kind} {name} --> and <!-- /{kind} --> "
                "once: a table is written between them."
            )
        text = place.sub(lambda found, block=block: f"{found[1]}{block}\n{found[2]}", text)
    return text


def main(line: list[str] | None = None, path: Path = PAGE) -> int:
    """Read the command line, and write or check."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    check = parser.parse_args(line).check
    try:
        before = path.read_text(encoding="utf-8")
        after = stamped(before)
        if before == after:
            return 0
        if check:
            print(f"{path.name}: is not as the lessons say (run tools/timetable.py)")
            return 1
        arguments.write_text(path, after)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{path.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
