// Lays a lesson's slides out and starts reveal.js. A slide that is too tall is cut at its parts into
// several, here in the browser that shows it: so nothing is cut off, whatever fonts it has.

const WORDS = 110; // on one slide, tables and all; more are another idea

const make = (tag, name, ...children) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children);
  return made;
};

// --- one slide into several -------------------------------------------------------------------------

const LABELS = { predict: "Predict", turn: "Your turn" };

// Begin a page after `section`, whose slide it goes on with, or in it.
function begin(section, first) {
  const page = make("div", "page");
  const told = make("p", "running", make("span", "", section.dataset.head));
  if (LABELS[section.dataset.kind]) told.append(make("b", "", LABELS[section.dataset.kind]));
  page.append(told);
  if (first) {
    section.prepend(page);
    return page;
  }
  const next = section.cloneNode(false);
  if (next.dataset.kind === "title") next.dataset.kind = "text";
  next.append(page, section.querySelector("aside").cloneNode(true));
  section.after(next);
  return page;
}

const parts = (page) => [...page.querySelectorAll(":scope > .block")];
const isHead = (block) => block.dataset.block === "head";
const explains = (block) => block.classList.contains("explains");
// Only the teacher reads it.
const tell = (block) => block.closest("section").querySelector("aside").append(block);
const isPicture = (block) => ["picture", "player"].includes(block.dataset.block);
const words = (page) =>
  parts(page)
    .filter((block) => ["text", "list", "table"].includes(block.dataset.block))
    .reduce((sum, block) => sum + block.textContent.trim().split(/\s+/).length, 0);

function fits(page) {
  const box = page.getBoundingClientRect();
  const room = box.bottom - parseFloat(getComputedStyle(page).paddingBottom);
  const inner = box.right - 24;
  return parts(page).every((block) => {
    const own = block.getBoundingClientRect();
    if (own.bottom > room + 0.5) return false;
    const wide = [...block.querySelectorAll("table, pre, math, .sheet-replay, img")];
    return wide.every((part) => part.getBoundingClientRect().right <= inner + 0.5);
  });
}

function layOut(section) {
  const blocks = [...section.querySelectorAll(":scope > .block")];
  blocks.forEach((block) => block.remove());
  let page = begin(section, true);
  for (const block of blocks) page = place(block, page);
  for (let at = page.parentNode; ; at = at.previousElementSibling) {
    const [first, ...others] = parts(at.firstElementChild);
    if (first && !isHead(first) && at.dataset.kind !== "title")
      at.firstElementChild.classList.add("middle");
    if (at === section) break;
    const leading = [first, ...others].find((block) => block && !isHead(block));
    if (leading) appear(leading, at); // nothing waits on an empty slide
  }
}

// What waits for a key and now stands first on a slide is there at once.
function appear(block, section) {
  const index = block.dataset.fragmentIndex;
  if (index === undefined) return;
  for (const other of parts(section.querySelector(".page"))) {
    if (other.dataset.fragmentIndex !== index) continue;
    other.classList.remove("fragment");
    delete other.dataset.fragmentIndex;
  }
}

// Put a block on the page, or on one that follows; returns the page where the next one goes.
function place(block, page) {
  const rest = parts(page).filter((other) => !isHead(other));
  page.append(block);
  if (isPicture(block)) {
    const before = rest.filter((other) => !explains(other));
    const asked = block.classList.contains("fragment") && before.length;
    if (!asked && fitPicture(block, page)) return page;
    if (!before.length && page.parentNode.dataset.kind !== "title") {
      page.classList.add("small");
    } else {
      const told = rest.filter(explains); // what explains the picture goes with it
      page = turn(block, page);
      page.append(...told, block);
    }
    // Words that leave it too little room are for the teacher.
    if (!fitPicture(block, page, true)) {
      parts(page).filter(explains).forEach(tell);
      fitPicture(block, page, true);
    }
    return page;
  }
  if (fits(page) && (!rest.length || words(page) <= WORDS)) return page;
  if (explains(block)) {
    tell(block); // no slide of words on what is gone by
    return page;
  }
  if (!rest.length) return squeeze(block, page);
  if (block.dataset.block === "cell" && beside(block, page)) return page;
  return place(block, turn(block, page));
}

// Take the block off its page and begin another one; a heading alone goes with it.
function turn(block, page) {
  block.remove();
  return begin(page.parentNode, false);
}

// A block that is too large for a slide of its own: beside each other, denser, in pieces.
function squeeze(block, page) {
  page.classList.add("small");
  if (fits(page)) return page;
  block.classList.add("wide");
  if (fits(page) || beside(block, page)) return page;
  block.classList.add("dense");
  if (fits(page)) return page;
  const list = block.querySelector("tbody, ul, ol");
  const items = list ? [...list.children] : block.dataset.block === "cell" ? [...block.children] : [];
  if (items.length < 2) {
    page.dataset.spills = "yes";
    return page;
  }
  const rest = block.cloneNode(true);
  let into = rest.querySelector("tbody, ul, ol") ?? rest;
  into.replaceChildren();
  while (list ? list.children.length > 1 : block.children.length > 1) {
    into.prepend((list ?? block).lastElementChild);
    if (fits(page)) break;
  }
  return place(rest, begin(page.parentNode, false));
}

// What a cell prints stands beside its lines where there is no room below.
function beside(block, page) {
  const [lines, ...printed] = block.children;
  if (!lines?.classList.contains("code") || printed.length !== 1) return false;
  block.classList.add("beside");
  const room = lines.getBoundingClientRect().width;
  const wraps = lines.scrollWidth > room + 1 || room < 560;
  if (!wraps && fits(page)) return true;
  block.classList.remove("beside");
  return false;
}

// Make a picture as wide as the page has room for; false where its letters would be too small.
function fitPicture(block, page, last = false) {
  const image = block.querySelector("img.sheet-step, figure img");
  // helpers/projector.py has drawn it with letters of 20 pixels in its own width: no smaller, then.
  const [own, high] = ["width", "height"].map((side) => Number(image.getAttribute(side)));
  const natural = own || parseFloat(image.style.width);
  const alone = (560 * natural) / (high || (natural * image.naturalHeight) / image.naturalWidth);
  const least = Math.max(natural, 0.7 * Math.min(1200, alone));
  const widest = () => {
    let [low, high] = [0, 1200];
    while (high - low > 1) {
      const middle = (low + high) / 2;
      block.style.setProperty("--wide", `${middle}px`);
      if (fits(page)) low = middle;
      else high = middle;
    }
    return Math.floor(low);
  };
  block.classList.remove("beside"); // from a page on which it had no room
  let wide = widest();
  if (last && wide < natural) {
    page.classList.add("tight"); // the picture is worth more than the section's name
    wide = widest();
  }
  if (block.dataset.block === "player") {
    block.classList.add("beside");
    const other = Math.min(widest(), 900); // the words beside it need room of their own
    block.style.setProperty("--wide", `${other}px`);
    if (other > wide && fits(page)) wide = other;
    else block.classList.remove("beside");
  }
  block.style.setProperty("--wide", `${wide}px`);
  return wide >= (last ? natural : least) - 1;
}

// --- replays ---------------------------------------------------------------------------------------------

const player = (slide = Reveal.getCurrentSlide()) => slide?.querySelector(".sheet-replay");
const play = (root) => root?.querySelectorAll("button")[1];

function step(way) {
  const slider = player()?.querySelector("input[type=range]");
  if (!slider) return;
  slider.value = Number(slider.value) + way;
  slider.oninput();
}

function keepKeys() {
  for (const root of document.querySelectorAll(".sheet-replay")) {
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") document.activeElement.blur();
      // A menu's or a button's keys are no slides'; Page Up and Page Down are a player's, too.
      if (event.key !== "Tab") event.stopPropagation();
    });
  }
}

// --- start -----------------------------------------------------------------------------------------------

async function start() {
  await document.fonts.ready;
  const images = [...document.querySelectorAll("figure img, img.sheet-step, img.sheet-ground")];
  await Promise.all(images.map((image) => image.decode().catch(() => {})));
  document.querySelectorAll("section[data-kind]").forEach(layOut);
  document.documentElement.classList.remove("measuring");
  keepKeys();
  await Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    minScale: 0.1,
    maxScale: 10,
    center: false,
    controls: false,
    hash: true,
    navigationMode: "linear",
    slideNumber: "c",
    transition: "none",
    keyboard: { 38: () => step(1), 40: () => step(-1), 82: ({ repeat }) => repeat || play(player())?.click() },
    plugins: [RevealNotes],
  });
  Reveal.on("slidechanged", ({ previousSlide }) => {
    document.activeElement?.blur();
    const left = play(player(previousSlide ?? null)); // its film would play on where nobody sees it
    if (left?.getAttribute("aria-label") === "Pause") left.click();
  });
  document.documentElement.dataset.ready = "yes";
}

start();
