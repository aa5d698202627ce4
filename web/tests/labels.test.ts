import { describe, expect, it } from "vitest";
import { BadLine, readLabels } from "../src/capabilities/triage/labels";

describe("labelled slides", () => {
  it("are read in any order of columns, with quotes and the mark that spreadsheets put first", () => {
    const text = "\ufefflabel,name,slide\r\n1,one,S26-1\r\nNegative,\"a, b\",\"S26-\"\"2\"\"\"\r\n\r\n";
    expect(readLabels(text)).toEqual([
      { slide: "S26-1", positive: true },
      { slide: 'S26-"2"', positive: false },
    ]);
  });

  it("say which line is wrong", () => {
    const lineOf = (text: string) => {
      try {
        readLabels(text);
      } catch (error) {
        return error instanceof BadLine ? error.line : null;
      }
      return null;
    };
    expect(lineOf("slide,other\nS26-1,1")).toBe(1);
    expect(lineOf("slide,label\nS26-1,1\nS26-2,maybe")).toBe(3);
    expect(lineOf("slide,label\n,1")).toBe(2);
    expect(lineOf("slide,label")).toBeNull();
  });
});
