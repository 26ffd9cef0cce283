// The replay player. One piece of code in two homes: inside Jupyter it is the view of a live
// widget, on a plain page it starts itself. Pictures are made beforehand and decoded before they
// are shown, so a step is a swap of two elements and waits for nobody.

const ICONS = {
  previous: "M11 3 4 8l7 5zM3 3h1.6v10H3z",
  play: "M4 2.5 13 8l-9 5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3l7 5-7 5zM11.4 3H13v10h-1.6z",
  link: "M7 4.5h-2.5a3.5 3.5 0 0 0 0 7H7V10H4.5a2 2 0 0 1 0-4H7zM9 4.5h2.5a3.5 3.5 0 0 1 0 7H9V10h2.5a2 2 0 0 0 0-4H9zM5 7.25h6v1.5H5z",
};

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function button(icon, label) {
  const made = element("button", { type: "button", "aria-label": label, title: label });
  setIcon(made, icon);
  return made;
}

function setIcon(made, icon) {
  made.innerHTML =
    '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">' +
    `<path fill="currentColor" d="${ICONS[icon]}"/></svg>`;
}

// Fill `root` with a player. `onStep` is told each step that the reader chooses, `onPlay` that a
// film begins. Returns {show(frames, step), go(step), stop(), close()}; frames = {title, width,
// height, letters, ground, urls, words}: the picture at urls[step] lies on the one at ground, which
// all steps share; letters is the size of the words in pixels, or 0 for the page's own; lit is the
// HTML of a place that a dark window leaves as it is, or "".
function mount(root, onStep = () => {}, onPlay = () => {}) {
  let frames = null;
  let step = 0;
  let timer = null;
  let shown = null;
  let closed = false;

  const holder = element("div", { class: "sheet-picture sheet-paper" });
  const words = element("p", { class: "sheet-words", "aria-live": "polite" });
  // An invisible copy of the longest text keeps the height, so that the page does not jump.
  const longest = element("p", { class: "sheet-words sheet-longest", "aria-hidden": "true" });
  const previous = button("previous", "Previous step");
  const play = button("play", "Play");
  const next = button("next", "Next step");
  const slider = element("input", { type: "range", min: 1, step: 1, "aria-label": "Time step" });
  const count = element("output");
  const speed = element("select", { "aria-label": "Speed", title: "Speed" });
  for (const perSecond of [1, 2, 4, 8, 16]) {
    speed.append(element("option", { value: perSecond }, `${perSecond}/s`));
  }
  speed.value = "4";
  root.replaceChildren(
    holder,
    element("div", { class: "sheet-controls" }, previous, play, next, slider, count, speed),
    element("div", { class: "sheet-text" }, words, longest),
  );
  root.classList.add("sheet-replay");
  root.setAttribute("role", "group");
  // JupyterLab would take the arrow keys for its own shortcuts.
  root.setAttribute("data-lm-suppress-shortcuts", "true");

  function load(image, url) {
    image.src = url;
    return image.decode().catch(() => {});
  }

  function draw() {
    if (!frames.images[step].src) load(frames.images[step], frames.urls[step]);
    if (shown?.parentNode === holder) shown.replaceWith(frames.images[step]);
    else holder.append(frames.images[step]);
    shown = frames.images[step];
    words.textContent = frames.words[step];
    slider.value = step + 1;
    slider.setAttribute("aria-valuetext", `step ${step + 1} of ${frames.words.length}`);
    count.textContent = `${step + 1} / ${frames.words.length}`;
  }

  function go(wanted, tell = true) {
    const reached = Math.max(0, Math.min(frames.words.length - 1, wanted));
    if (reached === step) return;
    step = reached;
    draw();
    if (tell) onStep(step);
  }

  function voice(live) {
    for (const said of [words, count]) said.setAttribute("aria-live", live);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    setIcon(play, "play");
    play.setAttribute("aria-label", "Play");
    play.title = "Play";
    voice("polite");
  }

  function start() {
    onPlay();
    if (step === frames.words.length - 1) go(0);
    setIcon(play, "pause");
    play.setAttribute("aria-label", "Pause");
    play.title = "Pause";
    voice("off"); // it cannot follow a film
    timer = setInterval(() => {
      if (!root.isConnected) return stop();
      if (step + 1 >= frames.words.length - 1) stop(); // first: a voice tells how the film ends
      go(step + 1);
    }, 1000 / Number(speed.value));
  }

  function show(wanted, at = step) {
    stop();
    frames = wanted;
    root.setAttribute("aria-label", `Replay: ${frames.title}`);
    const picture = (alt, name) => {
      const image = new Image(frames.width, frames.height);
      image.className = name;
      image.alt = alt;
      image.draggable = false;
      return image;
    };
    frames.images = frames.words.map((words) => picture(words, "sheet-step"));
    const ground = frames.ground ? [picture("", "sheet-ground")] : [];
    holder.replaceChildren(...ground);
    holder.insertAdjacentHTML("beforeend", frames.lit);
    root.classList.toggle("sheet-large", Boolean(frames.letters));
    root.style.fontSize = frames.letters ? `${frames.letters}px` : "";
    root.style.maxWidth = `${Math.max(frames.width, 480)}px`;
    holder.style.maxWidth = `${frames.width}px`;
    slider.max = frames.words.length;
    longest.textContent = frames.words.reduce((a, b) => (b.length > a.length ? b : a), "");
    step = Math.max(0, Math.min(frames.words.length - 1, at));
    const first = ground.map((image) => load(image, frames.ground));
    draw();
    // What is on display comes first; then the others, so that a step swaps what is decoded.
    Promise.all([...first, frames.images[step].decode().catch(() => {})]).then(() => {
      if (closed || frames !== wanted) return; // their addresses are gone by now
      wanted.images.forEach((image, n) => image.src || load(image, wanted.urls[n]));
    });
  }

  previous.onclick = () => (stop(), go(step - 1));
  next.onclick = () => (stop(), go(step + 1));
  play.onclick = () => (timer === null ? start() : stop());
  speed.onchange = () => timer !== null && (clearInterval(timer), start());
  slider.onpointerdown = stop; // a film would pull the knob out of the hand
  slider.oninput = () => (stop(), go(Number(slider.value) - 1));
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === speed) return;
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
    if (event.key in moves) {
      stop();
      go(moves[event.key]);
    } else if (event.key === " " && event.target.tagName !== "BUTTON") {
      if (!event.repeat) play.onclick(); // a key that is held down is one press
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  // Moved by somebody else (Python, or the same replay shown twice): two films would fight.
  const follow = (wanted) => wanted !== step && (stop(), go(wanted, false));
  return { show, go: follow, stop, close: () => (stop(), (closed = true)) };
}

// --- links to a step ----------------------------------------------------------------------------

// The pages whose address is theirs: the site's, nbconvert's, and saved replays. In Jupyter it is
// the notebook's address, and players leave it alone.
const PAGES = "html[data-content_root], body.jp-Notebook, body.sheet-page";

// `#replay-2=step-14` opens a page with its second replay at step 14; what does not fit is ignored.
function link(root) {
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

// --- the live widget ----------------------------------------------------------------------------

function unpack(model) {
  const { title, width, height, letters, words, lit, sizes, pngs } = model.get("frames");
  const bytes = new Uint8Array(pngs.buffer, pngs.byteOffset, pngs.byteLength);
  let from = 0;
  const [ground, ...urls] = sizes.map((size) => {
    if (!size) return null;
    const blob = new Blob([bytes.subarray(from, (from += size))], { type: "image/png" });
    return URL.createObjectURL(blob);
  });
  return { title, width, height, letters, words, lit, ground, urls };
}

// JupyterLab takes arrow keys and letters also from a menu that has the focus (a letter may even
// interrupt the kernel): every control in the same output as this replay gets its keys back.
function keepKeys(root) {
  const attached = new ResizeObserver(() => {
    attached.disconnect();
    root.closest(".jp-OutputArea")?.addEventListener("focusin", ({ target }) => {
      target.setAttribute("data-lm-suppress-shortcuts", "true");
    });
  });
  attached.observe(root);
}

// The view of a replay whose film was the last to begin, by the frames that all its views share.
// Each step of its film would stop another one before that comes to its own first step.
const films = new WeakMap();

export default {
  render({ model, el }) {
    const root = document.createElement("div");
    el.append(root);
    keepKeys(root);
    let urls = [];
    // Python hears of a step a moment later: the picture comes first.
    let telling = null;
    const tell = (step) => {
      model.set("step", step);
      telling ??= setTimeout(() => {
        telling = null;
        model.save_changes();
      }, 80);
    };
    const player = mount(root, tell, () => {
      const frames = model.get("frames");
      films.get(frames)?.stop();
      films.set(frames, player);
    });
    const load = () => {
      urls.forEach((url) => URL.revokeObjectURL(url));
      const frames = unpack(model);
      urls = [frames.ground, ...frames.urls];
      player.show(frames, model.get("step"));
    };
    const follow = () => player.go(model.get("step"));
    load();
    model.on("change:frames", load);
    model.on("change:step", follow);
    return () => {
      player.close();
      clearTimeout(telling);
      model.off("change:frames", load);
      model.off("change:step", follow);
      urls.forEach((url) => URL.revokeObjectURL(url));
    };
  },
};
