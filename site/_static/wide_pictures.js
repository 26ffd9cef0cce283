// A picture that is wider than its place can be moved sideways; with the keyboard too.
(() => {
  const moved = (place) => place.scrollWidth > place.clientWidth + 1;
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (moved(target)) target.setAttribute("tabindex", "0");
      else target.removeAttribute("tabindex");
    }
  });
  for (const place of document.querySelectorAll("figure, .sheet-picture")) {
    watch.observe(place);
    // In a replay the arrow keys change the step: not while its picture is moved.
    place.addEventListener("keydown", (event) => {
      if (moved(place) && /^Arrow(Left|Right)$/.test(event.key)) event.stopPropagation();
    });
  }
})();
