// Runs in the page, the same for every viewer: all of them have an OpenSeadragon viewer underneath.
(() => {
  /** Milliseconds; OpenSeadragon's WebGL drawer as it comes takes a minute on a busy machine. */
  const LIMIT = 180000;
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  const viewer = () => window.benchmarkViewer ?? window.hemalumViews?.get("")?.viewer;

  const item = () => {
    const world = viewer()?.world;
    return world && world.getItemCount() > 0 ? world.getItemAt(world.getItemCount() - 1) : undefined;
  };

  /** Waits until everything drawn so far is really there, by asking for one pixel. */
  function readBack() {
    const canvas = viewer().drawer.canvas;
    const gl = canvas.getContext("webgl2");
    if (gl) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    else canvas.getContext("2d").getImageData(0, 0, 1, 1);
  }

  /** Resolves with the time at which all tiles of the view were on the screen. */
  async function whole(limit) {
    const started = performance.now();
    let drawn = 0;
    while (drawn < 2) {
      await frame();
      drawn = item()?.getFullyLoaded() ? drawn + 1 : 0;
      if (performance.now() - started > limit) return null;
    }
    readBack();
    return performance.now();
  }

  const since = (started, ended) => (ended === null ? null : ended - started);

  window.probe = {
    size: () => {
      const size = viewer().viewport.getContainerSize();
      return [size.x, size.y];
    },

    drawer: () => viewer().drawer.getType(),

    whole,

    /** Milliseconds from the key that opens the slide in the app, which is pressed after this, to the whole view. */
    opened: () =>
      new Promise((resolve) => {
        const onKey = async ({ timeStamp }) => resolve(since(timeStamp, await whole(LIMIT)));
        addEventListener("keydown", onKey, { capture: true, once: true });
      }),

    /** Shows the slide of a peer anew, as it was opened just now; ms until whole. */
    async reopen(opening) {
      const started = performance.now();
      window.benchmarkReopen(opening);
      return since(started, await whole(LIMIT));
    },

    /** Goes to a place given as shares of the image width, at um per pixel; ms until whole. */
    async jump(x, y, umPerPx, spacing) {
      const started = performance.now();
      move(x, y, umPerPx, spacing);
      await frame();
      return since(started, await whole(LIMIT));
    },

    /** Pans there and back by `step` pixels a frame; ms of each frame on the way back, when all tiles are in memory. */
    async pan(step, count) {
      await panBy(step, 0, count);
      await whole(LIMIT);
      return panBy(-step, 0, count);
    },
  };

  function move(x, y, umPerPx, spacing) {
    const viewport = viewer().viewport;
    const centre = viewport.getCenter();
    centre.x = x;
    centre.y = y;
    const width = item().source.dimensions.x;
    viewport.zoomTo((width * spacing) / (umPerPx * viewport.getContainerSize().x), undefined, true);
    viewport.panTo(centre, true);
  }

  async function panBy(dx, dy, count) {
    const times = [];
    const viewport = viewer().viewport;
    let last = null;
    for (let n = 0; n <= count; n++) {
      await frame();
      readBack();
      const now = performance.now();
      if (last !== null) times.push(now - last);
      last = now;
      const delta = viewport.getCenter();
      const pixel = 1 / (viewport.getZoom() * viewport.getContainerSize().x);
      delta.x = dx * pixel;
      delta.y = dy * pixel;
      viewport.panBy(delta, true);
    }
    return times;
  }
})();
