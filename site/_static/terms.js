// A term's sentence stays within the window, and Escape takes it away.
(() => {
  const terms = [...document.querySelectorAll(".course-term")];
  const shown = (term) =>
    term.matches(":hover, :focus-within") && !term.classList.contains("dismissed");
  const place = (term) => {
    const lines = term.firstElementChild.getClientRects(); // of a word that is broken, two
    const says = term.lastElementChild;
    says.style.position = "fixed";
    const room = document.documentElement.clientWidth - says.offsetWidth - 8;
    const [top, bottom] = [lines[0].top, lines[lines.length - 1].bottom];
    const below = bottom + says.offsetHeight <= innerHeight;
    says.style.left = `${Math.max(8, Math.min(lines[0].left, room))}px`;
    says.style.top = `${below ? bottom : top - says.offsetHeight}px`;
  };
  for (const term of terms) {
    const again = () => term.classList.remove("dismissed");
    term.addEventListener("pointerenter", () => place(term));
    term.addEventListener("focusin", () => place(term));
    term.addEventListener("pointerleave", again);
    term.addEventListener("focusout", again);
    // Under a finger the first touch shows the sentence, and the second one follows the link.
    let touched = false;
    term.addEventListener("pointerdown", (event) => {
      touched = event.pointerType === "touch" && !term.contains(document.activeElement);
    });
    term.firstElementChild.addEventListener("click", (event) => {
      if (!touched) return;
      event.preventDefault();
      term.firstElementChild.focus();
    });
  }
  const placeShown = () => terms.filter(shown).forEach(place);
  addEventListener("scroll", placeShown, { capture: true, passive: true });
  addEventListener("resize", placeShown);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const term of terms.filter(shown)) term.classList.add("dismissed");
  });
})();
