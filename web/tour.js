// The guided tour: each stop brings the page to a state and says what is to be seen there. Numbers
// in its sentences are read off the networks.

const Tour = (() => {
  const at = (id) => document.getElementById(id);
  const LABEL = 3; // the digit of most stops
  const OTHER = 8; // one that the RNN understands late
  const STEPS = 8; // over how many rows the sheet is shown to keep something

  let stop = 0; // the stop on display, from 1; 0: none
  let before = null; // what the page showed before the tour
  let wanted = ""; // what the stop shows, as a link

  // --- what the stops look for -------------------------------------------------------------------

  // The step from which on the answer is what it is at the end.
  function settled(reading) {
    const answers = reading.map(({ belief }) => largest(belief));
    let step = answers.length - 1;
    while (step > 0 && answers[step - 1] === answers.at(-1)) step--;
    return step;
  }

  const short = (value) => View.number(Number(value.toFixed(2)));
  const sizes = (values) => Array.from(values, Math.abs);
  const firstInk = () => page.sample(LABEL).findIndex((row) => row.some((value) => value > 0));

  // The unit whose c changes most at a step.
  const touched = (reading, step) =>
    largest(sizes(reading[step].c).map((_, n) => Math.abs(reading[step].c[n] - reading[step - 1].c[n])));

  // How much of what c held at step `to - STEPS` the forget gates since then have kept.
  const kept = (reading, unit, to) =>
    reading.slice(to - STEPS + 1, to + 1).reduce((share, { f }) => share * f[unit], 1);

  // --- the stops ---------------------------------------------------------------------------------

  // `view` is the state that a stop brings the page to (what it leaves out is as on the plain page),
  // `marks` what its words speak of. Both have the readings of the real digit that it is about.
  const STOPS = [
    {
      title: "The first ink",
      marks: '[aria-label^="cell state c"]',
      view: ({ lstm }) => ({ row: firstInk() + 1, unit: touched(lstm, firstInk()) }),
      words: ({ lstm }, { row, unit }) =>
        `Until row ${row - 1} all pixels are white; row ${row} is the first with ink. Each column of ` +
        "a map is such a row, each line one of the 128 units. In the cell state c, the iron sheet, " +
        `unit ${unit} has moved furthest, from ${short(lstm[row - 2].c[unit])} to ` +
        `${short(lstm[row - 1].c[unit])}.`,
    },
    {
      title: "One unit at this row",
      marks: ".rnn-unit",
      view: ({ lstm }) => ({ row: firstInk() + 1, unit: touched(lstm, firstInk()), open: "c" }),
      words: ({ lstm }, { row, unit }) => {
        const { f, i, candidate, c } = lstm[row - 1];
        return (
          `This is how c of unit ${unit} is made. The forget gate keeps ${short(f[unit])} of the ` +
          `old c, and the input gate lets in ${short(i[unit])} of the candidate, which is ` +
          `${short(candidate[unit])}. The two products sum to the new c, ${short(c[unit])}.`
        );
      },
    },
    {
      title: "A gate, down to its products",
      marks: ".rnn-unit",
      view: ({ lstm }) => ({ row: firstInk() + 1, unit: touched(lstm, firstInk()), open: "i" }),
      words: (_, { row, unit }) => {
        const { terms, value } = View.apart(page.layers[0], "i", row - 1, unit);
        const products = terms.map(({ factors }) => factors.reduce((a, b) => a * b));
        const first = largest(sizes(products));
        return (
          `The input gate of unit ${unit} begins as a sum of ${terms.length} products: 28 pixels ` +
          "and 128 numbers of the old hidden state, each times its weight, and a bias. The largest, " +
          `${terms[first].name}, brings ${short(products[first])}. All of them come to ` +
          `${short(products.reduce((a, b) => a + b))}, and sigmoid makes ${short(value)} of that.`
        );
      },
    },
    {
      title: "What the sheet keeps",
      marks: ".rnn-unit",
      view: ({ lstm }) => {
        const to = firstInk() + 3 + STEPS;
        const still = sizes(lstm[to - STEPS].c).map((size, unit) => size * kept(lstm, unit, to));
        return { row: to + 1, unit: largest(still), open: "c" };
      },
      words: ({ lstm }, { row, unit }) =>
        `After row ${row - STEPS}, unit ${unit} held ${short(lstm[row - 1 - STEPS].c[unit])} in c. ` +
        `Its forget gate has stayed wide open in the ${STEPS} rows since then, so that ` +
        `${Math.round(100 * kept(lstm, unit, row - 1))}% of that is still there after row ${row}. ` +
        "What these rows have added comes on top of it.",
    },
    {
      title: "When the belief turns",
      marks: ".rnn-output",
      view: ({ lstm }) => ({ row: settled(lstm) + 1 }),
      words: ({ lstm }, { row }) =>
        `After row ${row - 1} the LSTM says ${Cells.said(lstm[row - 2].belief)}. Row ${row} turns ` +
        `it: now it says ${Cells.said(lstm[row - 1].belief)}, and ` +
        `${largest(lstm[row - 1].belief)} stays its answer to the last row.`,
    },
    {
      title: "What a belief is made of",
      marks: ".rnn-unit",
      view: ({ lstm }) => {
        const step = settled(lstm);
        return { row: step + 1, open: `logit-${largest(lstm[step].belief)}` };
      },
      words: ({ lstm }, { row }) => {
        const { belief, logits } = lstm[row - 1];
        const digit = largest(belief);
        return (
          `A belief begins as ten sums, one for each digit: the logits. The one for ${digit} has ` +
          "129 products, the hidden state of each unit times a weight, and a bias. They come to " +
          `${short(logits[digit])}; softmax sets it beside the nine others and makes ` +
          `${Math.round(100 * belief[digit])}% of it.`
        );
      },
    },
    {
      title: "A gate pinned",
      marks: "#pins, .rnn-output",
      view: () => ({ row: ROWS, pins: { lstm: { f: 0 }, gru: {}, rnn: {} } }),
      words: ({ lstm }) =>
        "The forget gate is pinned shut in all units of the LSTM, so that c keeps nothing from one " +
        `row to the next. With its gates free the LSTM says ${Cells.said(lstm.at(-1).belief)} ` +
        `after row 28; pinned so, it says ${Cells.said(page.readings.lstm.at(-1).belief)}. Click ` +
        "the gate twice to set it free.",
    },
    {
      title: "LSTM beside RNN",
      marks: ".rnn-output",
      digit: OTHER,
      view: ({ rnn }) => ({ row: settled(rnn), network: "all" }),
      words: ({ lstm, gru, rnn }, { row }) => {
        const from = (reading) => `${largest(reading.at(-1).belief)} from row ${settled(reading) + 1} on`;
        return (
          `After row ${row} of this digit the LSTM says ${Cells.said(lstm[row - 1].belief)}, the ` +
          `RNN ${Cells.said(rnn[row - 1].belief)}. The LSTM stays with ${from(lstm)}, the GRU with ` +
          `${from(gru)}, the RNN with ${from(rnn)}.`
        );
      },
    },
    {
      title: "Your own digit",
      marks: ".sheet",
      digit: null,
      view: () => ({}),
      words: () =>
        "The paper is yours: draw a digit, and all that you saw works with it. With a keyboard " +
        "alone, take one of the real digits instead.",
    },
  ];

  // --- going through them ------------------------------------------------------------------------

  function go(n) {
    stop = Math.min(n, STOPS.length);
    const { title, digit = LABEL, marks, view, words } = STOPS[stop - 1];
    const readings = digit === null ? null : page.read(digit);
    const state = { ...Link.plain(), digit, ...view(readings) };
    at("tour").hidden = false;
    page.apply(state);
    wanted = Link.write(page.state());
    at("tour-title").textContent = `Stop ${stop} of ${STOPS.length}: ${title}`;
    at("tour-words").textContent = words(readings, state);
    at("tour-back").disabled = stop === 1;
    at("tour-next").textContent = stop === STOPS.length ? "Finish" : "Next";
    const marked = [...document.querySelectorAll(marks)];
    for (const one of document.querySelectorAll(".spoken")) one.classList.remove("spoken");
    for (const one of marked) one.classList.add("spoken");
    // Once the view has laid itself out.
    requestAnimationFrame(() => {
      marked.at(-1).scrollIntoView({ block: "center" });
      at("tour").scrollIntoView({ block: "nearest" });
    });
    page.changed();
  }

  // Called after each change of the page; returns the stop's own link where it shows the stop.
  function tell(state) {
    if (stop === 0) return "";
    const there = stop === STOPS.length || Link.write(state) === wanted;
    at("tour-again").hidden = there;
    return there && !state.drawing ? `tour=${stop}` : "";
  }

  // What the visitor has drawn meanwhile stays; else what was there before comes back.
  function leave() {
    if (stop === 0) return;
    stop = 0;
    at("tour").hidden = true;
    for (const one of document.querySelectorAll(".spoken")) one.classList.remove("spoken");
    if (before && !page.state().drawing) page.apply(before);
    page.changed();
    at("tour-start").focus();
  }

  function start() {
    at("tour-start").onclick = () => {
      if (stop === 0) before = page.state();
      go(1);
      at("tour-next").focus({ preventScroll: true });
    };
    at("tour-back").onclick = () => {
      go(stop - 1);
      if (stop === 1) at("tour-next").focus({ preventScroll: true });
    };
    at("tour-next").onclick = () => (stop === STOPS.length ? leave() : go(stop + 1));
    at("tour-again").onclick = () => (go(stop), at("tour-next").focus({ preventScroll: true }));
    at("tour-leave").onclick = leave;
    document.addEventListener("keydown", ({ key }) => key === "Escape" && leave());
  }

  return { start, go, tell };
})();
