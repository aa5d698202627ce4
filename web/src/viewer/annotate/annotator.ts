/** Annotations of one slide: brings pointer, keys, document and drawing together. Knows no framework. */
import { toolOf } from "../keys";
import type { SlideView } from "../slide_view";
import type { ActiveMark, Scene } from "./active_layer";
import type { MarkDocument } from "./document";
import type { Made, Tool } from "./drawing";
import { Edit } from "./edit";
import { handleAt, handlesIfFew, withoutVertex } from "./editing";
import { boundsOf, crossesItself, inside, pathsOf } from "./geometry";
import { offLine } from "./hit";
import { Making } from "./making";
import { MarkScreen, type MarkScreenOptions } from "./mark_screen";
import type { Mark, MarkContent, Place } from "./mark";
import type { Notice } from "./notice";
import { paints } from "./painting";
import { Pointers } from "./pointers";

export interface AnnotatorOptions extends MarkScreenOptions {
  mayDraw: boolean;
  /** Whether this person may change a mark, be it locked or not. */
  mayRevise: (mark: Mark) => boolean;
  /** The label of a mark, or of one in the making: name, length, area. */
  describe: (mark: Pick<Mark, "kind" | "geometry" | "measured"> & { name: string }) => string;
}

/** Marks smaller than this on the screen are moved by their inside too. */
const SMALL_PX = 24;
const KEY_STEP_PX = 20;
/** Share of the field that a mark fills when one goes to it. */
const FILL = 0.6;

export class Annotator {
  readonly document: MarkDocument;
  readonly screen: MarkScreen;
  private selectedId: string | null = null;
  private hoveredId: string | null = null;
  private readonly making: Making;
  private edit: Edit | null = null;
  /** Where the pointer is on the slide. */
  private at: Place | null = null;
  private holdsSpace = false;
  private usesKeys = false;
  /** The last move of a pointer that only looks; acted on once a frame. */
  private hovering: PointerEvent | null = null;
  private readonly stops: (() => void)[];
  private readonly noticeListeners = new Set<(notice: Notice) => void>();
  private readonly listeners = new Set<() => void>();
  private revision = 0;

  constructor(private readonly options: AnnotatorOptions) {
    const { view, element, toolbox, document: marks } = options;
    this.document = marks;
    this.screen = new MarkScreen(options, {
      onFrame: () => { this.lookUnder(); },
      selectedId: () => this.selectedId,
      scene: () => this.scene(),
    });
    this.making = new Making(options, this.screen, {
      selected: () => this.selected,
      mayChange: (mark) => this.holds(mark),
      select: (id) => { this.select(id); },
      remove: () => { this.removeSelected(); },
      onAdded: (id) => { this.onAdded(id); },
      say: (notice) => { this.say(notice); },
    });
    const pointers = new Pointers(element, {
      onTouch: () => { this.touch(); },
      press: (event) => this.press(event),
      drag: (events) => { this.drag(events); },
      release: (event, clicked) => { this.release(event, clicked); },
      letGo: () => { this.letGo(); },
      cancel: () => { this.cancel(); },
      click: (event) => { this.click(event); },
      hover: (event) => { this.hover(event); },
      leave: () => { this.leave(); },
      tap: options.mayDraw ? () => void this.undo() : null,
    });
    let tool = toolbox.get().tool;
    this.stops = [
      () => { pointers.destroy(); },
      toolbox.subscribe(() => {
        const next = toolbox.get().tool;
        if (next !== tool) this.changeTool(tool, next);
        tool = next;
        this.screen.redraw();
      }),
      marks.subscribe((touched) => { this.take(touched); }),
      view.on("move", () => { this.hoverCentre(); }),
    ];
    this.take(marks.marks.keys());
    this.screen.redraw();
  }

  // --- what is there ------------------------------------------------------------------------------------------------

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Grows with every change of marks, selection or state. */
  readonly version = (): number => this.revision;

  onNotice(listener: (notice: Notice) => void): () => void {
    this.noticeListeners.add(listener);
    return () => this.noticeListeners.delete(listener);
  }

  get selected(): Mark | null {
    return this.selectedId === null ? null : (this.document.marks.get(this.selectedId) ?? null);
  }

  get mayDraw(): boolean {
    return this.options.mayDraw;
  }

  mayRevise(mark: Mark): boolean {
    return this.options.mayDraw && this.options.mayRevise(mark);
  }

  get isDrawing(): boolean {
    return this.making.isDrawing;
  }

  get view(): SlideView {
    return this.options.view;
  }

  select(id: string | null): void {
    if (id === this.selectedId) return;
    this.leaveEdit();
    this.selectedId = id;
    const mark = this.selected;
    if (mark) this.say({ what: "selected", mark });
    this.screen.redraw();
    this.tell();
  }

  /** Moves the view so that a mark fills most of it. */
  goTo(id: string): void {
    const mark = this.document.marks.get(id);
    if (!mark) return;
    const { view } = this.options;
    const { left, top, right, bottom } = boundsOf(mark.geometry);
    const field = view.fieldSize;
    const um = view.spacing;
    const pose = view.pose();
    const wanted = Math.max(((right - left) * um.x) / field.width, ((bottom - top) * um.y) / field.height) / FILL;
    view.setPose({ ...pose, x: ((left + right) / 2) * um.x, y: ((top + bottom) / 2) * um.y, z: wanted > 0 ? Math.max(wanted, um.x) : Math.min(pose.z, um.x * 2) });
  }

  show(visible: boolean): void {
    this.options.toolbox.set({ visible });
    this.say({ what: "shown", visible });
  }

  removeSelected(): void {
    const mark = this.selected;
    if (!mark || !this.mayChange(mark)) return;
    this.edit = null;
    this.document.remove([mark.id]);
    this.selectedId = null;
    this.say({ what: "removed", mark });
    this.screen.redraw();
    this.tell();
  }

  changeSelected(patch: Partial<MarkContent>): void {
    const mark = this.selected;
    if (!mark || !this.mayChange({ ...mark, locked: mark.locked && patch.locked !== false })) return;
    this.document.change(mark.id, patch, "class" in patch ? "class" : "change");
  }

  async undo(): Promise<void> {
    if (this.making.isDrawing) {
      this.making.back();
      return;
    }
    await this.step(this.document.canUndo, () => this.document.undo(), "undone", "nothingToUndo");
  }

  async redo(): Promise<void> {
    await this.step(this.document.canRedo, () => this.document.redo(), "redone", "nothingToRedo");
  }

  destroy(): void {
    this.making.finishLine();
    this.leaveEdit();
    for (const stop of this.stops) stop();
    this.screen.destroy();
    this.listeners.clear();
    this.noticeListeners.clear();
  }

  // --- keys ---------------------------------------------------------------------------------------------------------

  /** Acts on a key. `onSlide` says that no control has the focus. Tells whether the key was used. */
  key(event: KeyboardEvent, onSlide: boolean): boolean {
    if (event.key === "Alt") {
      this.making.erasesNow(true);
      // Some browsers open their menu with it.
      const { tool } = this.options.toolbox.get();
      return paints(tool);
    }
    if (event.ctrlKey || event.metaKey) return this.commandKey(event);
    if (event.altKey) return false;
    if (onSlide && this.slideKey(event)) return true;
    if (event.key.toLowerCase() === "a" && !event.shiftKey) {
      this.show(!this.options.toolbox.get().visible);
      return true;
    }
    const tool = toolOf(event);
    if (!tool) return false;
    this.choose(tool);
    return true;
  }

  keyUp(event: KeyboardEvent): void {
    if (event.key === " ") this.holdsSpace = false;
    if (event.key === "Alt") this.making.erasesNow(false);
    this.showCursor();
  }

  /** Takes a tool in hand; what was begun with another is finished where that makes a mark. */
  choose(tool: Tool): void {
    const { toolbox, mayDraw } = this.options;
    if (tool !== "move" && !mayDraw) {
      this.say({ what: "mayNotDraw" });
      return;
    }
    toolbox.set({ tool, visible: true });
    this.usesKeys = this.at === null;
    this.say({ what: "tool", tool });
    this.screen.redraw();
  }

  // --- inside: keys -------------------------------------------------------------------------------------------------

  private commandKey(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    if (event.altKey || (key !== "z" && key !== "y")) return false;
    if (key === "y" || event.shiftKey) void this.redo();
    else void this.undo();
    return true;
  }

  private slideKey(event: KeyboardEvent): boolean {
    if (event.key === " ") {
      this.holdsSpace = true;
      this.showCursor();
      return true;
    }
    if (this.edit?.isByKeys) return this.editKey(event);
    if (event.key === "Escape") return this.escape();
    if (this.options.toolbox.get().tool === "move") return this.selectionKey(event);
    return this.drawingKey(event);
  }

  private escape(): boolean {
    if (this.making.isOn || this.edit) {
      this.cancel();
      return true;
    }
    if (this.options.toolbox.get().tool !== "move") {
      this.choose("move");
      return true;
    }
    if (this.selectedId === null) return false;
    this.select(null);
    return true;
  }

  private selectionKey(event: KeyboardEvent): boolean {
    const mark = this.selected;
    if (!mark) return false;
    if (event.key === "Backspace" || event.key === "Delete") {
      this.removeSelected();
      return true;
    }
    if (event.key !== "Enter") return false;
    if (!this.mayChange(mark)) return true;
    this.edit = new Edit(mark, null, null);
    this.showHeld(this.edit);
    return true;
  }

  private drawingKey(event: KeyboardEvent): boolean {
    const step = event.shiftKey ? 1 : KEY_STEP_PX;
    const [dx, dy] = arrowOf(event.key);
    if (dx !== 0 || dy !== 0) {
      this.usesKeys = true;
      this.options.view.panByPixels(dx * step, dy * step);
      this.hoverCentre();
      return true;
    }
    if (event.key === "Backspace" && this.making.isDrawing) {
      this.making.back();
      return true;
    }
    if (event.key !== "Enter") return false;
    // After the pointer, Enter ends what the pointer began.
    if (!this.usesKeys && this.making.isDrawing) this.making.finish();
    else {
      this.usesKeys = true;
      this.making.place(this.screen.centre());
    }
    return true;
  }

  private editKey(event: KeyboardEvent): boolean {
    const { edit } = this;
    if (!edit) return false;
    const { pixel } = this.screen.field();
    const [dx, dy] = arrowOf(event.key);
    if (dx !== 0 || dy !== 0) {
      edit.nudge(dx, dy, event.shiftKey, this.options.view.matrix(false), pixel);
      if (edit.handle?.kind === "turn") this.say(edit.held(pixel));
      this.screen.redrawActive();
      return true;
    }
    switch (event.key) {
      case "Tab":
        edit.holdNext(event.shiftKey ? -1 : 1, pixel);
        this.showHeld(edit);
        return true;
      case "n":
      case "N":
        if (edit.insertHere(pixel)) this.showHeld(edit);
        return true;
      case "Backspace":
      case "Delete":
        this.dropHeld(edit, pixel);
        return true;
      case "Enter":
        this.commitEdit();
        return true;
      case "Escape":
        this.cancel();
        return true;
    }
    return false;
  }

  private dropHeld(edit: Edit, pixel: number): void {
    if (!edit.handle) {
      this.edit = null;
      this.removeSelected();
    } else if (edit.dropHeld(pixel)) this.showHeld(edit);
  }

  private showHeld(edit: Edit): void {
    this.say(edit.held(this.screen.field().pixel));
    this.screen.redraw();
  }

  // --- inside: pointer ----------------------------------------------------------------------------------------------

  private changeTool(from: Tool, to: Tool): void {
    this.making.changeTool(from, to);
    if (to !== "move") this.leaveEdit();
    this.hoveredId = null;
    this.showCursor();
  }

  private touch(): void {
    this.usesKeys = false;
    if (this.edit?.isByKeys) this.commitEdit();
  }

  private press(event: PointerEvent): boolean {
    if (this.holdsSpace) return false;
    const { tool, fingers } = this.options.toolbox.get();
    const at = this.screen.placeOf(event);
    if (tool === "move") return this.grab(event, at);
    const isFinger = event.pointerType === "touch" && !fingers;
    if (isFinger || !this.options.mayDraw) return false;
    this.at = at;
    this.making.press(at, event.altKey || (event.buttons & ERASER) !== 0);
    this.screen.redraw();
    return true;
  }

  /** Takes hold of a handle or the line of the selected mark. */
  private grab(event: PointerEvent, at: Place): boolean {
    const mark = this.selected;
    if (!mark || !this.holds(mark) || !this.screen.isShown(mark)) return false;
    const reach = this.screen.reach(event);
    const { pixel } = this.screen.field();
    const handle = handleAt(handlesIfFew(mark, pixel), at, reach);
    if (handle?.kind === "vertex" && event.altKey) {
      const left = withoutVertex(mark, handle.path, handle.index);
      if (left) this.document.change(mark.id, left);
      return left !== null;
    }
    const bounds = this.screen.boundsOf(mark.id);
    const isSmall = bounds && Math.max(bounds.right - bounds.left, bounds.bottom - bounds.top) < SMALL_PX * pixel;
    if (!handle && offLine(mark, at) > reach && !(isSmall && inside(at, pathsOf(mark.geometry)))) return false;
    this.edit = new Edit(mark, handle, at);
    return true;
  }

  private drag(events: readonly PointerEvent[]): void {
    for (const event of events) {
      const at = this.screen.placeOf(event);
      const mark = this.edit && this.document.marks.get(this.edit.id);
      if (mark) this.edit?.dragTo(mark, at);
      this.making.drag(at);
      this.moveTo(event, at);
    }
    this.screen.redrawActive();
  }

  private release(event: PointerEvent, clicked: boolean): void {
    if (this.edit && !this.edit.isByKeys) {
      if (clicked) this.edit = null;
      else this.commitEdit();
    } else this.making.release(this.screen.placeOf(event));
    this.screen.redraw();
  }

  private letGo(): void {
    this.making.letGo();
    this.edit = null;
    this.screen.redraw();
  }

  private hover(event: PointerEvent): void {
    const at = this.screen.placeOf(event);
    this.moveTo(event, at);
    this.making.hover(at);
    this.hovering = event;
    this.screen.redrawActive();
  }

  private moveTo(event: PointerEvent, at: Place): void {
    this.at = at;
    if (event.pointerType !== "touch") this.usesKeys = false;
  }

  private leave(): void {
    this.at = null;
    this.hovering = null;
    this.hoveredId = null;
    this.screen.redrawActive();
  }

  private click(event: PointerEvent): void {
    const { tool, visible } = this.options.toolbox.get();
    if (this.holdsSpace || tool !== "move" || !visible) return;
    this.select(this.screen.under(this.screen.placeOf(event), this.screen.reach(event))?.id ?? null);
  }

  /** Marks what the pointer could take. */
  private lookUnder(): void {
    const event = this.hovering;
    this.hovering = null;
    const { tool, visible } = this.options.toolbox.get();
    if (!event || tool !== "move") return;
    const at = this.screen.placeOf(event);
    const reach = this.screen.reach(event);
    const under = visible ? this.screen.under(at, reach) : null;
    this.hoveredId = under && under.id !== this.selectedId ? under.id : null;
    const mark = this.selected;
    const holds = mark && this.holds(mark) && (handleAt(handlesIfFew(mark, this.screen.field().pixel), at, reach) ?? offLine(mark, at) <= reach);
    this.options.element.style.cursor = this.holdsSpace ? "grab" : holds ? "move" : this.hoveredId ? "pointer" : "";
  }

  // --- inside: marks ------------------------------------------------------------------------------------------------

  private onAdded(id: string): void {
    this.selectedId = id;
    const mark = this.selected;
    if (mark) this.say({ what: "added", mark });
    this.screen.redraw();
    this.tell();
  }

  private cancel(): void {
    this.making.drop();
    this.edit = null;
    this.say({ what: "cancelled" });
    this.screen.redraw();
  }

  private commitEdit(): void {
    const { edit } = this;
    this.edit = null;
    const mark = edit && this.document.marks.get(edit.id);
    if (!edit || !mark || edit.outline.geometry === mark.geometry) {
      this.screen.redraw();
      return;
    }
    const { geometry, shape } = edit.outline;
    if (pathsOf(geometry).some(({ vertices, closed }) => closed && crossesItself(vertices))) {
      this.say({ what: "crosses" });
      this.screen.redraw();
      return;
    }
    this.document.change(mark.id, { geometry, shape });
    this.say({ what: "changed", mark: this.document.marks.get(mark.id) ?? mark });
    this.screen.redraw();
  }

  /** Keeps what keys have changed when one goes on to something else. */
  private leaveEdit(): void {
    if (this.edit) this.commitEdit();
  }

  private mayChange(mark: Mark): boolean {
    if (!this.holds(mark)) this.say({ what: mark.locked ? "locked" : "mayNotDraw" });
    return this.holds(mark);
  }

  private holds(mark: Mark): boolean {
    return !mark.locked && this.mayRevise(mark);
  }

  private async step(can: boolean, work: () => Promise<void>, done: "undone" | "redone", none: "nothingToUndo" | "nothingToRedo"): Promise<void> {
    if (!can) {
      this.say({ what: none });
      return;
    }
    this.edit = null;
    try {
      await work();
      this.say({ what: done });
    } catch (error) {
      this.document.error = error;
      this.say({ what: "noConnection" });
      this.tell();
    }
  }

  // --- inside: screen -----------------------------------------------------------------------------------------------

  private hoverCentre(): void {
    if (!this.usesKeys) return;
    this.making.hover(this.screen.centre());
    this.screen.redrawActive();
  }

  private take(ids: Iterable<string>): void {
    const touched = [...ids];
    this.screen.take(touched);
    if (this.edit && !this.document.marks.has(this.edit.id)) this.edit = null;
    if (this.selectedId !== null && !this.document.marks.has(this.selectedId)) this.selectedId = null;
    if (touched.length > 0) this.screen.redraw();
    this.tell();
  }

  private showCursor(): void {
    const { tool } = this.options.toolbox.get();
    this.options.element.style.cursor = this.holdsSpace ? "grab" : tool === "move" ? "" : tool === "brush" ? "none" : "crosshair";
  }

  private scene(): Scene {
    const { tool, brush, visible, className } = this.options.toolbox.get();
    const draws = tool !== "move";
    const marks: ActiveMark[] = [];
    const selected = this.selected;
    const hovered = this.hoveredId === null ? undefined : this.document.marks.get(this.hoveredId);
    if (hovered && this.screen.isShown(hovered)) marks.push(this.activeOf(hovered, "hovered", false));
    if (selected && this.screen.isShown(selected)) {
      const outline = this.edit?.id === selected.id ? { ...this.edit.outline, measured: null } : {};
      marks.push(this.activeOf({ ...selected, ...outline }, "selected", this.holds(selected) && !draws && handlesIfFew(selected, this.screen.field().pixel).length > 0));
    }
    const preview = this.making.preview();
    if (preview) marks.push(this.activeOf({ ...preview, id: "", class: className, colour: null, name: "", measured: null }, "draft", false));
    const cursor = this.usesKeys ? this.screen.centre() : this.at;
    return {
      marks: visible ? marks : [],
      vertices: this.making.vertices,
      held: this.edit?.isByKeys ? this.edit.handle : null,
      crosshair: draws && this.usesKeys,
      brush: paints(tool) ? { at: tool === "brush" ? cursor : null, radius: tool === "brush" ? brush : 2, stroke: this.making.line, erases: this.making.erases } : null,
    };
  }

  private activeOf(mark: Made & Pick<Mark, "id" | "class" | "colour" | "name" | "measured">, look: ActiveMark["look"], handles: boolean): ActiveMark {
    const { id, kind, geometry, shape } = mark;
    return { id, kind, geometry, shape, class: this.screen.classOf(mark), look, handles, label: this.options.describe(mark) };
  }

  private say(notice: Notice): void {
    for (const listener of this.noticeListeners) listener(notice);
  }

  private tell(): void {
    this.revision++;
    for (const listener of this.listeners) listener();
  }
}

/** Among the buttons of a pointer, the other end of a pen. */
const ERASER = 32;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const arrowOf = (key: string): readonly [number, number] => ARROWS[key] ?? [0, 0];
