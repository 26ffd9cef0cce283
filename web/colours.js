// Numbers as colours, and pictures made of them.

const Colours = (() => {
  // Matplotlib's Greys and PuOr_r, at even distances: the lessons draw with them.
  const STOPS = {
    gate: [
      [255, 255, 255], [240, 240, 240], [217, 217, 217], [189, 189, 189], [150, 150, 150],
      [115, 115, 115], [82, 82, 82], [37, 37, 37], [0, 0, 0],
    ],
    state: [
      [45, 0, 75], [84, 39, 136], [128, 115, 172], [178, 171, 210], [216, 218, 235], [247, 247, 247],
      [254, 224, 182], [253, 184, 99], [224, 130, 20], [179, 88, 6], [127, 59, 8],
    ],
  };

  // All 256 shades of a kind, ready for an image.
  const shades = Object.fromEntries(
    Object.entries(STOPS).map(([kind, stops]) => [
      kind,
      Array.from({ length: 256 }, (_, n) => {
        const place = (n / 255) * (stops.length - 1);
        const before = Math.min(Math.floor(place), stops.length - 2);
        const mix = (a, b) => a + (b - a) * (place - before);
        return [...stops[before].map((value, k) => mix(value, stops[before + 1][k])), 255];
      }),
    ]),
  );

  function shade(value, kind, size) {
    const share = kind === "gate" ? value : (value / size + 1) / 2;
    return shades[kind][Math.round(255 * clamp(share, 0, 1))];
  }

  function paint(canvas, width, height, colour) {
    const image = new ImageData(width, height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) image.data.set(colour(x, y), 4 * (y * width + x));
    }
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  return { shades, shade, paint };
})();
