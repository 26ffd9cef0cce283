// The number that is taken apart: its menu, its largest products, and what they come to.

const Opened = (() => {
  const MOST = 5; // products shown at first
  const show = (value) => digits(value, 4);
  let all = false; // whether all products are wanted
  let told = () => {};

  // Of each kind of number the sentence that sums it up; the places in it are filled with numbers.
  const SENTENCES = {
    weighted: (s) =>
      `${s.where}: ${s.count} products sum to ${s.sum}, and ${s.activation}(${s.sum}) = ${s.value}. ` +
      `The row gives ${s.row}, the old hidden state ${s.state}, the bias ${s.bias}.`,
    pinned: (s) =>
      `${s.where}: pinned ${s.pin}, it is ${s.value} whatever its sum. Its ${s.count} products ` +
      `sum to ${s.sum}; free, it would be ${s.free}.`,
    logits: (s) =>
      `${s.where}: ${s.count} products sum to the logit, ${s.sum}. Beside the nine others, softmax ` +
      `makes of it a belief of ${s.value}.`,
    c: (s) =>
      `${s.where}: what the forget gate keeps of the old c and what the input gate lets in of the ` +
      `candidate sum to ${s.sum}.`,
    "lstm-h": (s) => `${s.where}: what the output gate lets out of tanh(c) is ${s.sum}.`,
    "gru-h": (s) =>
      `${s.where}: what the update gate keeps of the old h and what it leaves to the candidate sum ` +
      `to ${s.sum}.`,
  };

  const chosen = () => OPENABLE.find(({ value }) => value === at("open").value);

  function choose(value) {
    at("open").value = value;
    all = false;
  }

  function start(tell) {
    told = tell;
    for (const [cell, { name }] of Object.entries(CELLS)) {
      const options = OPENABLE.filter((one) => one.cell === cell).map(({ value, words }) =>
        make("option", { value }, `${name}: ${words}`),
      );
      at("open").append(make("optgroup", { label: name }, ...options));
    }
    at("open").onchange = () => (choose(at("open").value), told());
    at("sum-all").onclick = () => ((all = !all), told());
  }

  function line({ name, factors, product }) {
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      make("td", {}, factors.map(show).join(" × ")),
      make("td", {}, show(product)),
    );
  }

  const total = (name, value) =>
    make("tr", {}, make("th", { scope: "row", colspan: 2 }, name), make("td", {}, show(value)));

  // `seen` has what the page shows: {rows, readers, readings, pins, step, unit}.
  function tell(seen) {
    const one = chosen();
    at("sum").hidden = !one;
    if (!one) return;
    const { cell, letter, digit, words } = one;
    at("sum-table").hidden = at("sum-all").hidden = at("sum-parts").hidden = seen.rows === null;
    if (seen.rows === null) {
      at("sum-words").textContent = "Nothing to read yet.";
      return;
    }
    const entry = digit ?? seen.unit;
    const reader = seen.readers[cell];
    const sum = Sums.apart(reader, seen.rows, seen.readings[cell], letter, seen.step, entry);
    const pin = PINS.find(({ value }) => value !== undefined && value === seen.pins[cell][letter]);
    const kind =
      pin ? "pinned"
      : letter in SENTENCES ? letter
      : `${cell}-${letter}` in SENTENCES ? `${cell}-${letter}`
      : "weighted";
    const from = (what) =>
      show(sum.terms.filter((term) => term.from === what).reduce((a, b) => a + b.product, 0));
    const unit = digit === undefined ? ` of unit ${seen.unit}` : "";
    at("sum-words").textContent = SENTENCES[kind]({
      where: `${CELLS[cell].name}, ${words}${unit}, row ${seen.step + 1}`,
      count: sum.terms.length,
      sum: show(sum.sum),
      activation: sum.activation,
      value: show(sum.value),
      pin: pin?.words,
      free: show(Cells.sigmoid(sum.sum)),
      row: from("row"),
      state: from("state"),
      bias: from("bias"),
    });
    draw(sum, pin ? "pinned" : sum.activation);
    parts(cell, sum);
  }

  function draw(sum, activation) {
    const { top, rest, together } = Sums.ranked(sum, all ? Infinity : MOST);
    const few = sum.terms.length <= MOST;
    at("sum-caption").textContent =
      few ? "The products"
      : rest ? `The ${MOST} largest of ${sum.terms.length} products`
      : "All products, the largest first";
    at("sum-lines").replaceChildren(
      ...top.map(line),
      ...(rest ? [total(`the rest together: ${rest} products`, together)] : []),
    );
    at("sum-total").replaceChildren(
      total("sum", sum.sum),
      ...(activation ? [total(activation, sum.value)] : []),
    );
    at("sum-all").hidden = few;
    at("sum-all").textContent = all ? `Show the ${MOST} largest` : `Show all ${sum.terms.length}`;
    at("sum-all").setAttribute("aria-expanded", all);
  }

  // Buttons for the numbers that this one is made of. Kept while they are the same: one may have
  // the focus.
  function parts(cell, { terms }) {
    const letters = new Set(terms.flatMap((term) => term.parts));
    const wanted = [...letters].map((letter) => `${cell}-${letter}`);
    const place = at("sum-parts");
    place.hidden = wanted.length === 0;
    if (place.dataset.made === wanted.join()) return;
    place.dataset.made = wanted.join();
    const buttons = wanted.map((value) => {
      const { words } = OPENABLE.find((one) => one.value === value);
      const made = make("button", { type: "button", "data-open": value }, words);
      made.onclick = () => {
        choose(value);
        told();
        at("open").focus(); // the button is gone
      };
      return made;
    });
    place.replaceChildren("Take apart: ", ...buttons);
  }

  return { start, choose, tell, get value() { return at("open").value; } };
})();
