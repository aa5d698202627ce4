import { describe, expect, it } from "vitest";
import type { Sentence } from "../src/api/types";
import { learnSentences, say, saidIn } from "../src/i18n/sentences";
import { sentences } from "../src/i18n/sentences.zh";

learnSentences(sentences);

const figure = (value: number) => value.toFixed(2);
const chinese = (said: Sentence) => say(said, "zh-CN", figure);
const english = (said: Sentence) => say(said, "en", figure);

const TEXT_FILE: Sentence = {
  template: "{name} is not a slide: it is {what}.",
  values: { name: "信.svs", what: { template: "a text file", values: {} } },
};

describe("what the server says", () => {
  it("is said in the reader's language, with the sentences inside of it", () => {
    expect(chinese(TEXT_FILE)).toBe("信.svs 不是切片：这是文本文件。");
    expect(english(TEXT_FILE)).toBe("信.svs is not a slide: it is a text file.");
  });

  it("tells whole numbers digit by digit and others as figures", () => {
    const said = { template: "{title} must lie between {low} and {high}.", values: { title: "x", low: 0.051, high: 20000 } };
    expect(chinese(said)).toBe("x必须在 0.05 到 20000 之间。");
  });

  it("stays English where the sentence is not known", () => {
    expect(chinese({ template: "Something new about {name}.", values: { name: "a.svs" } })).toBe("Something new about a.svs.");
    expect(chinese({ template: "constructor", values: {} })).toBe("constructor");
  });

  it("never takes a value for a sentence or a field", () => {
    const said = { template: "{name} is empty.", values: { name: "{name} a text file $&" } };
    expect(chinese(said)).toBe("{name} a text file $& 为空。");
    expect(english({ template: "{name} is empty.", values: {} })).toBe("{name} is empty.");
  });

  it("is found in a problem document", () => {
    expect(saidIn({ detail: "a is empty.", template: "{name} is empty.", values: { name: "a" } })).toEqual({
      template: "{name} is empty.",
      values: { name: "a" },
    });
    expect(saidIn({ detail: "Bad gateway." })).toEqual({ template: "Bad gateway." });
    expect(saidIn({})).toBeNull();
    expect(saidIn(null)).toBeNull();
  });
});
