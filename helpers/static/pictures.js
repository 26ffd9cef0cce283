// The replay player. One piece of code in two homes: inside Jupyter it is the view of a live
// widget, on a plain page it starts itself. Pictures are made beforehand and decoded before they
// are shown, so a step is a swap of two elements and waits for nobody. What every player has
// (slider, keys, links) comes before it: rnnscope's transport.js.

// Fill `root` with a player. `onStep` is told each step that the reader chooses, `onPlay` that a
// film begins. Returns {show(frames, step), follow(step), stop(), close()}; frames = {title, width,
// height, letters, ground, urls, words}: the picture at urls[step] lies on the one at ground, which
// all steps share; letters is the size of the words in pixels, or 0 for the page's own; lit is the
// HTML of a place that a dark window leaves as it is, or "".
function mount(root, onStep = () => {}, onPlay = () => {}) {
  let frames = null;
  let shown = null;
  let closed = false;

  const holder = element("div", { class: "sheet-picture sheet-paper" });
  const player = transport(root, { draw, onStep, onPlay });
  root.replaceChildren(holder, player.bar, player.text);

  function load(image, url) {
    image.src = url;
    return image.decode().catch(() => {});
  }

  function draw(step) {
    if (!frames.images[step].src) load(frames.images[step], frames.urls[step]);
    if (shown?.parentNode === holder) shown.replaceWith(frames.images[step]);
    else holder.append(frames.images[step]);
    shown = frames.images[step];
  }

  function show(wanted, at = player.step) {
    player.stop();
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
    const longest = frames.words.reduce((a, b) => (b.length > a.length ? b : a), "");
    const first = ground.map((image) => load(image, frames.ground));
    player.show({ count: frames.words.length, words: (step) => frames.words[step], longest }, at);
    // What is on display comes first; then the others, so that a step swaps what is decoded.
    Promise.all([...first, shown.decode().catch(() => {})]).then(() => {
      if (closed || frames !== wanted) return; // their addresses are gone by now
      wanted.images.forEach((image, n) => image.src || load(image, wanted.urls[n]));
    });
  }
  return { show, follow: player.follow, stop: player.stop,
    close: () => (player.stop(), (closed = true)) };
}

// --- the live widget ----------------------------------------------------------------------------

function pictures(model) {
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

export default widget(mount, "frames", pictures, ({ ground, urls }) => {
  for (const url of [ground, ...urls]) URL.revokeObjectURL(url);
});
