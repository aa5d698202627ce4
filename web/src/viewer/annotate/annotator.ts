/** Annotations of one slide on the screen: brings pointer, keys, document and drawing together. Knows no framework. */
import { toolOf } from "../keys";
import type { SlideView } from "../slide_view";
import { ActiveLayer, type ActiveMark, type Scene } from "./active_layer";
import type { MarkDocument } from "./document";
import { startDrawing, type Drawing, type Field, type Made, type Tool } from "./drawing";
import { dragged, handleAt, handlesOf, sameHandle, shifted, turned, withoutVertex, type Handle, type Outline } from "./editing";
import { boundsOf, crossesItself, inside, pathsOf, type Bounds } from "./geometry";
import { GridIndex } from "./grid_index";
import { markAt, offLine } from "./hit";
import { isArea, newId, type AreaGeometry, type Mark, type MarkContent, type Place } from "./mark";
import { MarkCanvas, type Shown } from "./mark_canvas";
import { apply, invert, scaleOf, uprightAngle, type Matrix } from "./matrix";
import type * as Region from "./region";
import { Stroke, Sweep } from "./region_tools";
import { PLAIN, type MarkClass } from "./symbols";
import type { Toolbox } from "./toolbox";
import { TwoFingerTap } from "./two_finger_tap";

/** What happened, for whoever cannot see it; the shell finds the words. */
export type Notice =
  | { what: "tool"; tool: Tool }
  | { what: "added" | "changed" | "removed" | "selected"; mark: Mark }
  | { what: "vertex"; count: number }
  | { what: "editing"; vertex: number; of: number; boxed: boolean }
  | { what: "turning"; degrees: number }
  | { what: "cancelled" | "undone" | "redone" | "nothingToUndo" | "nothingToRedo" | "noConnection" | "locked" | "crosses" | "nothingFound" | "mayNotDraw" | "selectFirst" }
  | { what: "shown"; visible: boolean };

export interface AnnotatorOptions {
  view: SlideView;
  /** The element that holds the slide. */
  element: HTMLElement;
  document: MarkDocument;
  toolbox: Toolbox;
  mayDraw: boolean;
  /** Whether this person may change a mark, be it locked or not. */
  mayRevise: (mark: Mark) => boolean;
  /** The label of a mark, or of one in the making: name, length, area. */
  describe: (mark: Pick<Mark, "kind" | "geometry" | "measured"> & { name: string }) => string;
}

const REACH_PX = 6;
const FINGER_REACH_PX = 16;
const CLICK_PX = 5;
/** Marks smaller than this on the screen are moved by their inside too. */
const SMALL_PX = 24;
const KEY_STEP_PX = 20;
const NUDGE_PX = 1;
const BIG_NUDGE_PX = 10;
/** Degrees that an arrow with Shift turns a box by; without Shift it is one. */
const BIG_TURN = 15;
const WAND_FIELD_PX = 192;
/** Outlines with more vertices than this are changed by brush and wand, not by handles. */
const MOST_HELD = 3000;
/** Share of the field that a mark fills when one goes to it. */
const FILL = 0.6;

/** A change of the selected mark that is not done yet. */
interface Edit {
  id: string;
  outline: Outline;
  /** What the pointer or the keyboard holds; null for the whole mark. */
  handle: Handle | null;
  /** Where the pointer was; null for an edit with keys. */
  from: Place | null;
}

export class Annotator {
  readonly document: MarkDocument;
  private selectedId: string | null = null;
  private hoveredId: string | null = null;
  private readonly canvas: MarkCanvas;
  private readonly active: ActiveLayer;
  private readonly holder = document.createElement("div");
  private readonly index: GridIndex;
  private drawing: Drawing | null = null;
  private stroke: Stroke | null = null;
  private sweep: Sweep | null = null;
  private erases = false;
  private edit: Edit | null = null;
  private pointer: { id: number; pen: boolean } | null = null;
  private pressed: { x: number; y: number } | null = null;
  private at: Place | null = null;
  private readonly fingers = new TwoFingerTap();
  private holdsSpace = false;
  private usesKeys = false;
  private plane = 0;
  private classes = new Map<string, MarkClass>();
  private regions: Promise<typeof Region> | null = null;
  private frame = 0;
  private isStale = true;
  /** The last move of a pointer that only looks; acted on once a frame. */
  private hovering: PointerEvent | null = null;
  private readonly stops: (() => void)[] = [];
  private readonly noticeListeners = new Set<(notice: Notice) => void>();
  private readonly listeners = new Set<() => void>();
  private revision = 0;

  constructor(private readonly options: AnnotatorOptions) {
    const { view, element } = options;
    this.document = options.document;
    const size = view.size;
    this.index = new GridIndex(size.width, size.height);
    const current = () => ({ matrix: view.matrix(), ...view.fieldSize });
    this.canvas = new MarkCanvas((bounds) => this.shownIn(bounds), (mark) => this.classOf(mark), current);
    this.active = new ActiveLayer(current);
    this.holder.className = "marks";
    this.holder.append(this.canvas.element, this.active.element);
    element.append(this.holder);
    this.take(this.document.marks.keys());
    this.listen();
    this.redraw();
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
    return this.drawing?.started ?? false;
  }

  get view(): SlideView {
    return this.options.view;
  }

  /** How a mark looks: as its class, or as in the file that it came from. */
  classOf({ class: name, colour }: Pick<Mark, "class" | "colour">): MarkClass {
    const known = name === null ? undefined : this.classes.get(name);
    if (known || !colour || !name) return known ?? PLAIN;
    const foreign = { name, colour, shape: PLAIN.shape };
    this.classes.set(name, foreign);
    return foreign;
  }

  setClasses(classes: readonly MarkClass[]): void {
    this.classes = new Map(classes.map((each) => [each.name, each]));
    this.redraw();
  }

  setPlane(plane: number): void {
    if (plane === this.plane) return;
    this.plane = plane;
    this.redraw();
  }

  select(id: string | null): void {
    if (id === this.selectedId) return;
    this.leaveEdit();
    this.selectedId = id;
    const mark = this.selected;
    if (mark) this.say({ what: "selected", mark });
    this.redraw();
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
    this.redraw();
    this.tell();
  }

  changeSelected(patch: Partial<MarkContent>): void {
    const mark = this.selected;
    if (!mark || !this.mayChange({ ...mark, locked: mark.locked && patch.locked !== false })) return;
    this.document.change(mark.id, patch, "class" in patch ? "class" : "change");
  }

  async undo(): Promise<void> {
    if (this.drawing?.started) {
      this.back();
      return;
    }
    await this.step(this.document.canUndo, () => this.document.undo(), "undone", "nothingToUndo");
  }

  async redo(): Promise<void> {
    await this.step(this.document.canRedo, () => this.document.redo(), "redone", "nothingToRedo");
  }

  destroy(): void {
    this.finishLine();
    this.leaveEdit();
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
    this.canvas.destroy();
    this.holder.remove();
    this.listeners.clear();
    this.noticeListeners.clear();
  }

  // --- keys ---------------------------------------------------------------------------------------------------------

  /** Acts on a key. `onSlide` says that no control has the focus. Tells whether the key was used. */
  key(event: KeyboardEvent, onSlide: boolean): boolean {
    if (event.key === "Alt") {
      this.erasesNow(true);
      // Some browsers open their menu with it.
      const { tool } = this.options.toolbox.get();
      return tool === "brush" || tool === "wand";
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
    if (event.key === "Alt") this.erasesNow(false);
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
    this.redraw();
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
    if (this.edit && !this.edit.from) return this.editKey(event);
    if (event.key === "Escape") return this.escape();
    if (this.options.toolbox.get().tool === "move") return this.selectionKey(event);
    return this.drawingKey(event);
  }

  private escape(): boolean {
    if (this.drawing?.started || this.stroke || this.sweep || this.edit) {
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
    this.edit = { id: mark.id, outline: mark, handle: null, from: null };
    this.sayEditing();
    this.redraw();
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
    if (event.key === "Backspace" && this.drawing?.started) {
      this.back();
      return true;
    }
    if (event.key !== "Enter") return false;
    // After the pointer, Enter ends what the pointer began.
    if (!this.usesKeys && this.drawing?.started) this.complete(this.drawing.finish());
    else this.placeAtCentre();
    return true;
  }

  private placeAtCentre(): void {
    this.usesKeys = true;
    const at = this.centre();
    const { tool } = this.options.toolbox.get();
    if (tool === "brush" || tool === "wand") {
      this.beginRegion(at, this.erases);
      void this.endRegion();
      return;
    }
    const drawing = this.begin();
    const made = drawing.place(at, this.field());
    if (made) this.complete(made);
    else this.say({ what: "vertex", count: drawing.vertices.length });
    this.redraw();
  }

  private editKey(event: KeyboardEvent): boolean {
    const { edit } = this;
    const mark = edit && this.document.marks.get(edit.id);
    if (!edit || !mark) return false;
    const shape = { ...edit.outline, kind: mark.kind };
    const [dx, dy] = arrowOf(event.key);
    if (dx !== 0 || dy !== 0) {
      this.nudge(edit, shape, dx, dy, event.shiftKey ? BIG_NUDGE_PX : NUDGE_PX);
      return true;
    }
    switch (event.key) {
      case "Tab":
        this.holdNext(edit, shape, event.shiftKey ? -1 : 1);
        return true;
      case "n":
      case "N":
        this.insertHere(edit, shape);
        return true;
      case "Backspace":
      case "Delete":
        this.dropHeld(edit, shape);
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

  private nudge(edit: Edit, shape: Outline & Pick<Mark, "kind">, dx: number, dy: number, px: number): void {
    const matrix = this.options.view.matrix(false);
    if (edit.handle?.kind === "turn") {
      const clockwise = matrix.a * matrix.d - matrix.b * matrix.c < 0 ? -1 : 1;
      edit.outline = turned(shape, (dx || dy) * clockwise * (px === NUDGE_PX ? 1 : BIG_TURN));
      edit.handle = handlesOf({ ...edit.outline, kind: shape.kind }, this.field().pixel).find(({ kind }) => kind === "turn") ?? null;
      this.sayEditing();
      this.redrawActive();
      return;
    }
    const back = invert(matrix);
    const [x, y] = [(back.a * dx + back.c * dy) * px, (back.b * dx + back.d * dy) * px];
    if (!edit.handle) edit.outline = shifted(edit.outline, x, y);
    else {
      const to: Place = [edit.handle.at[0] + x, edit.handle.at[1] + y];
      edit.outline = dragged(shape, edit.handle, to);
      edit.handle = { ...edit.handle, at: to };
    }
    this.redrawActive();
  }

  /** Through the whole mark and its vertices, round and round. */
  private holdNext(edit: Edit, shape: Outline & Pick<Mark, "kind">, step: 1 | -1): void {
    const stops = handlesOf(shape, this.field().pixel).filter(({ kind }) => kind !== "middle");
    const now = edit.handle ? stops.findIndex((stop) => sameHandle(stop, edit.handle as Handle)) : -1;
    const next = ((now + 1 + step + stops.length + 1) % (stops.length + 1)) - 1;
    edit.handle = stops[next] ?? null;
    this.sayEditing();
    this.redraw();
  }

  private insertHere(edit: Edit, shape: Outline & Pick<Mark, "kind">): void {
    const { handle } = edit;
    if (handle?.kind !== "vertex") return;
    const middle = handlesOf(shape, this.field().pixel).find((other) => other.kind === "middle" && other.path === handle.path && other.index === handle.index);
    if (middle?.kind !== "middle") return;
    edit.outline = dragged(shape, middle, middle.at);
    edit.handle = { kind: "vertex", path: middle.path, index: middle.index + 1, at: middle.at };
    this.sayEditing();
    this.redraw();
  }

  private dropHeld(edit: Edit, shape: Outline & Pick<Mark, "kind">): void {
    if (!edit.handle) {
      this.edit = null;
      this.removeSelected();
      return;
    }
    if (edit.handle.kind !== "vertex") return;
    const left = withoutVertex(shape, edit.handle.path, edit.handle.index);
    if (!left) return;
    edit.outline = left;
    edit.handle = null;
    this.holdNext(edit, { ...left, kind: shape.kind }, 1);
  }

  private sayEditing(): void {
    const { edit } = this;
    const mark = edit && this.document.marks.get(edit.id);
    if (!edit || !mark) return;
    const stops = handlesOf({ ...edit.outline, kind: mark.kind }, this.field().pixel).filter(({ kind }) => kind !== "middle");
    const held = edit.handle;
    if (held?.kind === "turn") this.say({ what: "turning", degrees: edit.outline.shape?.angle ?? 0 });
    else this.say({ what: "editing", vertex: held ? stops.findIndex((stop) => sameHandle(stop, held)) + 1 : 0, of: stops.length, boxed: stops.at(-1)?.kind === "turn" });
  }

  private erasesNow(erases: boolean): void {
    if (this.erases === erases || this.stroke || this.sweep) return;
    this.erases = erases;
    this.redrawActive();
  }

  // --- inside: pointer ----------------------------------------------------------------------------------------------

  private listen(): void {
    const { element, view, toolbox, document: marks } = this.options;
    const on = <K extends keyof HTMLElementEventMap>(name: K, listener: (event: HTMLElementEventMap[K]) => void, capture: boolean) => {
      element.addEventListener(name, listener as EventListener, { capture });
      this.stops.push(() => { element.removeEventListener(name, listener as EventListener, { capture }); });
    };
    on("pointerdown", this.onDown, true);
    on("pointermove", this.onMove, false);
    on("pointerup", this.onUp, true);
    on("pointercancel", this.onCancel, true);
    on("pointerleave", this.onLeave, false);
    let tool = toolbox.get().tool;
    this.stops.push(
      toolbox.subscribe(() => {
        const next = toolbox.get().tool;
        if (next !== tool) this.changeTool(tool, next);
        tool = next;
        this.redraw();
      }),
      marks.subscribe((touched) => { this.take(touched); }),
      view.on("move", () => {
        this.canvas.follow();
        this.hoverCentre();
        this.active.draw();
      }),
      view.on("rest", () => {
        this.canvas.drawSoon();
        this.active.draw();
      }),
    );
  }

  private changeTool(from: Tool, to: Tool): void {
    if (from === "polygon" || from === "polyline") this.finishLine();
    this.drawing = null;
    if (to === "brush" || to === "wand" || to === "polygon") this.regions ??= import("./region");
    if (to !== "move") this.leaveEdit();
    this.hoveredId = null;
    this.showCursor();
  }

  /** A line with enough vertices is a mark already: it must not be lost with the tool. */
  private finishLine(): void {
    if (this.drawing && this.drawing.vertices.length > 1) this.complete(this.drawing.finish());
  }

  private readonly onDown = (event: PointerEvent) => {
    const { toolbox } = this.options;
    const { tool, fingers } = toolbox.get();
    if (event.pointerType === "touch" && this.pointer?.pen) {
      // The palm of a hand that draws.
      event.stopPropagation();
      return;
    }
    if (event.pointerType === "touch" && this.fingers.press(event) > 1) {
      // Two fingers move the slide, or take something back.
      this.pressed = null;
      return;
    }
    this.usesKeys = false;
    if (this.edit && !this.edit.from) this.commitEdit();
    this.pressed = { x: event.clientX, y: event.clientY };
    if (this.pointer || event.button !== 0 || this.holdsSpace) return;
    const at = this.placeOf(event);
    const finger = event.pointerType === "touch" && !fingers;
    if (tool === "move") {
      if (this.grab(event, at)) this.claim(event);
      return;
    }
    if (finger || !this.options.mayDraw) return;
    this.claim(event);
    this.at = at;
    if (tool === "brush" || tool === "wand") this.beginRegion(at, event.altKey || (event.buttons & 32) !== 0);
    else this.complete(this.begin().press(at, this.field()));
    this.redraw();
  };

  /** Takes hold of a handle or the line of the selected mark. */
  private grab(event: PointerEvent, at: Place): boolean {
    const mark = this.selected;
    if (!mark || !this.holds(mark) || !this.isShown(mark)) return false;
    const reach = this.reach(event);
    const handle = handleAt(handlesIfFew(mark, this.field().pixel), at, reach);
    if (handle?.kind === "vertex" && event.altKey) {
      const left = withoutVertex(mark, handle.path, handle.index);
      if (left) this.document.change(mark.id, left);
      return left !== null;
    }
    const bounds = this.index.boundsOf(mark.id);
    const isSmall = bounds && Math.max(bounds.right - bounds.left, bounds.bottom - bounds.top) < SMALL_PX * this.field().pixel;
    if (!handle && offLine(mark, at) > reach && !(isSmall && inside(at, pathsOf(mark.geometry)))) return false;
    this.edit = { id: mark.id, outline: mark, handle, from: at };
    return true;
  }

  private claim(event: PointerEvent): void {
    event.stopPropagation();
    this.pointer = { id: event.pointerId, pen: event.pointerType === "pen" };
    this.options.element.setPointerCapture(event.pointerId);
  }

  private readonly onMove = (event: PointerEvent) => {
    if (event.pointerType === "touch") this.fingers.move(event);
    if (this.pointer && event.pointerId !== this.pointer.id) return;
    const at = this.placeOf(event);
    this.at = at;
    if (event.pointerType !== "touch") this.usesKeys = false;
    if (!this.pointer) {
      this.drawing?.hover(at, this.field());
      this.hovering = event;
      this.redrawActive();
      return;
    }
    const field = this.field();
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length > 0 ? all : [event]) this.dragTo(this.placeOf(each), field);
    this.redrawActive();
  };

  private dragTo(at: Place, field: Field): void {
    const { edit } = this;
    if (edit?.from) {
      const mark = this.document.marks.get(edit.id);
      if (!mark) return;
      edit.outline = edit.handle ? dragged(mark, edit.handle, at) : shifted(mark, at[0] - edit.from[0], at[1] - edit.from[1]);
    }
    this.stroke?.add(at);
    this.sweep?.add(at, () => this.sample(at), this.options.toolbox.get().sensitivity);
    this.drawing?.drag(at, field);
  }

  private readonly onUp = (event: PointerEvent) => {
    if (event.pointerType === "touch" && this.fingers.release(event) && this.options.mayDraw) {
      this.pressed = null;
      this.letGo();
      void this.undo();
      return;
    }
    const clicked = this.pressed && Math.hypot(event.clientX - this.pressed.x, event.clientY - this.pressed.y) < CLICK_PX;
    this.pressed = null;
    if (!this.pointer || event.pointerId !== this.pointer.id) {
      if (clicked && event.button === 0 && !this.holdsSpace && this.options.toolbox.get().tool === "move") this.click(event);
      return;
    }
    event.stopPropagation();
    this.pointer = null;
    const at = this.placeOf(event);
    if (this.edit?.from) {
      if (clicked) this.edit = null;
      else this.commitEdit();
    } else if (this.stroke || this.sweep) void this.endRegion();
    else if (this.drawing) this.complete(this.drawing.release(at, this.field()));
    this.redraw();
  };

  /** Drops what the first of two fingers began. */
  private letGo(): void {
    if (!this.pointer) return;
    this.pointer = null;
    this.stroke = this.sweep = null;
    this.edit = null;
    if (this.drawing?.back() === false) this.drawing = null;
    this.redraw();
  }

  private readonly onCancel = (event: PointerEvent) => {
    this.fingers.cancel(event);
    this.pressed = null;
    if (!this.pointer || event.pointerId !== this.pointer.id) return;
    this.pointer = null;
    this.cancel();
  };

  private readonly onLeave = () => {
    if (this.pointer) return;
    this.at = null;
    this.hovering = null;
    this.hoveredId = null;
    this.redrawActive();
  };

  private click(event: PointerEvent): void {
    if (!this.options.toolbox.get().visible) return;
    const at = this.placeOf(event);
    this.select(this.under(at, this.reach(event))?.id ?? null);
  }

  private hover(): void {
    const event = this.hovering;
    this.hovering = null;
    if (!event || this.options.toolbox.get().tool !== "move") return;
    const at = this.placeOf(event);
    const reach = this.reach(event);
    const under = this.options.toolbox.get().visible ? this.under(at, reach) : null;
    this.hoveredId = under && under.id !== this.selectedId ? under.id : null;
    const mark = this.selected;
    const holds = mark && this.holds(mark) && (handleAt(handlesIfFew(mark, this.field().pixel), at, reach) ?? offLine(mark, at) <= reach);
    this.options.element.style.cursor = this.holdsSpace ? "grab" : holds ? "move" : this.hoveredId ? "pointer" : "";
  }

  private under(at: Place, reach: number): Mark | null {
    const around = { left: at[0] - reach, top: at[1] - reach, right: at[0] + reach, bottom: at[1] + reach };
    const near: Mark[] = [];
    for (const { mark } of this.candidates(around)) near.push(mark);
    return markAt(near, (id) => this.index.boundsOf(id), at, reach);
  }

  // --- inside: drawing ----------------------------------------------------------------------------------------------

  private begin(): Drawing {
    const { tool } = this.options.toolbox.get();
    if (tool === "move" || tool === "brush" || tool === "wand") throw new Error(`The tool ${tool} draws nothing anew.`);
    this.drawing ??= startDrawing(tool);
    return this.drawing;
  }

  /** Makes a mark of what a tool has made, if it has. */
  private complete(made: Made | null): void {
    if (!made) return;
    this.drawing = null;
    const ring = made.kind === "polygon" && made.geometry.type === "Polygon" ? made.geometry.coordinates[0] : undefined;
    if (ring && crossesItself(ring.slice(0, -1))) void this.addEnclosed(ring);
    else if (made.kind === "points" && this.addPoint(made)) return;
    else this.add(made);
  }

  /** What a line that crosses itself encloses: a figure of eight becomes two regions. */
  private async addEnclosed(ring: readonly Place[]): Promise<void> {
    const regions = await (this.regions ??= import("./region"));
    const geometry = regions.enclosed(ring.slice(0, -1));
    if (geometry) this.add({ kind: geometry.type === "Polygon" ? "polygon" : "brush", geometry, shape: null });
  }

  /** Further points belong to the set that is selected. */
  private addPoint(made: Made): boolean {
    const mark = this.selected;
    if (mark?.kind !== "points" || !this.holds(mark) || mark.geometry.type !== "MultiPoint" || made.geometry.type !== "MultiPoint") return false;
    this.document.change(mark.id, { geometry: { type: "MultiPoint", coordinates: [...mark.geometry.coordinates, ...made.geometry.coordinates] } });
    const changed = this.selected;
    if (changed) this.say({ what: "changed", mark: changed });
    return true;
  }

  private add(made: Made): void {
    const { className } = this.options.toolbox.get();
    const id = newId();
    const plane = this.options.view.opening.planes.length > 1 ? this.plane : null;
    this.document.do("add", [{ op: "add", annotation: { id, ...made, plane, class: className, name: "", note: "" } }]);
    this.selectedId = id;
    const mark = this.selected;
    if (mark) this.say({ what: "added", mark });
    this.redraw();
    this.tell();
  }

  private beginRegion(at: Place, erases: boolean): void {
    const { tool, brush, sensitivity } = this.options.toolbox.get();
    const { pixel } = this.field();
    this.erases = erases;
    if (tool === "brush") {
      this.stroke = new Stroke(brush * pixel, pixel);
      this.stroke.add(at);
    } else {
      this.sweep = new Sweep(pixel);
      this.sweep.add(at, () => this.sample(at), sensitivity);
    }
    if (erases && !this.regionTarget(at, true)) {
      const under = this.under(at, this.reach(null));
      if (under && isArea(under.kind)) this.select(under.id);
    }
    this.regionFrom = at;
  }

  private regionFrom: Place = [0, 0];

  /** The selected region, where the stroke began in it or at its edge; erasing works on it from anywhere. */
  private regionTarget(at: Place, erases: boolean): (Mark & { geometry: AreaGeometry }) | null {
    const mark = this.selected;
    if (!mark || !this.holds(mark) || !isArea(mark.kind) || (mark.geometry.type !== "Polygon" && mark.geometry.type !== "MultiPolygon")) return null;
    const near = inside(at, pathsOf(mark.geometry)) || offLine(mark, at) <= (this.stroke?.radius ?? this.reach(null));
    return near || erases ? (mark as Mark & { geometry: AreaGeometry }) : null;
  }

  private async endRegion(): Promise<void> {
    const { stroke, sweep, erases } = this;
    const target = this.regionTarget(this.regionFrom, erases);
    this.stroke = this.sweep = null;
    const regions = await (this.regions ??= import("./region"));
    const region = (stroke ?? sweep)?.region(regions) ?? null;
    this.erases = false;
    this.redraw();
    if (!region) {
      this.say({ what: "nothingFound" });
      return;
    }
    if (!target) {
      if (erases) this.say({ what: "selectFirst" });
      else this.add({ kind: "brush", geometry: region, shape: null });
      return;
    }
    const geometry = erases ? regions.without(target.geometry, region) : regions.united(target.geometry, region);
    if (geometry) this.document.change(target.id, { geometry, kind: "brush", shape: null });
    else this.removeSelected();
    const changed = this.selected;
    if (changed) this.say({ what: "changed", mark: changed });
  }

  private sample(at: Place): ReturnType<Parameters<Sweep["add"]>[1]> {
    const { view } = this.options;
    const [x, y] = apply(view.matrix(), at);
    const taken = view.pictureAround(x, y, WAND_FIELD_PX);
    if (!taken) return null;
    const { picture, ratio, left, top } = taken;
    const back = invert(view.matrix());
    const toSlide: Matrix = {
      a: back.a / ratio,
      b: back.b / ratio,
      c: back.c / ratio,
      d: back.d / ratio,
      e: back.a * left + back.c * top + back.e,
      f: back.b * left + back.d * top + back.f,
    };
    return { picture, seed: [(x - left) * ratio, (y - top) * ratio], toSlide };
  }

  private back(): void {
    const left = this.drawing?.back() ?? false;
    this.say({ what: "vertex", count: this.drawing?.vertices.length ?? 0 });
    if (!left) this.drawing = null;
    this.redraw();
  }

  private cancel(): void {
    this.drawing = null;
    this.stroke = this.sweep = null;
    this.edit = null;
    this.erases = false;
    this.say({ what: "cancelled" });
    this.redraw();
  }

  private commitEdit(): void {
    const { edit } = this;
    this.edit = null;
    const mark = edit && this.document.marks.get(edit.id);
    if (!edit || !mark || edit.outline.geometry === mark.geometry) {
      this.redraw();
      return;
    }
    const { geometry, shape } = edit.outline;
    if (pathsOf(geometry).some(({ vertices, closed }) => closed && crossesItself(vertices))) {
      this.say({ what: "crosses" });
      this.redraw();
      return;
    }
    this.document.change(mark.id, { geometry, shape });
    this.say({ what: "changed", mark: this.document.marks.get(mark.id) ?? mark });
    this.redraw();
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
    return !mark.locked && this.options.mayDraw && this.options.mayRevise(mark);
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

  private field(): Field {
    const matrix = this.options.view.matrix();
    return { pixel: 1 / scaleOf(matrix), upright: uprightAngle(matrix) };
  }

  private reach(event: PointerEvent | null): number {
    return (event?.pointerType === "touch" ? FINGER_REACH_PX : REACH_PX) * this.field().pixel;
  }

  private placeOf(event: MouseEvent): Place {
    const box = this.options.element.getBoundingClientRect();
    return apply(invert(this.options.view.matrix()), [event.clientX - box.left, event.clientY - box.top]);
  }

  private centre(): Place {
    const { width, height } = this.options.view.fieldSize;
    return apply(invert(this.options.view.matrix(false)), [width / 2, height / 2]);
  }

  private hoverCentre(): void {
    if (!this.usesKeys || !this.drawing) return;
    this.drawing.hover(this.centre(), this.field());
    this.redrawActive();
  }

  private isShown(mark: Mark): boolean {
    return this.options.toolbox.get().visible && (mark.plane === null || mark.plane === this.plane);
  }

  private *candidates(bounds: Bounds): Generator<Shown> {
    for (const id of this.index.search(bounds)) {
      const mark = this.document.marks.get(id);
      const box = this.index.boundsOf(id);
      if (mark && box && this.isShown(mark)) yield { mark, bounds: box };
    }
  }

  /** What the canvas draws: all but the mark that may be moving. */
  private *shownIn(bounds: Bounds): Generator<Shown> {
    for (const shown of this.candidates(bounds)) {
      if (shown.mark.id !== this.selectedId) yield shown;
    }
  }

  private take(touched: Iterable<string>): void {
    let any = false;
    for (const id of touched) {
      any = true;
      const mark = this.document.marks.get(id);
      if (mark) this.index.set(id, boundsOf(mark.geometry));
      else this.index.delete(id);
    }
    if (this.edit && !this.document.marks.has(this.edit.id)) this.edit = null;
    if (this.selectedId !== null && !this.document.marks.has(this.selectedId)) this.selectedId = null;
    if (any) this.redraw();
    this.tell();
  }

  private showCursor(): void {
    const { tool } = this.options.toolbox.get();
    this.options.element.style.cursor = this.holdsSpace ? "grab" : tool === "move" ? "" : tool === "brush" ? "none" : "crosshair";
  }

  /** Draws everything again in the next frame. */
  private redraw(): void {
    this.isStale = true;
    this.redrawActive();
  }

  /** Draws again in the next frame what is being worked on, and not the many marks behind it. */
  private redrawActive(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.hover();
      if (this.isStale) this.canvas.draw();
      this.isStale = false;
      this.active.show(this.scene());
    });
  }

  private scene(): Scene {
    const { tool, brush, visible } = this.options.toolbox.get();
    const draws = tool !== "move";
    const marks: ActiveMark[] = [];
    const selected = this.selected;
    const hovered = this.hoveredId === null ? undefined : this.document.marks.get(this.hoveredId);
    if (hovered && this.isShown(hovered)) marks.push(this.activeOf(hovered, "hovered", false));
    if (selected && this.isShown(selected)) {
      const outline = this.edit?.id === selected.id ? { ...this.edit.outline, measured: null } : {};
      marks.push(this.activeOf({ ...selected, ...outline }, "selected", this.holds(selected) && !draws && handlesIfFew(selected, this.field().pixel).length > 0));
    }
    const preview = this.drawing?.preview();
    if (preview) marks.push(this.activeOf({ ...preview, id: "", class: this.options.toolbox.get().className, colour: null, name: "", measured: null }, "draft", false));
    const held = this.edit && !this.edit.from ? this.edit.handle : null;
    const paints = tool === "brush" || tool === "wand";
    const cursor = this.usesKeys ? this.centre() : this.at;
    return {
      marks: visible ? marks : [],
      vertices: this.drawing?.vertices ?? [],
      held,
      crosshair: draws && this.usesKeys,
      brush: paints ? { at: tool === "brush" ? cursor : null, radius: tool === "brush" ? brush : 2, stroke: this.stroke?.line ?? this.sweep?.seeds ?? [], erases: this.erases } : null,
    };
  }

  private activeOf(mark: Made & Pick<Mark, "id" | "class" | "colour" | "name" | "measured">, look: ActiveMark["look"], handles: boolean): ActiveMark {
    const { id, kind, geometry, shape } = mark;
    return { id, kind, geometry, shape, class: this.classOf(mark), look, handles, label: this.options.describe(mark) };
  }

  private say(notice: Notice): void {
    for (const listener of this.noticeListeners) listener(notice);
  }

  private tell(): void {
    this.revision++;
    for (const listener of this.listeners) listener();
  }
}

const handlesIfFew = (mark: Mark, pixel: number): Handle[] =>
  pathsOf(mark.geometry).reduce((sum, { vertices }) => sum + vertices.length, 0) > MOST_HELD ? [] : handlesOf(mark, pixel);

const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const arrowOf = (key: string): readonly [number, number] => ARROWS[key] ?? [0, 0];
