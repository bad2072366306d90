"""What the page does by itself: draws a figure when it is seen, anew when the look changes."""

SCRIPT = """
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const boxes = [...document.querySelectorAll(".plot")];
  const told = new Map(boxes.map((box) => [box, box.querySelector("script")]));
  const options = {displayModeBar: false, responsive: true};
  const drawn = new Set();
  let printing = false;

  const draw = (box) => {
    drawn.add(box);
    const looks = JSON.parse(told.get(box).textContent);
    const one = looks[dark.matches && !printing ? "dark" : "light"];
    return Plotly.react(box, one.data, one.layout, options);
  };
  const seen = new IntersectionObserver((found) => {
    for (const one of found) {
      if (one.isIntersecting && !drawn.has(one.target)) draw(one.target);
    }
  }, {rootMargin: "400px"});
  boxes.forEach((box) => seen.observe(box));
  dark.addEventListener("change", () => drawn.forEach(draw));

  const folds = [...document.querySelectorAll("details")];
  if (folds.length) folds[0].open = true;
  let open = [];
  window.addEventListener("beforeprint", () => {
    printing = true;
    open = folds.map((one) => one.open);
    folds.forEach((one) => { one.open = true; });
    boxes.forEach(draw);
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    folds.forEach((one, at) => { one.open = open[at]; });
    drawn.forEach(draw);
  });
})();
"""
