import { expect, test } from "vitest";
import { isAttended, watchInputs } from "../src/api/attended";

test("a page is attended for a minute after a hand was on anything", () => {
  const page = new EventTarget();
  watchInputs(page);
  page.dispatchEvent(new Event("keydown"));
  const now = performance.now();
  expect(isAttended(now + 59_000, [])).toBe(true);
  expect(isAttended(now + 61_000, [])).toBe(false);
  expect(isAttended(now + 61_000, [null, { timestamp: now + 30_000 } as Gamepad])).toBe(true);
});
