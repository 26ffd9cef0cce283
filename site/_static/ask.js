/* Pages that ask back: answers are checked, predictions written down before the answer is shown.

   A question stands where the build has put a `.course-ask`; a prediction at each paragraph that
   begins with "Predict." Without scripts a page shows everything, and so it does on paper. */
(() => {
  const { pages, answers } = QUESTIONS;
  const path = location.pathname.split("/");
  const page = (path.pop() || "index.html").replace(/\.html$/, "");
  const element = (name, attributes = {}, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };

  // --- what the browser keeps ---------------------------------------------------------------------

  const KEY = "hammered-iron-sheet";
  let kept = true; // false where the browser keeps nothing: then for this visit only
  let memory = sound(null);

  // What somebody else has put there, or half of what we did, is as good as nothing.
  function sound(found) {
    const texts = (table) =>
      Object.fromEntries(
        Object.entries(Object(table)).filter(([, text]) => typeof text === "string"),
      );
    const { answered, predicted, open } = Object(found);
    return { answered: texts(answered), predicted: texts(predicted), open: texts(open) };
  }

  function load() {
    if (!kept) return memory;
    let text;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      kept = false;
      return memory;
    }
    try {
      return sound(JSON.parse(text));
    } catch {
      return sound(null);
    }
  }

  function save(change) {
    memory = load(); // another tab may have written meanwhile
    change(memory);
    try {
      if (kept) localStorage.setItem(KEY, JSON.stringify(memory));
    } catch {
      kept = false;
    }
    refresh();
  }

  const shown = []; // functions that bring a part of the page up to what is kept
  const refresh = () => {
    const data = load();
    for (const show of shown) show(data);
  };
  const isDone = (data, name) =>
    Object.hasOwn(data.answered, name) && Judge.judge(name, data.answered[name]).ok;
  const tally = (data, names) =>
    `${names.filter((name) => isDone(data, name)).length} of ${names.length} questions answered`;

  // --- questions ----------------------------------------------------------------------------------

  function ask(place) {
    const name = place.dataset.question;
    if (!Object.hasOwn(answers, name)) return;
    const field = element("input", {
      type: "text", maxlength: 200, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    });
    const about = element("span", { class: "course-unseen" }, `: ${name.replace(/^.*: /, "")}`);
    const label = element("label", {}, element("span", {}, "Your answer", about), field);
    const says = element("p", { role: "status" });
    const form = element("form", {}, label, element("button", {}, "Check"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const verdict = Judge.judge(name, field.value);
      says.textContent = ""; // so that the same sentence is read out a second time
      setTimeout(() => (says.textContent = verdict.sentence), 20);
      place.classList.toggle("course-done", verdict.ok);
      if (verdict.ok) save(({ answered }) => (answered[name] = field.value));
    });
    place.replaceChildren(form, says);
    place.classList.add("course-ready"); // hides the cell's own "Your turn"
    let was = null; // as of the last look at what is kept
    shown.push((data) => {
      const done = isDone(data, name);
      if (done === was) return;
      if (done) {
        field.value = data.answered[name];
        if (was === null) says.textContent = Judge.judge(name, field.value).sentence;
      } else if (was) {
        field.value = says.textContent = "";
      }
      place.classList.toggle("course-done", done);
      was = done;
    });
  }

  // --- predictions --------------------------------------------------------------------------------

  const folds = [];

  // What follows a prediction up to the next idea: outputs, and the words that explain them.
  function following(paragraph) {
    const found = [];
    let words = false;
    for (let next = paragraph.nextElementSibling; next; next = next.nextElementSibling) {
      const cell = next.matches(".cell");
      const output = cell && next.querySelector(".cell_output");
      if (next.matches("section, :is(h1, h2, h3, h4, h5, h6)") || isPrediction(next)) break;
      if (cell && words) break;
      if (output) found.push(output);
      else if (!cell && found.length) {
        found.push(next);
        words = true;
      }
    }
    return found;
  }

  function isPrediction(paragraph) {
    const first = paragraph.matches("p") && paragraph.firstChild;
    return first && first.nodeName === "STRONG" && first.textContent.trim() === "Predict.";
  }

  function predict(paragraph) {
    const answer = following(paragraph);
    if (!answer.length || answer[0].querySelector(".course-ask")) return;
    const words = paragraph.cloneNode(true);
    for (const tip of words.querySelectorAll("[role=tooltip]")) tip.remove();
    const key = `${page}: ${words.textContent.slice(9, 90).trim()}`;
    const field = element("input", { type: "text", maxlength: 300, autocomplete: "off" });
    const button = element("button", { "aria-expanded": "false" });
    const label = element("label", {}, element("span", {}, "Your prediction"), field);
    const form = element("form", { class: "course-predict" }, label, button);
    const fold = { answer, open: null };
    fold.show = (open) => {
      if (open === fold.open) return;
      fold.open = open;
      for (const part of answer) part.classList.toggle("course-folded", !open);
      button.setAttribute("aria-expanded", open);
      button.textContent = open ? "Hide what happens" : "Show what happens";
    };
    const keep = ({ predicted }) => {
      if (field.value.trim()) predicted[key] = field.value;
      else delete predicted[key];
    };
    field.addEventListener("change", () => save(keep));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const open = event.submitter && document.activeElement === button ? !fold.open : true;
      fold.show(open);
      save((data) => {
        keep(data);
        if (open) data.open[key] = "yes";
        else delete data.open[key];
      });
    });
    paragraph.after(form);
    folds.push(fold);
    let was = null; // as of the last look: what a link has shown meanwhile stays
    shown.push((data) => {
      const text = Object.hasOwn(data.predicted, key) ? data.predicted[key] : "";
      if (document.activeElement !== field) field.value = text;
      const open = Object.hasOwn(data.open, page) || Object.hasOwn(data.open, key);
      if (open !== was) fold.show(open);
      was = open;
    });
  }

  // A link into the page shows what it leads to: a heading, or a replay (see transport.js).
  function follow() {
    let place = location.hash.slice(1);
    try {
      place = decodeURIComponent(place);
    } catch {
      // no text that anybody has encoded: it names nothing
    }
    const players = document.querySelectorAll(".sheet-replay");
    const named = [...place.matchAll(/(?:^|&)replay-(\d{1,4})=/g)].map((one) => players[one[1] - 1]);
    for (const target of [document.getElementById(place), ...named])
      for (const fold of folds)
        if (target && fold.answer.some((part) => part.contains(target))) fold.show(true);
  }

  // --- a page's line, and the first page's ----------------------------------------------------------

  function line(names, where, clears, forget) {
    const count = element("span");
    const told = element("span", { role: "status" });
    const clear = element("button", { type: "button" }, `Clear ${clears}`);
    const place = element("div", { class: "course-tally" }, count);
    if (folds.length) {
      const box = element("input", { type: "checkbox" });
      place.append(element("label", {}, box, " Show all outputs at once"));
      box.addEventListener("change", () =>
        save(({ open }) => (box.checked ? (open[page] = "yes") : delete open[page])),
      );
      shown.push(({ open }) => (box.checked = Object.hasOwn(open, page)));
    }
    place.append(clear, told);
    clear.addEventListener("click", () => {
      if (confirm(`Clear ${clears}? They cannot be brought back.`)) save(forget);
    });
    where.after(place);
    shown.push((data) => {
      count.textContent = names.length ? tally(data, names) : "";
      told.textContent = kept
        ? ""
        : "This browser keeps nothing for these pages: what you write is gone when you leave.";
    });
  }

  function startLesson() {
    document.querySelectorAll(".course-ask[data-question]").forEach(ask);
    [...document.querySelectorAll("p:has(> strong:first-child)")].filter(isPrediction).forEach(predict);
    const where = document.querySelector(".course-launch") || document.querySelector("h1");
    if (!where || !(pages[page].length || folds.length)) return;
    line(pages[page], where, "my answers and predictions", (data) => {
      for (const name of pages[page]) delete data.answered[name];
      for (const table of [data.predicted, data.open])
        for (const key of Object.keys(table))
          if (key === page || key.startsWith(`${page}: `)) delete table[key];
    });
    addEventListener("hashchange", follow, { capture: true }); // before the player goes there
  }

  function startIndex(cards) {
    const all = [];
    for (const link of cards.querySelectorAll("h2 a[href$='.html']")) {
      const names = pages[link.getAttribute("href").replace(/\.html$/, "")];
      if (!names?.length) continue;
      all.push(...names);
      const count = element("p", { class: "course-card-tally" });
      link.closest("li").append(count);
      shown.push((data) => (count.textContent = tally(data, names)));
    }
    line(all, cards, "all my answers and predictions", (data) => Object.assign(data, sound(null)));
  }

  const cards = document.querySelector(".course-cards");
  if (cards) startIndex(cards);
  else if (Object.hasOwn(pages, page) && path.at(-1) !== "solutions") startLesson();
  addEventListener("storage", ({ key }) => (key === KEY || key === null) && refresh());
  refresh();
  follow();
})();
