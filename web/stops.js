// What the stops of the guided tour show and say. Numbers in their sentences are read off the page;
// what they look for in a reading (the first ink, the row that turns a belief) is searched here.

const STOPS = (() => {
  const LABEL = 3; // the digit of most stops
  const OTHER = 8; // one that the RNN understands late
  const STEPS = 8; // over how many rows the sheet is shown to keep something

  // --- what the stops look for -------------------------------------------------------------------

  // The step from which on the answer is what it is at the end.
  function settled(reading) {
    const answers = reading.map(({ belief }) => largest(belief));
    let step = answers.length - 1;
    while (step > 0 && answers[step - 1] === answers.at(-1)) step--;
    return step;
  }

  const sizes = (values) => Array.from(values, Math.abs);
  const change = (reading, step) =>
    reading[step].c.map((value, unit) => value - (reading[step - 1]?.c[unit] ?? 0));
  // How much of what c held after step `from` is in c after step `to`: all forget gates' product.
  const kept = (reading, unit, from, to) =>
    reading.slice(from + 1, to + 1).reduce((share, { f }) => share * f[unit], 1);

  // The longest memory: the unit with the most of its c after step `from` still there later on.
  function memory(reading, from) {
    const to = from + STEPS;
    const still = sizes(reading[from].c).map((size, unit) => size * kept(reading, unit, from, to));
    return { to, unit: largest(still) };
  }

  const short = (value) => digits(value, 2);
  const lstmOf = (page) => page.read(LABEL).lstm;
  const firstInk = (page) => page.sample(LABEL).findIndex((row) => row.some((value) => value > 0));
  const touched = (page) => largest(sizes(change(lstmOf(page), firstInk(page))));
  const answer = (reading, step) => {
    const { belief } = reading[step];
    return `${largest(belief)} (${percent(belief[largest(belief)])})`;
  };

  // --- the stops ---------------------------------------------------------------------------------

  // `view` is the state that a stop brings the page to (what it leaves out is as on the plain page),
  // `marks` what its words speak of; a stop of one's `own` has words for whatever is shown. `page`
  // has sample(label) and read(label), and of what is on display rows, readings, step, unit.
  return [
    {
      title: "An empty sheet",
      marks: "#paper",
      view: () => ({ digit: null, row: 1 }),
      words: ({ readers }) =>
        "The paper is empty, so no row is read. " +
        `Before the first row, each of the ${readers.lstm.units} units of the LSTM holds 0 in its ` +
        "cell state c: the sheet of iron is flat.",
    },
    {
      title: "A white row is a blow, too",
      marks: '[data-place="c"]',
      view: (page) => ({ row: 1, unit: largest(sizes(lstmOf(page)[0].c)) }),
      words: ({ rows, readings, step, unit }) =>
        `Row ${step + 1} of this digit is read. All its ${rows[step].length} pixels are white, and ` +
        "yet the sheet is no longer flat: the bias of each gate and candidate acts on every row. " +
        `In c, unit ${unit} has moved furthest, to ${short(readings.lstm[step].c[unit])}.`,
    },
    {
      title: "The first ink",
      marks: '[data-place="c"]',
      view: (page) => ({ row: firstInk(page) + 1, unit: touched(page) }),
      words: ({ rows, readings: { lstm }, step, unit }) => {
        const ink = rows[step].filter((value) => value > 0).length;
        const [before, now] = [lstm[step - 1].c[unit], lstm[step].c[unit]];
        return (
          `Row ${step + 1} is the first with ink: ${ink} of its ${rows[step].length} pixels are not ` +
          "white. Each box has a new column for it. " +
          `In c, unit ${unit} has moved furthest at this row, from ${short(before)} to ${short(now)}.`
        );
      },
    },
    {
      title: "One unit at this row",
      marks: "#sum",
      view: (page) => ({ row: firstInk(page) + 1, unit: touched(page), open: "lstm-c" }),
      words: ({ readings, step, unit }) => {
        const { f, i, candidate, c } = readings.lstm[step];
        return (
          `This is how c of unit ${unit} is made. ` +
          `The forget gate keeps ${short(f[unit])} of the old c, and the input gate lets in ` +
          `${short(i[unit])} of the candidate, which is ${short(candidate[unit])}. ` +
          `The two products sum to the new c, ${short(c[unit])}.`
        );
      },
    },
    {
      title: "A gate, down to its products",
      marks: "#sum",
      view: (page) => ({ row: firstInk(page) + 1, unit: touched(page), open: "lstm-i" }),
      words: ({ readers, rows, readings, step, unit }) => {
        const sum = Sums.apart(readers.lstm, rows, readings.lstm, "i", step, unit);
        const { top: [first] } = Sums.ranked(sum, 1);
        return (
          `The input gate of unit ${unit} begins as a sum of ${sum.terms.length} products: ` +
          `${rows[step].length} pixels and ${readers.lstm.units} numbers of the old hidden state, ` +
          "each times its weight, and a bias. " +
          `The largest, ${first.name}, brings ${short(first.product)}. ` +
          `All of them come to ${short(sum.sum)}, and sigmoid makes ${short(sum.value)} of that.`
        );
      },
    },
    {
      title: "What the sheet keeps",
      marks: "#sum",
      view: (page) => {
        const { to, unit } = memory(lstmOf(page), firstInk(page) + 3);
        return { row: to + 1, unit, open: "lstm-c" };
      },
      words: ({ readings: { lstm }, step, unit }) => {
        const from = step - STEPS;
        const least = Math.min(...lstm.slice(from + 1, step + 1).map(({ f }) => f[unit]));
        return (
          `After row ${from + 1}, unit ${unit} held ${short(lstm[from].c[unit])} in c. ` +
          `At none of the ${STEPS} rows since then did its forget gate keep less than ` +
          `${short(Math.floor(100 * least) / 100)} of c, and so ` +
          `${percent(kept(lstm, unit, from, step))} of that is still there after row ${step + 1}. ` +
          "What these rows have added comes on top of it."
        );
      },
    },
    {
      title: "When the belief turns",
      marks: "#answers",
      view: (page) => ({ row: settled(lstmOf(page)) + 1 }),
      words: ({ readings: { lstm }, step }) =>
        `After row ${step} the LSTM believed ${answer(lstm, step - 1)}. ` +
        `Row ${step + 1} turns it: now it believes ${answer(lstm, step)}, ` +
        `and ${largest(lstm[step].belief)} stays its answer to the last row.`,
    },
    {
      title: "What a belief is made of",
      marks: "#sum",
      view: (page) => {
        const step = settled(lstmOf(page));
        return { row: step + 1, open: `lstm-logit-${largest(lstmOf(page)[step].belief)}` };
      },
      words: ({ readers, rows, readings: { lstm }, step }) => {
        const digit = largest(lstm[step].belief);
        const sum = Sums.apart(readers.lstm, rows, lstm, "logits", step, digit);
        return (
          "A belief begins as ten sums, one for each digit: the logits. " +
          `The one for ${digit} has ${sum.terms.length} products, the hidden state of each unit ` +
          "times a weight, and a bias. " +
          `They come to ${short(sum.sum)}; softmax sets it beside the nine others and makes ` +
          `${percent(sum.value)} of it.`
        );
      },
    },
    {
      title: "A gate pinned",
      marks: '#answers, .pin[data-gate="f"]',
      view: () => ({ row: ROWS, pins: { ...Link.PLAIN.pins, lstm: { f: 0 } } }),
      words: (page) =>
        "The forget gate is pinned shut in all units of the LSTM, so that c keeps nothing from one " +
        "row to the next. " +
        `With its gates free the LSTM believes ${answer(lstmOf(page), page.step)} after row ` +
        `${page.step + 1}; pinned so, it believes ${answer(page.readings.lstm, page.step)}. ` +
        "Click the gate's name twice to set it free.",
    },
    {
      title: "LSTM beside RNN",
      marks: "#answers",
      view: (page) => ({ digit: OTHER, row: Math.max(1, settled(page.read(OTHER).rnn)) }),
      words: ({ readings: { lstm, gru, rnn }, step }) => {
        const from = (reading) => settled(reading) + 1;
        const last = (reading) => largest(reading.at(-1).belief);
        return (
          `After row ${step + 1} of this digit the LSTM believes ${answer(lstm, step)}, ` +
          `the RNN ${answer(rnn, step)}. ` +
          `The LSTM stays with ${last(lstm)} from row ${from(lstm)} on, ` +
          `the GRU with ${last(gru)} from row ${from(gru)} on, ` +
          `the RNN with ${last(rnn)} from row ${from(rnn)} on.`
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
          ? `Your drawing is read: after row ${step + 1} the LSTM believes ` +
            `${answer(readings.lstm, step)}, the RNN ${answer(readings.rnn, step)}. ` +
            "Every number of it can be taken apart. " +
            "“Copy link” keeps the drawing with all that you see."
          : rows
            ? `A real digit is read: after row ${step + 1} the LSTM believes ` +
              `${answer(readings.lstm, step)}. Clear the paper to draw one of your own.`
            : "The paper is yours: draw a digit, and all that you saw works with it. " +
              "With a keyboard alone, take one of the real digits instead.",
    },
  ];
})();
