/** Finds marks by place without looking at all of them. */
import { meets, type Bounds } from "./geometry";

const CELLS_ACROSS = 64;

/** A uniform grid over the slide; what lies outside counts to the cells at the edge. */
export class GridIndex {
  private readonly cells = new Map<number, Set<string>>();
  private readonly bounds = new Map<string, Bounds>();
  private readonly side: number;

  constructor(width: number, height: number) {
    this.side = Math.max(width, height) / CELLS_ACROSS || 1;
  }

  set(id: string, bounds: Bounds): void {
    this.delete(id);
    this.bounds.set(id, bounds);
    this.eachCell(bounds, (cell) => {
      const ids = this.cells.get(cell);
      if (ids) ids.add(id);
      else this.cells.set(cell, new Set([id]));
    });
  }

  delete(id: string): void {
    const bounds = this.bounds.get(id);
    if (!bounds) return;
    this.bounds.delete(id);
    this.eachCell(bounds, (cell) => this.cells.get(cell)?.delete(id));
  }

  boundsOf(id: string): Bounds | undefined {
    return this.bounds.get(id);
  }

  /** Ids whose bounds meet the rectangle, in no order. */
  search(wanted: Bounds): Set<string> {
    const found = new Set<string>();
    this.eachCell(wanted, (cell) => {
      for (const id of this.cells.get(cell) ?? []) {
        const bounds = this.bounds.get(id);
        if (bounds && meets(bounds, wanted)) found.add(id);
      }
    });
    return found;
  }

  private eachCell({ left, top, right, bottom }: Bounds, visit: (cell: number) => void): void {
    const at = (value: number) => Math.min(CELLS_ACROSS - 1, Math.max(0, Math.floor(value / this.side)));
    for (let row = at(top); row <= at(bottom); row++) {
      for (let column = at(left); column <= at(right); column++) visit(row * CELLS_ACROSS + column);
    }
  }
}
