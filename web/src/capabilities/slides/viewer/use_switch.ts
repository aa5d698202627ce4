import { useCallback, useState } from "react";
import { currentSearch, writeSearch } from "./address";

/** A switch that the address remembers; `first` is what no mention means. */
export function useSwitch(key: string, first: boolean): [boolean, () => void] {
  const [on, setOn] = useState(() => {
    const said = currentSearch().get(key);
    return said === null ? first : said === "1";
  });
  const flip = useCallback(() => {
    setOn((before) => {
      const next = !before;
      writeSearch((search) => {
        if (next === first) search.delete(key);
        else search.set(key, next ? "1" : "0");
      });
      return next;
    });
  }, [key, first]);
  return [on, flip];
}
