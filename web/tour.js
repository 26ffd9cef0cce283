// The guided tour: each stop (see stops.js) brings the page to a state and says what is to be seen
// there. Where the page shows something else by now, it says that instead.

const Tour = (() => {
  const KEPT = "reader-tour"; // the stop that was left, in the browser's own keeping

  let page = null; // what the tour drives
  let stop = 0; // the stop on display, from 1; 0: none
  let before = null; // what the page showed before the tour

  const view = (n) => ({
    ...Link.PLAIN, speed: page.state().speed, tour: n, ...STOPS[n - 1].view(page),
  });
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
    at("tour-start").textContent = left()
      ? `Go on with the tour, stop ${left()} of ${STOPS.length}`
      : "Take the tour";
  }

  // Show stop n, or none, of a page that shows already what it should.
  function open(n) {
    stop = n;
    document.documentElement.classList.toggle("touring", n > 0);
    for (const marked of document.querySelectorAll(".spoken")) marked.classList.remove("spoken");
    if (n === 0) {
      const inside = at("tour").contains(document.activeElement);
      if (inside) at("tour-start").focus({ preventScroll: true });
      at("tour").hidden = true;
      return invite();
    }
    at("tour").hidden = false;
    keep(n);
    for (const one of document.querySelectorAll(STOPS[n - 1].marks)) one.classList.add("spoken");
    at("tour-title").textContent = `Stop ${n} of ${STOPS.length}: ${STOPS[n - 1].title}`;
    at("tour-back").disabled = n === 1;
    at("tour-next").textContent = n === STOPS.length ? "Finish" : "Next";
    tell();
  }

  // Called after each change of the page.
  function tell() {
    if (stop === 0) return;
    const there = fits();
    if (there && document.activeElement === at("tour-again")) at("tour-next").focus(); // it goes
    at("tour-again").hidden = there;
    const words = there
      ? STOPS[stop - 1].words(page)
      : "The page shows something else by now. " +
        "“Show it again” brings back what this stop speaks of.";
    if (at("tour-words").textContent !== words) at("tour-words").textContent = words;
  }

  // What the words speak of comes between the bar above and the tour below.
  function bring() {
    const bar = at("bar");
    const stuck = getComputedStyle(bar).position === "sticky"; // then it is in view wherever one is
    const spoken = [...document.querySelectorAll(".spoken")];
    const marked = spoken.map((one) => (bar.contains(one) ? bar : one));
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
    const drawing = page.own ?? before?.drawing ?? null; // also one from an earlier stop
    const earlier = drawing ? { ...before, digit: null, drawing } : before;
    page.lead(own || before === null ? { ...page.state(), tour: 0 } : earlier);
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
