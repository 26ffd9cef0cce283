// The guided tour: each stop brings the page to a state and says what is to be seen there. What a
// sentence says in numbers it reads off the page; where the page shows something else by now, the
// stop says so instead.

const Tour = (() => {
  const LABEL = 3; // the digit of most stops
  const OTHER = 8; // one that the RNN understands late
  const STEPS = 8; // over how many rows the sheet is shown to keep something
  const KEPT = "reader-tour"; // the stop that was left, in the browser's own keeping

  // --- what the stops look for -------------------------------------------------------------------

  // The step from which on the answer is what it is at the end.
  function settled(reading) {
    const answers = reading.map(({ belief }) => largest(belief));
    let step = answers.length - 1;
    while (step > 0 && answers[step - 1] === answers.at(-1)) step--;
    return step;
  }

  const firstInk = (rows) => rows.findIndex((row) => row.some((value) => value > 0));
  const sizes = (values) => Array.from(values, Math.abs);
  const change = (reading, step) =>
    reading[step].c.map((value, unit) => value - (reading[step - 1]?.c[unit] ?? 0));
  // How much of what c held after step `from` is still in c after step `to`: all forget gates' product.
  const kept = (reading, unit, from, to) =>
    reading.slice(from + 1, to + 1).reduce((share, { f }) => share * f[unit], 1);

  // The longest memory in a reading: the unit with the most of its c after step `from` still there later on.
  function memory(reading, from) {
    const rest = sizes(reading[from].c).map((dent, unit) => dent * kept(reading, unit, from, from + STEPS));
    return { to: from + STEPS, unit: largest(rest) };
  }

  const free = { lstm: {}, gru: {}, rnn: {} };
  const short = (value) => digits(value, 2);
  const lstm = (page) => page.read(LABEL).lstm;
  const inked = (page) => firstInk(page.sample(LABEL));
  const touched = (page) => largest(sizes(change(lstm(page), inked(page))));
  const answer = (reading, step) => {
    const { belief } = reading[step];
    return `${largest(belief)} (${percent(belief[largest(belief)])})`;
  };

  // --- the stops ---------------------------------------------------------------------------------

  // `view` is the state that a stop brings the page to, `marks` what its words speak of. `page` has
  // sample(label), read(label), and of what is on display rows, readings, step, unit, pins.
  const STOPS = [
    {
      title: "An empty sheet",
      marks: "#paper",
      view: () => ({ digit: null, row: 1 }),
      words: ({ readers }) =>
        `The paper is empty, so no row is read. Before the first row, each of the ${readers.lstm.units} ` +
        "units of the LSTM holds 0 in its cell state c: the sheet of iron is flat.",
    },
    {
      title: "A white row is a blow, too",
      marks: '[data-place="c"]',
      view: (page) => ({ row: 1, unit: largest(sizes(lstm(page)[0].c)) }),
      words: ({ rows, readings, step, unit }) =>
        `Row ${step + 1} of this digit is read. All its ${rows[step].length} pixels are white, and yet ` +
        "the sheet is no longer flat: the bias of each gate and candidate acts on every row. " +
        `In c, unit ${unit} has moved furthest, to ${short(readings.lstm[step].c[unit])}.`,
    },
    {
      title: "The first ink",
      marks: '[data-place="c"]',
      view: (page) => ({ row: inked(page) + 1, unit: touched(page) }),
      words: ({ rows, readings, step, unit }) => {
        const ink = rows[step].filter((value) => value > 0).length;
        const [before, now] = [readings.lstm[step - 1].c[unit], readings.lstm[step].c[unit]];
        return (
          `Row ${step + 1} is the first with ink: ${ink} of its ${rows[step].length} pixels are not white. ` +
          "Each box has a new column for it. " +
          `In c, unit ${unit} has moved furthest at this row, from ${short(before)} to ${short(now)}.`
        );
      },
    },
    {
      title: "One unit at this row",
      marks: "#sum",
      view: (page) => ({ row: inked(page) + 1, unit: touched(page), open: "lstm-c" }),
      words: ({ readings, step, unit }) => {
        const { f, i, candidate, c } = readings.lstm[step];
        return (
          `This is unit ${unit}, taken apart. Its forget gate keeps ${short(f[unit])} of the old c, and its ` +
          `input gate lets in ${short(i[unit])} of the candidate, which is ${short(candidate[unit])}. ` +
          `The two products sum to the new c, ${short(c[unit])}.`
        );
      },
    },
    {
      title: "A gate, down to its products",
      marks: "#sum",
      view: (page) => ({ row: inked(page) + 1, unit: touched(page), open: "lstm-i" }),
      words: ({ readers, rows, readings, step, unit }) => {
        const sum = Sums.apart(readers.lstm, rows, readings.lstm, "i", step, unit);
        const { top: [first] } = Sums.ranked(sum, 1);
        return (
          `The input gate of unit ${unit} is ${sum.terms.length} products: each of ${rows[step].length} pixels and of ` +
          `${readers.lstm.units} old hidden states times its weight, and a bias. ` +
          `The largest, ${first.name}, brings ${short(first.product)}. ` +
          `All of them sum to ${short(sum.sum)}, and sigmoid makes ${short(sum.value)} of that.`
        );
      },
    },
    {
      title: "What the sheet keeps",
      marks: "#sum",
      view: (page) => {
        const { to, unit } = memory(lstm(page), inked(page) + 3);
        return { row: to + 1, unit, open: "lstm-c" };
      },
      words: ({ readings: { lstm }, step, unit }) => {
        const from = step - STEPS;
        const least = Math.min(...lstm.slice(from + 1, step + 1).map(({ f }) => f[unit]));
        return (
          `After row ${from + 1}, unit ${unit} held ${short(lstm[from].c[unit])} in c. At none of the ${STEPS} rows since then ` +
          `did its forget gate keep less than ${digits(Math.floor(100 * least) / 100, 2)} of c, and so ${percent(kept(lstm, unit, from, step))} ` +
          `of that is still there after row ${step + 1}. What these rows have added comes on top of it.`
        );
      },
    },
    {
      title: "When the belief turns",
      marks: "#answers",
      view: (page) => ({ row: settled(lstm(page)) + 1 }),
      words: ({ readings: { lstm }, step }) =>
        `After row ${step} the LSTM believed ${answer(lstm, step - 1)}. Row ${step + 1} turns it: ` +
        `now it believes ${answer(lstm, step)}, and ${largest(lstm[step].belief)} stays its answer to the last row.`,
    },
    {
      title: "What a belief is made of",
      marks: "#sum",
      view: (page) => {
        const step = settled(lstm(page));
        return { row: step + 1, open: `lstm-logit-${largest(lstm(page)[step].belief)}` };
      },
      words: ({ readers, rows, readings: { lstm }, step }) => {
        const digit = largest(lstm[step].belief);
        const sum = Sums.apart(readers.lstm, rows, lstm, "logits", step, digit);
        return (
          "A belief begins as ten sums, one for each digit: the logits. " +
          `The one for ${digit} has ${sum.terms.length} products, the hidden state of each unit times a weight, and a bias. ` +
          `They come to ${short(sum.sum)}; softmax sets it beside the nine others and makes ${percent(sum.value)} of it.`
        );
      },
    },
    {
      title: "A gate pinned",
      marks: '#answers, .pin[data-gate="f"]',
      view: () => ({ row: ROWS, pins: { ...free, lstm: { f: 0 } } }),
      words: (page) =>
        "The forget gate is pinned shut in all units of the LSTM, so that c keeps nothing from one row to the next. " +
        `With its gates free the LSTM believes ${answer(lstm(page), page.step)} after row ${page.step + 1}; ` +
        `pinned so, it believes ${answer(page.readings.lstm, page.step)}. Click the gate's name twice to set it free.`,
    },
    {
      title: "LSTM beside RNN",
      marks: "#answers",
      view: (page) => ({ digit: OTHER, row: Math.max(1, settled(page.read(OTHER).rnn)) }),
      words: ({ readings: { lstm, gru, rnn }, step }) => {
        const from = (reading) => settled(reading) + 1;
        const last = (reading) => largest(reading.at(-1).belief);
        return (
          `After row ${step + 1} of this digit the LSTM believes ${answer(lstm, step)}, the RNN ${answer(rnn, step)}. ` +
          `The LSTM stays with ${last(lstm)} from row ${from(lstm)} on, ` +
          `the GRU with ${last(gru)} from row ${from(gru)} on, the RNN with ${last(rnn)} from row ${from(rnn)} on.`
        );
      },
    },
    {
      title: "Your own digit",
      marks: "#paper",
      own: true,
      view: (page) => ({ digit: null, drawing: page.own, row: ROWS }),
      words: ({ drawing, rows, readings, step }) =>
        drawing
          ? `Your drawing is read: after row ${step + 1} the LSTM believes ${answer(readings.lstm, step)}, ` +
            `the RNN ${answer(readings.rnn, step)}. Every number of it can be taken apart. ` +
            "“Copy link” keeps the drawing with all that you see."
          : rows
            ? `A real digit is read: after row ${step + 1} the LSTM believes ${answer(readings.lstm, step)}. ` +
              "Clear the paper to draw one of your own."
            : "The paper is yours: draw a digit, and all that you saw works with it. " +
              "With a keyboard alone, take one of the real digits instead.",
    },
  ];

  // --- going through it --------------------------------------------------------------------------

  let page = null; // what the tour drives
  let stop = 0; // the stop on display, from 1; 0: none
  let before = null; // what the page showed before the tour

  const view = (n) => ({ ...Link.PLAIN, speed: page.state().speed, tour: n, ...STOPS[n - 1].view(page) });
  const fits = () => STOPS[stop - 1].own || Link.write(view(stop)) === Link.write(page.state());

  let memoryStop = 0; // for a browser that keeps nothing
  function left() {
    try {
      memoryStop = Number(localStorage.getItem(KEPT)) || 0;
    } catch {}
    return memoryStop >= 1 && memoryStop <= STOPS.length ? Math.floor(memoryStop) : 0;
  }

  function keep(n) {
    memoryStop = n;
    try {
      if (n) localStorage.setItem(KEPT, n);
      else localStorage.removeItem(KEPT);
    } catch {} // refused: this page remembers as long as it is open
  }

  function invite() {
    at("tour-start").textContent = left() ? `Go on with the tour, stop ${left()} of ${STOPS.length}` : "Take the tour";
  }

  // Show stop n, or none, of a page that shows already what it should.
  function open(n) {
    stop = n;
    document.documentElement.classList.toggle("touring", n > 0);
    for (const marked of document.querySelectorAll(".spoken")) marked.classList.remove("spoken");
    if (n === 0) {
      if (at("tour").contains(document.activeElement)) at("tour-start").focus({ preventScroll: true });
      at("tour").hidden = true;
      return invite();
    }
    at("tour").hidden = false;
    keep(n);
    for (const spoken of document.querySelectorAll(STOPS[n - 1].marks)) spoken.classList.add("spoken");
    at("tour-title").textContent = `Stop ${n} of ${STOPS.length}: ${STOPS[n - 1].title}`;
    at("tour-back").disabled = n === 1;
    at("tour-next").textContent = n === STOPS.length ? "Finish" : "Next";
    tell();
  }

  // Called after each change of the page.
  function tell() {
    if (stop === 0) return;
    const there = fits();
    at("tour-again").hidden = there;
    const words = there
      ? STOPS[stop - 1].words(page)
      : "The page shows something else by now. “Show it again” brings back what this stop speaks of.";
    if (at("tour-words").textContent !== words) at("tour-words").textContent = words;
  }

  // What the words speak of comes between the bar above and the tour below.
  function bring() {
    const bar = at("bar");
    const stuck = getComputedStyle(bar).position === "sticky"; // then it is in view wherever one is
    const marked = [...document.querySelectorAll(".spoken")].map((one) => (bar.contains(one) ? bar : one));
    const beside = marked.filter((one) => one !== bar);
    const wanted = !stuck ? marked : beside.length ? beside : [at("words")];
    for (let n = 0; n < 2; n++) { // twice: the bar may move with the page
      const boxes = wanted.map((one) => one.getBoundingClientRect());
      const top = Math.min(...boxes.map((box) => box.top));
      const bottom = Math.max(...boxes.map((box) => box.bottom));
      const above = bar.getBoundingClientRect();
      const under = stuck && boxes[0].left < above.right && above.left < boxes[0].right;
      const high = (under ? above.height : 0) + 12;
      const low = at("tour").getBoundingClientRect().top - 12;
      if (top < high || bottom > low || wanted[0] === at("words")) {
        scrollBy({ top: top - high, behavior: "instant" });
      }
    }
  }

  function begin() {
    before = { ...page.state(), tour: 0 };
    go(left() || 1);
    at("tour-next").focus({ preventScroll: true });
  }

  function go(n) {
    page.lead(view(n));
    bring();
  }

  // What the visitor has made of the page stays; what the tour has made of it goes.
  function leave(finished) {
    if (stop === 0) return;
    const own = page.drawing !== null || (!before?.drawing && !fits());
    if (finished) keep(0);
    page.lead(own || before === null ? { ...page.state(), tour: 0 } : before);
    at("tour-start").focus();
  }

  function start(driven) {
    page = driven;
    at("tour-start").onclick = begin;
    at("tour-back").onclick = () => {
      go(stop - 1);
      if (at("tour-back").disabled) at("tour-next").focus();
    };
    at("tour-next").onclick = () => (stop === STOPS.length ? leave(true) : go(stop + 1));
    at("tour-again").onclick = () => (go(stop), at("tour-next").focus());
    at("tour-leave").onclick = () => leave(false);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) leave(false);
    });
    invite();
  }

  return { start, open, tell, view, bring, stops: STOPS.length, get stop() { return stop; } };
})();
