import { describe, expect, it } from "vitest";
import { Coverage, unpackCells, type CellPicture, type Grid } from "../src/viewer/coverage";
import { fieldBefore, layWalk, nextUnseen, uprightIn } from "../src/viewer/walk";

const WIDTH = 3000;
const HEIGHT = 2200;

const grid = (objective: number, downsample: number): Grid & { seen: null } => {
  const cell_px = downsample * 64;
  return { objective, downsample, cell_px, columns: Math.ceil(WIDTH / cell_px), rows: Math.ceil(HEIGHT / cell_px), seen: null };
};
const GRIDS = [grid(1.25, 16), grid(2.5, 8), grid(5, 4), grid(10, 2), grid(20, 1)];

function picture(isTissue: (x: number, y: number) => boolean): CellPicture {
  const [columns, rows] = [300, 220];
  const cells = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) cells[row * columns + column] = isTissue(column / columns, row / rows) ? 1 : 0;
  return { columns, rows, cells };
}

const box = (x: number, y: number, width: number, height: number, degrees = 0) => {
  const turn = (degrees * Math.PI) / 180;
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([a = 0, b = 0]) => {
    const [dx, dy] = [(a * width) / 2, (b * height) / 2];
    return { x: x + dx * Math.cos(turn) - dy * Math.sin(turn), y: y + dx * Math.sin(turn) + dy * Math.cos(turn) };
  });
};

describe("coverage", () => {
  it("counts a cell when its middle is in the field", () => {
    const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, null);
    expect(coverage.mark(3, box(192, 192, 130, 130))).toBe(1);
    expect(coverage.isSeen(192, 192, 3)).toBe(true);
    expect(coverage.isSeen(64, 192, 3)).toBe(false);
    expect(coverage.mark(3, box(192, 192, 130, 130))).toBe(0);
  });

  it("takes a turned field as it lies, and one beyond the edge as far as there is image", () => {
    const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, null);
    coverage.mark(4, box(1500, 1100, 800, 600, 37));
    const { columns, rows, cell_px } = grid(20, 1);
    for (let cell = 0; cell < columns * rows; cell++) {
      const [x, y] = [((cell % columns) + 0.5) * cell_px, (Math.floor(cell / columns) + 0.5) * cell_px];
      const [dx, dy] = [x - 1500, y - 1100];
      const turn = (-37 * Math.PI) / 180;
      const inside = Math.abs(dx * Math.cos(turn) - dy * Math.sin(turn)) < 400 && Math.abs(dx * Math.sin(turn) + dy * Math.cos(turn)) < 300;
      expect(coverage.isSeen(x, y, 4), `${x} ${y}`).toBe(inside);
    }
    expect(coverage.mark(0, box(0, 0, 1e6, 1e6))).toBe((GRIDS[0]?.columns ?? 0) * (GRIDS[0]?.rows ?? 0));
    expect(coverage.mark(0, box(-1e6, 0, 100, 100))).toBe(0);
  });

  it("counts what was seen closer for the lower powers, and never the other way", () => {
    const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, picture(() => true));
    coverage.mark(3, box(WIDTH / 2, HEIGHT / 2, 1e5, 1e5));
    expect(coverage.grids.map((_, band) => coverage.share(band))).toEqual([1, 1, 1, 1, 0]);
  });

  it("counts shares as cell by cell, whatever the tissue and the powers", () => {
    const tissue = picture((x, y) => (x * 7 + y * 5) % 1 < 0.4);
    const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, tissue);
    coverage.mark(0, box(2000, 900, 1500, 900, 20));
    coverage.mark(2, box(700, 800, 900, 700, 10));
    coverage.mark(4, box(1200, 1000, 500, 400));
    const places = [...coverage.tissuePlaces()];
    for (const band of GRIDS.keys()) {
      const seen = places.filter(({ x, y }) => coverage.isSeen(x, y, band)).length;
      expect(coverage.share(band)).toBe(seen / places.length);
    }
  });

  it("knows the band of a field", () => {
    const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, null);
    expect([40, 16, 8.3, 7, 1.04, 0.2].map((downsample) => coverage.bandOf(downsample))).toEqual([-1, 0, 1, 1, 4, 4]);
  });

  it("tells what is fresh once, and takes back what another told", () => {
    const one = new Coverage(WIDTH, HEIGHT, GRIDS, null);
    one.mark(2, box(1000, 1000, 900, 700));
    one.mark(2, box(1200, 1000, 900, 700));
    const marks = one.takeFresh();
    expect(one.takeFresh()).toEqual([]);
    expect(marks).toHaveLength(1);
    const rows = marks[0]?.runs.map(([row]) => row) ?? [];
    expect(new Set(rows).size).toBe(rows.length);
    const other = new Coverage(WIDTH, HEIGHT, GRIDS, null);
    other.add(marks);
    other.add([{ objective: 5, cell_px: 1, runs: [[0, 0, 1]] }, { objective: 5, cell_px: 256, runs: [[-1, 0, 1], [0, 0, 99999]] }]);
    for (const { x, y } of one.tissuePlaces()) expect(other.isSeen(x, y, 2)).toBe(one.isSeen(x, y, 2));
  });

  it("unpacks bits in the order of the server", () => {
    expect([...unpackCells(Uint8Array.of(0b10100000, 0b01000000), 10)]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe("the walk", () => {
  const islands = picture((x, y) => Math.hypot(x - 0.2, y - 0.3) < 0.15 || Math.hypot(x - 0.75, y - 0.6) < 0.2 || (x > 0.97 && y > 0.97));

  for (const [name, width, height, degrees] of [
    ["upright", 1200, 800, 0],
    ["turned", 1200, 800, 37],
    ["turned by a quarter", 900, 500, 90],
    ["narrow", 260, 300, 0],
  ] as const) {
    it(`sees all tissue in a field that is ${name}, every field once`, () => {
      for (const band of [1, 3, 4]) {
        const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, islands);
        const scale = GRIDS[band]?.downsample ?? 1;
        const upright = uprightIn(width * scale, height * scale, degrees);
        let at = { x: 100, y: 100 };
        const visited = new Set<string>();
        for (;;) {
          const next = nextUnseen(layWalk(coverage, band, upright, at));
          if (!next) break;
          expect(visited.has(`${next.x},${next.y}`)).toBe(false);
          visited.add(`${next.x},${next.y}`);
          at = next;
          coverage.mark(band, box(at.x, at.y, width * scale, height * scale, degrees));
        }
        expect(coverage.share(band)).toBe(1);
        expect(visited.size).toBeGreaterThan(0);
      }
    });
  }

  it("goes to and fro, row by row", () => {
    const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, picture(() => true));
    const { fields } = layWalk(coverage, 3, { width: 1000, height: 800 }, { x: 0, y: 0 });
    const rows = [...new Set(fields.map(({ y }) => y))].map((y) => fields.filter((field) => field.y === y).map(({ x }) => x));
    expect(rows.length).toBeGreaterThan(1);
    rows.forEach((row, index) => { expect(row).toEqual([...row].sort((a, b) => (index % 2 === 0 ? a - b : b - a))); });
  });

  it("goes on past a field that nobody waited for, and comes back to it", () => {
    const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, picture(() => true));
    const size = { width: 1000, height: 800 };
    const first = nextUnseen(layWalk(coverage, 3, size, { x: -1e6, y: -1e6 }));
    const second = nextUnseen(layWalk(coverage, 3, size, first ?? { x: 0, y: 0 }));
    expect(second).not.toEqual(first);
    const back = fieldBefore(layWalk(coverage, 3, size, second ?? { x: 0, y: 0 }));
    expect([back?.x, back?.y]).toEqual([first?.x, first?.y].map((value) => value));
    expect(fieldBefore(layWalk(coverage, 3, size, { x: -1e6, y: -1e6 }))).toBeNull();
  });

  it("has nowhere to go without tissue", () => {
    const coverage = new Coverage(WIDTH, HEIGHT, GRIDS, picture(() => false));
    expect(nextUnseen(layWalk(coverage, 3, { width: 10, height: 10 }, { x: 0, y: 0 }))).toBeNull();
    expect(coverage.share(3)).toBe(1);
  });
});
