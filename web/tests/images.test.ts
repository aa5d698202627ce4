import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { imageQuery } from "../src/capabilities/slides/library/images";

it("says nothing of a slide until that slide was read, least of all what the one before was called", () => {
  const client = new QueryClient();
  client.setQueryData(imageQuery("first").queryKey, { id: "first", name: "first.svs" } as never);
  const still = { enabled: false };
  const observer = new QueryObserver(client, { ...imageQuery("first"), ...still });
  const leave = observer.subscribe(() => undefined);
  expect(observer.getCurrentResult().data?.id).toBe("first");
  observer.setOptions({ ...imageQuery("second"), ...still });
  expect(observer.getCurrentResult().data).toBeUndefined();
  leave();
});
