import { describe, expect, it } from "vitest";
import type { Place } from "../src/viewer/annotate/mark";
import { fitLandmarks, umeyama, type Fit, type FitKind, type Pair } from "../src/viewer/compare/fit";

const STARTS: Place[] = [[1200, 340], [5210, 980], [3300, 4100], [800, 3900], [4700, 2600]];
const TURNED: Place[] = [[1588.4, 570.3], [4488.6, 3575.4], [982.4, 4957.3], [-947, 3257], [3063.5, 4593.4]];
const MIRRORED: Place[] = [[4755.5, 184.9], [698.5, -29.9], [1917, 3418.4], [4407, 3756.4], [859.1, 1662.3]];
const STRETCHED: Place[] = [[988.8, 490.8], [5234.4, 811], [3621.3, 3908.1], [1000.4, 3907], [4897, 2387.3]];

const pairs = (ends: readonly Place[], starts: readonly Place[] = STARTS): Pair[] => ends.map((end, at) => ({ start: starts[at] ?? [0, 0], end }));
const fitted = (kind: FitKind, of: readonly Pair[]): Fit => {
  const fit = fitLandmarks(kind, of);
  if (typeof fit === "string") throw new Error(fit);
  return fit;
};

/** Values of numpy.linalg.svd in the form of Umeyama's equations 40 to 43, and of numpy.linalg.lstsq. */
const KNOWN: [string, FitKind, readonly Place[], boolean, number[], number][] = [
  ["a similarity", "similarity", TURNED, false, [0.8223981369182436, 0.6184862570322205, -0.6184862570322205, 0.8223981369182437, 807.9161042595165, -451.3523523051076], 4.347532515769184],
  ["a rigid transform", "rigid", TURNED, false, [0.7992120759212863, 0.6010491308550311, -0.6010491308550311, 0.7992120759212864, 836.8779930058412, -343.03304505735105], 68.02020954154875],
  ["a slide the other way up", "rigid", MIRRORED, true, [-0.9778534983740483, -0.20929055334064975, -0.20929055334064964, 0.9778534983740483, 6000.999021217964, 103.87912313852553], 4.300834622069695],
  ["an affine transform", "affine", STRETCHED, false, [1.0393322822873794, -0.07253299305680384, 0.11967814586669194, 0.9500185665276588, -298.58150246440306, 256.6411022768586], 2.764451924309741],
];

describe("landmarks", () => {
  it.each(KNOWN)("give %s as another program computes it", (_name, kind, ends, mirrored, matrix, rms) => {
    const fit = fitted(kind, pairs(ends));
    expect(fit.mirrored).toBe(mirrored);
    const { a, b, c, d, e, f } = fit.matrix;
    [a, b, c, d, e, f].forEach((value, at) => { expect(value).toBeCloseTo(matrix[at] ?? NaN, at < 4 ? 10 : 6); });
    expect(fit.rms).toBeCloseTo(rms, 8);
    expect(Math.max(...fit.residuals)).toBeGreaterThanOrEqual(fit.rms);
  });

  it("give what Umeyama 1991 prints for his example, where mirroring is not allowed", () => {
    const starts: Place[] = [[0, 0], [1, 0], [0, 2]];
    const ends: Place[] = [[0, 0], [-1, 0], [0, 2]];
    const { matrix } = umeyama("similarity", pairs(ends, starts), false);
    const scale = Math.hypot(matrix.a, matrix.b);
    expect(scale).toBeCloseTo(0.721, 3);
    expect([matrix.a / scale, matrix.c / scale]).toEqual([expect.closeTo(0.832, 3), expect.closeTo(0.555, 3)]);
    expect([matrix.e, matrix.f]).toEqual([expect.closeTo(-0.8, 3), expect.closeTo(0.4, 3)]);
  });

  it("go exactly through two pairs, and never mirror by them", () => {
    const fit = fitted("similarity", pairs(TURNED.slice(0, 2)));
    expect(fit.rms).toBeCloseTo(0, 8);
    expect(fit.mirrored).toBe(false);
  });

  it("say why they say nothing", () => {
    const line: Place[] = [[0, 0], [100, 100], [200, 200], [300, 300]];
    const square: Place[] = [[0, 0], [100, 0], [100, 100], [0, 100]];
    const spot: Place[] = [[5, 5], [5, 5], [5, 5.2]];
    expect(fitLandmarks("rigid", pairs(TURNED.slice(0, 1)))).toBe("few");
    expect(fitLandmarks("affine", pairs(TURNED.slice(0, 2)))).toBe("few");
    expect(fitLandmarks("rigid", pairs(spot))).toBe("together");
    expect(fitLandmarks("similarity", pairs(TURNED.slice(0, 3), spot))).toBe("together");
    expect(fitLandmarks("affine", pairs(square, line))).toBe("line");
    expect(fitLandmarks("affine", pairs(line, square))).toBe("line");
    expect(fitLandmarks("rigid", pairs(line, line))).toMatchObject({ mirrored: false });
    // What has nothing in common is taken nearest to each other by shrinking it to nothing.
    expect(fitLandmarks("similarity", pairs([[0, 0], [100, 0], [0, 0], [100, 0]], square))).toBe("unlike");
  });
});
