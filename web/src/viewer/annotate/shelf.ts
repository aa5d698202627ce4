/** Keeps commands that wait for the server where a reload does not lose them. */
import type { Command } from "./mark";

/** What the keys of everything begin with that waits of a person, before the image that it is about. */
export const marksPrefix = (person: string): string => `hemalum.marks/${person}/`;

export interface CommandShelf {
  /** What waits, oldest first. */
  waiting: () => Command[];
  put: (command: Command) => void;
  remove: (id: string) => void;
  has: (id: string) => boolean;
}

interface Kept {
  order: number;
  command: Command;
}

/**
 * In the browser's own storage, one entry for each command, so that two windows on one slide do not overwrite each other.
 *
 * A command too large for the storage is not kept: `has` tells.
 */
export function storedShelf(storage: Storage, prefix: string): CommandShelf {
  const keyOf = (id: string) => `${prefix}/${id}`;
  const entries = (): Kept[] => {
    const found: Kept[] = [];
    for (let i = 0; i < storage.length; i++) {
      const key = storage.key(i);
      if (!key?.startsWith(`${prefix}/`)) continue;
      try {
        found.push(JSON.parse(storage.getItem(key) ?? "") as Kept);
      } catch {
        // Not ours, or cut off by a full disk: nothing in it can be sent.
      }
    }
    return found.sort((a, b) => a.order - b.order);
  };
  let next = entries().reduce((most, { order }) => Math.max(most, order + 1), 0);
  const orders = new Map<string, number>();
  return {
    waiting: () =>
      entries().map(({ command, order }) => {
        orders.set(command.id, order);
        return command;
      }),
    put: (command) => {
      const order = orders.get(command.id) ?? next++;
      orders.set(command.id, order);
      try {
        storage.setItem(keyOf(command.id), JSON.stringify({ order, command } satisfies Kept));
      } catch {
        storage.removeItem(keyOf(command.id));
      }
    },
    remove: (id) => {
      storage.removeItem(keyOf(id));
    },
    has: (id) => storage.getItem(keyOf(id)) !== null,
  };
}
