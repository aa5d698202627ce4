import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dayOf, endOfDay, isDay, midnightOf } from "../src/i18n/days";
import { formatsOf } from "../src/i18n/format";

const { percent } = formatsOf("en");

describe("shares", () => {
  it("are whole numbers, but what is only near to all or nothing is never said to be", () => {
    expect([0, 0.5, 0.314, 1].map(percent)).toEqual(["0%", "50%", "31%", "100%"]);
    expect([0.996, 0.9996, 0.004, 0.0004].map(percent)).toEqual(["99.6%", ">\u202f99.9%", "0.4%", "<\u202f0.1%"]);
  });
});

describe("days", () => {
  const zone = process.env["TZ"];
  beforeEach(() => { process.env["TZ"] = "America/Los_Angeles"; });
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  it("begin and end where the reader is, also where the clock changes", () => {
    expect(midnightOf("2027-01-31").toISOString()).toBe("2027-01-31T08:00:00.000Z");
    expect(midnightOf("2027-03-14", 1).toISOString()).toBe("2027-03-15T07:00:00.000Z");
    expect(endOfDay("2027-01-31").toISOString()).toBe("2027-02-01T07:59:59.000Z");
    expect(["2027-01-31", "2027-13-01", "31.1.2027", 5].map(isDay)).toEqual([true, false, false, false]);
  });

  it("are the same west of Greenwich, and moments are on the day they are there", () => {
    // A language of its own: those of one that was used before keep the zone of then.
    const here = formatsOf("en-US");
    expect(here.date("2027-01-31")).toBe("Jan 31, 2027");
    expect(here.date("2027-01-31T02:00:00Z")).toBe("Jan 30, 2027");
    expect(dayOf(new Date("2027-01-31T02:00:00Z"))).toBe("2027-01-30");
  });
});
