// What every player has: a slider with play, previous and next, words, keys, and links to a step.

const ICONS = {
  previous: "M11 3 4 8l7 5zM3 3h1.6v10H3z",
  play: "M4 2.5 13 8l-9 5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3l7 5-7 5zM11.4 3H13v10h-1.6z",
  link: "M7 4.5h-2.5a3.5 3.5 0 0 0 0 7H7V10H4.5a2 2 0 0 1 0-4H7zM9 4.5h2.5a3.5 3.5 0 0 1 0 7H9V10h2.5a2 2 0 0 0 0-4H9zM5 7.25h6v1.5H5z",
  closer: "M7 3h2v4h4v2H9v4H7V9H3V7h4z",
  further: "M3 7h10v2H3z",
  whole: "M2 2h5v1.6H3.6V7H2zM9 2h5v5h-1.6V3.6H9zM2 9h1.6v3.4H7V14H2zM12.4 9H14v5H9v-1.6h3.4z",
};

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(icon, label, onclick = null) {
  const made = element("button", { type: "button", "aria-label": label, title: label });
  setIcon(made, icon);
  made.onclick = onclick;
  return made;
}

function setIcon(made, icon) {
  made.innerHTML =
    '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">' +
    `<path fill="currentColor" d="${ICONS[icon]}"/></svg>`;
}

// Controls for the steps of `root`. `draw(step)` shows a step, `onStep` is told each step that the
// reader chooses, `onPlay` that a film begins. Returns {bar, text, show, play, stop, step}: two
// elements to place, and show({count, words, longest}, step) for something new to play, where
// words(step) is the text of a step.
export function transport(root, { draw, onStep = () => {}, onPlay = () => {} }) {
  let [step, steps, wordsOf] = [0, 1, () => ""];
  let timer = null;

  const words = element("p", { class: "sheet-words", "aria-live": "polite" });
  // An invisible copy of the longest text keeps the height, so that the page does not jump.
  const longest = element("p", { class: "sheet-words sheet-longest", "aria-hidden": "true" });
  const previous = button("previous", "Previous step", () => (stop(), go(step - 1)));
  const play = button("play", "Play", () => (timer === null ? start() : stop()));
  const next = button("next", "Next step", () => (stop(), go(step + 1)));
  const slider = element("input", { type: "range", min: 1, step: 1, "aria-label": "Time step" });
  const count = element("output");
  const speed = element("select", { "aria-label": "Speed", title: "Speed" });
  for (const perSecond of [1, 2, 4, 8, 16]) {
    speed.append(element("option", { value: perSecond }, `${perSecond}/s`));
  }
  speed.value = "4";
  const bar = element("div", { class: "sheet-controls" }, previous, play, next, slider, count, speed);
  const text = element("div", { class: "sheet-text" }, words, longest);
  root.classList.add("sheet-replay");
  root.setAttribute("role", "group");
  // JupyterLab would take the arrow keys for its own shortcuts.
  root.setAttribute("data-lm-suppress-shortcuts", "true");

  function tell() {
    draw(step);
    words.textContent = wordsOf(step);
    slider.value = step + 1;
    slider.setAttribute("aria-valuetext", `step ${step + 1} of ${steps}`);
    count.textContent = `${step + 1} / ${steps}`;
  }

  function go(wanted, chosen = true) {
    const reached = Math.max(0, Math.min(steps - 1, wanted));
    if (reached === step) return;
    step = reached;
    tell();
    if (chosen) onStep(step);
  }

  function voice(live) {
    for (const said of [words, count]) said.setAttribute("aria-live", live);
  }

  function named(icon, label) {
    setIcon(play, icon);
    play.setAttribute("aria-label", label);
    play.title = label;
  }

  function stop() {
    const played = timer !== null;
    clearInterval(timer);
    timer = null;
    named("play", "Play");
    voice("polite");
    if (played) draw(step);
  }

  function start() {
    onPlay();
    if (step === steps - 1) go(0);
    named("pause", "Pause");
    voice("off"); // it cannot follow a film
    timer = setInterval(() => {
      if (!root.isConnected) return stop();
      if (step + 1 >= steps - 1) stop(); // first: a voice tells how the film ends
      go(step + 1);
    }, 1000 / Number(speed.value));
  }

  function show(shown, at = step) {
    stop();
    [steps, wordsOf] = [shown.count, shown.words];
    slider.max = steps;
    longest.textContent = shown.longest;
    step = Math.max(0, Math.min(steps - 1, at));
    tell();
  }

  speed.onchange = () => timer !== null && (clearInterval(timer), start());
  slider.onpointerdown = stop; // a film would pull the knob out of the hand
  slider.oninput = () => (stop(), go(Number(slider.value) - 1));
  root.onkeydown = (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest("select, summary")) return;
    const moves = {
      ArrowRight: step + 1,
      ArrowUp: step + 1,
      ArrowLeft: step - 1,
      ArrowDown: step - 1,
      PageUp: step + 5,
      PageDown: step - 5,
      Home: 0,
      End: Infinity,
    };
    if (key in moves) {
      stop();
      go(moves[key]);
    } else if (key === " " && target.tagName !== "BUTTON") {
      if (!event.repeat) play.onclick(); // a key that is held down is one press
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    bar, text, show, stop, play: start,
    // Of the reader's own choosing, and moved by somebody else (Python, or the same player shown
    // twice): two films would fight.
    choose: (wanted) => (stop(), go(wanted)),
    follow: (wanted) => wanted !== step && (stop(), go(wanted, false)),
    get step() { return step; },
  };
}

// --- links to a step ----------------------------------------------------------------------------

// The pages whose address is theirs: the site's, nbconvert's, and saved replays. In Jupyter it is
// the notebook's address, and players leave it alone.
const PAGES = "html[data-content_root], body.jp-Notebook, body.sheet-page";

// `#replay-2=step-14` opens a page with its second player at step 14; what does not fit is ignored.
export function link(root) {
  // Slides keep their own number in the address.
  if (!document.querySelector(PAGES) || root.closest(".reveal")) return;
  const number = [...document.querySelectorAll(".sheet-replay")].indexOf(root) + 1;
  const slider = root.querySelector("input[type=range]");
  const copy = button("link", "Copy a link to this step");
  const told = element("span", { role: "status" });
  const field = element("input", { type: "text", readonly: "" });
  const place = element("p", { class: "sheet-link" }, told, field);
  field.hidden = true;
  root.querySelector(".sheet-controls").append(copy);
  root.querySelector(".sheet-controls").after(place);
  place.onkeydown = (event) => event.stopPropagation(); // the field's keys are no steps

  copy.onclick = async () => {
    const step = slider.value;
    field.value = `${location.href.replace(/#.*/s, "")}#replay-${number}=step-${step}`;
    field.setAttribute("aria-label", `Link to step ${step}`); // a film goes on meanwhile
    try {
      await navigator.clipboard.writeText(field.value);
      field.hidden = true;
      told.textContent = `Copied: the link opens this page at step ${step}.`;
    } catch {
      field.hidden = false;
      told.textContent =
        `The browser lets no page copy here: take the link to step ${step} from this field.`;
      field.select();
    }
  };

  // Whether the address names this replay, and whether first of all.
  function follow() {
    const places = location.hash.slice(1).split("&");
    const found = places.findIndex((one) => one.startsWith(`replay-${number}=`));
    const step = /=step-([1-9]\d{0,5})$/.exec(places[found])?.[1];
    if (!step || Number(step) > Number(slider.max)) return;
    slider.value = step;
    slider.oninput();
    if (found > 0) return;
    const show = () => {
      root.scrollIntoView({ block: "center" });
      slider.focus({ preventScroll: true });
    };
    if (document.readyState === "complete") return show();
    // Pictures above may still move it; but whoever has begun by then stays where they are.
    const begun = () => navigator.userActivation?.hasBeenActive;
    addEventListener("load", () => begun() || show(), { once: true });
  }
  addEventListener("hashchange", follow);
  follow();
}

// --- in Jupyter ---------------------------------------------------------------------------------

// JupyterLab takes arrow keys and letters also from a menu that has the focus (a letter may even
// interrupt the kernel): every control in the same output as this player gets its keys back.
function keepKeys(root) {
  const attached = new ResizeObserver(() => {
    attached.disconnect();
    root.closest(".jp-OutputArea")?.addEventListener("focusin", ({ target }) => {
      target.setAttribute("data-lm-suppress-shortcuts", "true");
    });
  });
  attached.observe(root);
}

// What anywidget asks of a player, once for each output that shows it. `mount(root, onStep, onPlay)`
// makes one; `read(model)` gives what it shows, which comes from the trait `trait`; `gone` is told
// of what is shown no more.
export function widget(mount, trait, read, gone = () => {}) {
  // The player whose film was the last to begin, by the trait that all of a widget's players share.
  // Each step of its film would stop another one before that comes to its own first step.
  const films = new WeakMap();
  return {
    render({ model, el }) {
      const root = document.createElement("div");
      el.append(root);
      keepKeys(root);
      let shown = null;
      const python = telling(model);
      const player = mount(root, python.tell, () => {
        const of = model.get(trait);
        films.get(of)?.stop();
        films.set(of, player);
      });
      const end = () => shown && gone(shown);
      const load = () => {
        end();
        shown = read(model);
        player.show(shown, model.get("step"));
      };
      const follow = () => player.follow(model.get("step"));
      load();
      model.on(`change:${trait}`, load);
      model.on("change:step", follow);
      return () => {
        player.close();
        python.end();
        model.off(`change:${trait}`, load);
        model.off("change:step", follow);
        end();
      };
    },
  };
}

// Python hears of a step a moment later: the picture comes first.
function telling(model) {
  let waiting = null;
  return {
    tell(step) {
      model.set("step", step);
      waiting ??= setTimeout(() => {
        waiting = null;
        model.save_changes();
      }, 80);
    },
    end: () => clearTimeout(waiting),
  };
}
