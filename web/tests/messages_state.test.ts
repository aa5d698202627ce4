import { describe, expect, it } from "vitest";
import { decodeMessages, filterOf } from "../src/capabilities/interfaces/messages_state";

describe("the address of the page of messages", () => {
  it("keeps what can be meant and drops the rest", () => {
    const good = { direction: "in", state: "dead", partner: "p", message: "41" };
    expect(decodeMessages(good)).toEqual(good);
    expect(decodeMessages({ direction: "up", state: "lost", partner: "x".repeat(41), message: "0" })).toEqual({});
    expect(decodeMessages({ partner: "", message: "-1" })).toEqual({});
  });

  it("asks the server for what narrows the list, and not for the selected message", () => {
    expect(filterOf({ state: "dead", message: "41" })).toEqual({ state: "dead" });
    expect(filterOf({})).toEqual({});
  });
});
