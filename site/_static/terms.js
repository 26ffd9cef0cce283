// A term's sentence stays within the window, and Escape takes it away.
(() => {
  const terms = [...document.querySelectorAll(".course-term")];
  const shown = (term) =>
    term.matches(":hover, :focus-within") && !term.classList.contains("dismissed");
  const place = (term) => {
    const word = term.firstElementChild.getClientRects()[0];
    const says = term.lastElementChild;
    says.style.position = "fixed";
    const room = document.documentElement.clientWidth - says.offsetWidth - 8;
    const below = word.bottom + says.offsetHeight <= innerHeight;
    says.style.left = `${Math.max(8, Math.min(word.left, room))}px`;
    says.style.top = `${below ? word.bottom : word.top - says.offsetHeight}px`;
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
