import { describe, expect, it } from "vitest";
import type { ReportContent, ReportSupport, ReportVersion } from "../src/api/types";
import { placeBeside, placesOf, type FindingPlace } from "../src/capabilities/reports/at_hand";
import { goesOn } from "../src/capabilities/reports/field_keys";
import { measuredIn } from "../src/capabilities/reports/measures";
import { fieldOf, poseOver, regionOfMark } from "../src/capabilities/reports/place";
import { accepted, allAccepted, composed, edited, isUntaken, ofElement, ofSection, rejected, standingOf, statementOf, supported, unsupported, untaken } from "../src/capabilities/reports/statements";
import { certaintyOf } from "../src/capabilities/reports/Standing";
import { lastSigned, runsOf } from "../src/capabilities/reports/versions";

const BLANK: ReportContent = { template: null, values: {}, sections: {}, figures: [], statements: [], photographs: [] };
const DRAFTED: ReportContent = {
  ...BLANK,
  values: { grade: "high" },
  statements: [{ subject: ofElement("grade"), source: { kind: "model", name: "grader", version: "3" }, certainty: 0.8, is_accepted: false, supports: [] }],
};
const standing = (content: ReportContent, subject: string) => standingOf(statementOf(content, subject));

describe("where words come from", () => {
  it("is a model until a person takes them on, or changes them", () => {
    const subject = ofElement("grade");
    expect(standing(DRAFTED, subject)).toBe("ai");
    expect(standing(accepted(DRAFTED, subject), subject)).toBe("accepted");
    const changed = edited(DRAFTED, subject);
    expect(standing(changed, subject)).toBe("edited");
    expect(statementOf(changed, subject)?.supports).toEqual([{ kind: "model", reference: "grader 3", image_id: null, region: null, said: "" }]);
    expect(edited(changed, subject)).toBe(changed);
    expect(DRAFTED.statements[0]?.source.kind).toBe("model");
  });

  it("is counted before a signature, where it still says something", () => {
    const subject = ofElement("grade");
    expect(untaken(DRAFTED).map((one) => one.subject)).toEqual([subject]);
    expect([untaken(accepted(DRAFTED, subject)), untaken(edited(DRAFTED, subject)), untaken({ ...DRAFTED, values: {} })]).toEqual([[], [], []]);
  });

  it("goes when it is rejected, and what the model had said stays", () => {
    const subject = ofElement("grade");
    const said: ReportSupport = { kind: "model", reference: "grader 3", image_id: null, region: null, said: "grade: high" };
    const drawn = { ...DRAFTED, statements: DRAFTED.statements.map((one) => ({ ...one, supports: [said] })) };
    const gone = rejected(drawn, subject);
    expect(gone.values).toEqual({});
    expect([standing(gone, subject), statementOf(gone, subject)?.supports]).toEqual(["edited", [said]]);
    const text = { ...BLANK, sections: { diagnosis: "x", comment: "y" }, statements: [{ ...DRAFTED.statements[0], subject: ofSection("diagnosis") } as ReportContent["statements"][number]] };
    expect(rejected(text, ofSection("diagnosis")).sections).toEqual({ comment: "y" });
  });

  it("is taken on all at once", () => {
    const subject = ofSection("diagnosis");
    const both = { ...DRAFTED, sections: { diagnosis: "x" }, statements: [...DRAFTED.statements, { ...DRAFTED.statements[0], subject } as ReportContent["statements"][number]] };
    expect([isUntaken(both, subject), isUntaken(both, ofSection("comment"))]).toEqual([true, false]);
    expect(untaken(allAccepted(both))).toEqual([]);
    expect(allAccepted(BLANK)).toBe(BLANK);
  });

  it("is a person without a word of it", () => {
    expect(standing(BLANK, ofElement("grade"))).toBe("own");
    expect(edited(BLANK, ofElement("grade"))).toBe(BLANK);
  });

  it("is the template where its sentences were taken over, until somebody changes those", () => {
    const subject = ofSection("diagnosis");
    const taken = composed(BLANK, subject, "breast", "2");
    expect(statementOf(taken, subject)?.source).toEqual({ kind: "template", name: "breast", version: "2" });
    expect(edited(taken, subject).statements).toEqual([]);
  });
});

describe("what supports a statement", () => {
  const region = { x_um: 1, y_um: 2, width_um: 3, height_um: 4 };
  const place: ReportSupport = { kind: "region", reference: "", image_id: "i1", region, said: "" };

  it("is there once, however often it is pointed at, and goes when it is removed", () => {
    const subject = ofSection("diagnosis");
    const once = supported(BLANK, subject, place);
    const twice = supported(once, subject, { ...place, region: { ...region } });
    expect(statementOf(twice, subject)?.supports).toEqual([place]);
    const two = supported(twice, subject, { ...place, image_id: "i2" });
    expect(statementOf(two, subject)?.supports).toHaveLength(2);
    const [first, second] = statementOf(two, subject)?.supports ?? [];
    const none = [first, second].reduce((content, support) => (support ? unsupported(content, subject, support) : content), two);
    expect(none.statements).toEqual([]);
  });
});

describe("places on a slide", () => {
  const extent = { width: 1000, height: 800 };

  it("are the part of the field that the slide reaches into", () => {
    const corners = [
      { x: -100, y: 700 },
      { x: 300, y: 700 },
      { x: 300, y: 1000 },
      { x: -100, y: 1000 },
    ];
    expect(fieldOf(corners, extent)).toEqual({ x_um: 0, y_um: 700, width_um: 300, height_um: 100 });
    expect(fieldOf(corners.map(({ x, y }) => ({ x, y: y + 200 })), extent)).toBeNull();
  });

  it("are the upright rectangle around a field that is turned", () => {
    const turned = [
      { x: 500, y: 300 },
      { x: 600, y: 400 },
      { x: 500, y: 500 },
      { x: 400, y: 400 },
    ];
    expect(fieldOf(turned, extent)).toEqual({ x_um: 400, y_um: 300, width_um: 200, height_um: 200 });
  });

  it("are what a mark covers, of a point one pixel", () => {
    const line = { type: "LineString" as const, coordinates: [[10, 20], [30, 25]] as [number, number][] };
    expect(regionOfMark({ geometry: line }, { x: 0.5, y: 0.25 })).toEqual({ x_um: 5, y_um: 5, width_um: 10, height_um: 1.25 });
    const point = { type: "Point" as const, coordinates: [10, 20] as [number, number] };
    expect(regionOfMark({ geometry: point }, { x: 0.5, y: 0.25 })).toEqual({ x_um: 5, y_um: 5, width_um: 0.5, height_um: 0.25 });
  });

  it("fill most of the field that one looks at them in, and are not come closer to than the pixels are", () => {
    const region = { x_um: 100, y_um: 50, width_um: 800, height_um: 100 };
    expect(poseOver(region, { width: 500, height: 500 }, 0.25)).toEqual({ x: 500, y: 100, z: 2, r: 0 });
    expect(poseOver({ ...region, width_um: 1, height_um: 1 }, { width: 500, height: 500 }, 0.25).z).toBe(0.25);
  });
});

describe("what was measured", () => {
  const figure = (value: number) => ({ value, uncertainty: 0.1 });

  it("answers a question in its unit, to three figures", () => {
    const line = { measured: { area_um2: null, perimeter_um: null, length_um: figure(3217.4), why_not: null } };
    expect([measuredIn(line, "mm"), measuredIn(line, "cm"), measuredIn(line, "µm")]).toEqual([3.22, 0.322, 3220]);
    const area = { measured: { area_um2: figure(2_500_000), perimeter_um: figure(1), length_um: null, why_not: null } };
    expect([measuredIn(area, "mm2"), measuredIn(area, "mm²")]).toEqual([2.5, 2.5]);
  });

  it("answers none in another", () => {
    const line = { measured: { area_um2: null, perimeter_um: null, length_um: figure(5), why_not: null } };
    expect([measuredIn(line, "mm2"), measuredIn(line, "%"), measuredIn(line, ""), measuredIn({ measured: null }, "mm")]).toEqual([null, null, null, null]);
  });
});

describe("the versions", () => {
  const version = (number: number, status: ReportVersion["status"], author: string, reason = ""): ReportVersion => ({
    number,
    status,
    amends: null,
    source: { kind: "person", name: "", version: "" },
    author_id: author,
    author_name: author,
    at: "2026-11-28T10:00:00Z",
    reason,
    language: "en",
    sha256: "",
    previous_sha256: null,
  });
  const all = [
    version(1, "draft", "li"),
    version(2, "draft", "li"),
    version(3, "draft", "wu"),
    version(4, "preliminary", "wu"),
    version(5, "draft", "li"),
    version(6, "draft", "li"),
    version(7, "final", "li"),
    version(8, "draft", "li", "a stain came in"),
    version(9, "draft", "li", "a stain came in"),
  ];

  it("of one go are one, the newest first", () => {
    expect(runsOf(all).map((run) => [run.version.number, run.count, run.before])).toEqual([
      [9, 2, 7],
      [7, 1, 6],
      [6, 2, 4],
      [4, 1, 3],
      [3, 1, 2],
      [2, 2, null],
    ]);
  });

  it("tell which one stands", () => {
    expect(lastSigned(all)?.number).toBe(7);
    expect(lastSigned(all.slice(0, 6))).toBeUndefined();
  });
});

describe("the keys that go on", () => {
  const key = (more: Partial<KeyboardEvent> = {}) => ({ key: "Enter", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, isComposing: false, ...more }) as KeyboardEvent;
  const at = (tagName: string, button = false) => ({ tagName, closest: () => (button ? {} : null) }) as unknown as Element;

  it("are Enter among answers, and Ctrl with Enter in text", () => {
    expect([goesOn(key(), at("INPUT")), goesOn(key({ shiftKey: true }), at("INPUT"))]).toEqual([1, -1]);
    expect([goesOn(key(), at("TEXTAREA")), goesOn(key({ ctrlKey: true }), at("TEXTAREA"))]).toEqual([null, 1]);
  });

  it("are none on a button, and none while a word is being put together", () => {
    expect(goesOn(key(), at("BUTTON", true))).toBeNull();
    expect(goesOn(key({ isComposing: true }), at("INPUT"))).toBeNull();
    expect(goesOn(key({ key: "a" }), at("INPUT"))).toBeNull();
  });
});

describe("places of what models said", () => {
  const at = (image: string, y_um: number, x_um = 0): ReportSupport => ({ kind: "region", reference: "", image_id: image, region: { x_um, y_um, width_um: 10, height_um: 10 }, said: "" });
  const statement = (name: string, supports: ReportSupport[]): ReportContent["statements"][number] => ({
    subject: ofElement(name), source: { kind: "model", name: "m", version: "1" }, certainty: null, is_accepted: false, supports,
  });
  const content: ReportContent = {
    ...BLANK,
    values: { area: 3, nodes: 2, open: 1 },
    statements: [statement("area", [at("b", 5), at("a", 90), at("a", 10, 7)]), statement("nodes", [at("a", 10, 3), { ...at("a", 1), region: null }]), statement("gone", [at("a", 2)])],
  };
  const told = (place: FindingPlace | null) => place && `${place.subject} ${place.image} ${place.region.y_um}`;

  it("go slide by slide and from top to bottom, of what is there and nobody took on", () => {
    expect(placesOf(content).map(told)).toEqual(["element/nodes a 10", "element/area a 10", "element/area a 90", "element/area b 5"]);
    expect(placesOf(accepted(content, ofElement("area"))).map(told)).toEqual(["element/nodes a 10"]);
  });

  it("are stepped through, around the ends, and on from one that was taken on", () => {
    const places = placesOf(content);
    expect(told(placeBeside(places, null, 1, "b"))).toBe("element/area b 5");
    expect(told(placeBeside(places, null, 1, "elsewhere"))).toBe("element/nodes a 10");
    let from: FindingPlace | null = null;
    const walked = places.map(() => told((from = placeBeside(places, from, 1, "a"))));
    expect(walked).toEqual(places.map(told));
    expect(told(placeBeside(places, from, 1, "a"))).toBe("element/nodes a 10");
    expect(told(placeBeside(places, places[0] ?? null, -1, "a"))).toBe("element/area b 5");
    expect(told(placeBeside(places.filter(({ subject }) => subject !== "element/nodes"), places[0] ?? null, 1, "a"))).toBe("element/area a 10");
    expect(placeBeside([], null, 1, "a")).toBeNull();
  });

  it("have words for how sure a model is", () => {
    expect([1, 0.99, 0.96, 0.9, 0.7, 0.5, 0.2].map(certaintyOf)).toEqual(["virtually", "virtually", "extremely", "very", "likely", "even", "unlikely"]);
  });
});
