/** What the tool in hand has begun: once it is whole it becomes a mark of the document, or changes the selected one. */
import { startDrawing, type Drawing, type Made, type Tool } from "./drawing";
import { crossesItself, inside, pathsOf } from "./geometry";
import { offLine } from "./hit";
import { isArea, newId, type AreaGeometry, type Mark, type Place } from "./mark";
import type { MarkScreen, MarkScreenOptions } from "./mark_screen";
import type { Notice } from "./notice";
import { Painting, paints } from "./painting";
import type * as Region from "./region";

/** The mark that is selected. */
export interface Selection {
  selected: () => Mark | null;
  mayChange: (mark: Mark) => boolean;
  select: (id: string) => void;
  remove: () => void;
  /** A mark of this id was added. */
  onAdded: (id: string) => void;
  say: (notice: Notice) => void;
}

export class Making {
  private drawing: Drawing | null = null;
  private readonly painting: Painting;

  constructor(
    private readonly options: MarkScreenOptions,
    private readonly screen: MarkScreen,
    private readonly selection: Selection,
  ) {
    this.painting = new Painting(options.view, options.toolbox);
  }

  /** Whether there is a line or a box that another press goes on with. */
  get isDrawing(): boolean {
    return this.drawing?.started ?? false;
  }

  get isOn(): boolean {
    return this.isDrawing || this.painting.isOn;
  }

  get vertices(): readonly Place[] {
    return this.drawing?.vertices ?? [];
  }

  /** What brush or wand went over. */
  get line(): readonly Place[] {
    return this.painting.line;
  }

  get erases(): boolean {
    return this.painting.erases;
  }

  preview(): Made | null {
    return this.drawing?.preview() ?? null;
  }

  // --- by the pointer -----------------------------------------------------------------------------------------------

  press(at: Place, erases: boolean): void {
    if (paints(this.tool)) this.beginRegion(at, erases);
    else this.complete(this.begin().press(at, this.screen.field()));
  }

  drag(at: Place): void {
    this.painting.add(at);
    this.drawing?.drag(at, this.screen.field());
  }

  release(at: Place): void {
    if (this.painting.isOn) void this.endRegion();
    else if (this.drawing) this.complete(this.drawing.release(at, this.screen.field()));
  }

  /** Takes back what the press has begun. */
  letGo(): void {
    this.painting.drop();
    if (this.drawing?.back() === false) this.drawing = null;
  }

  hover(at: Place): void {
    this.drawing?.hover(at, this.screen.field());
  }

  // --- by keys ------------------------------------------------------------------------------------------------------

  /** As a press and a release. */
  place(at: Place): void {
    if (paints(this.tool)) {
      this.beginRegion(at, this.painting.erases);
      void this.endRegion();
      return;
    }
    const drawing = this.begin();
    const made = drawing.place(at, this.screen.field());
    if (made) this.complete(made);
    else this.selection.say({ what: "vertex", count: drawing.vertices.length });
    this.screen.redraw();
  }

  /** Ends what more presses could go on with. */
  finish(): void {
    if (this.drawing) this.complete(this.drawing.finish());
  }

  /** Takes the last vertex back. */
  back(): void {
    const left = this.drawing?.back() ?? false;
    this.selection.say({ what: "vertex", count: this.vertices.length });
    if (!left) this.drawing = null;
    this.screen.redraw();
  }

  erasesNow(erases: boolean): void {
    if (this.painting.erases === erases || this.painting.isOn) return;
    this.painting.erases = erases;
    this.screen.redrawActive();
  }

  // --- ends ---------------------------------------------------------------------------------------------------------

  changeTool(from: Tool, to: Tool): void {
    if (from === "polygon" || from === "polyline") this.finishLine();
    this.drawing = null;
    // Ahead of its use, which asks again and says so where it did not come.
    if (paints(to) || to === "polygon") this.painting.load().catch(() => undefined);
  }

  /** A line with enough vertices is a mark already: it must not be lost with the tool. */
  finishLine(): void {
    if (this.vertices.length > 1) this.finish();
  }

  drop(): void {
    this.drawing = null;
    this.painting.drop();
    this.painting.erases = false;
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  private get tool(): Tool {
    return this.options.toolbox.get().tool;
  }

  private begin(): Drawing {
    const { tool } = this;
    if (tool === "move" || paints(tool)) throw new Error(`The tool ${tool} draws nothing anew.`);
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

  /** The code that joins regions; null, and said so, where it did not come. */
  private async regions(): Promise<typeof Region | null> {
    try {
      return await this.painting.load();
    } catch {
      this.selection.say({ what: "noConnection" });
      return null;
    }
  }

  /** What a line that crosses itself encloses: a figure of eight becomes two regions. */
  private async addEnclosed(ring: readonly Place[]): Promise<void> {
    const geometry = (await this.regions())?.enclosed(ring.slice(0, -1));
    if (geometry) this.add({ kind: geometry.type === "Polygon" ? "polygon" : "brush", geometry, shape: null });
  }

  /** Further points belong to the set that is selected. */
  private addPoint(made: Made): boolean {
    const mark = this.selection.selected();
    if (mark?.kind !== "points" || !this.selection.mayChange(mark) || mark.geometry.type !== "MultiPoint" || made.geometry.type !== "MultiPoint") return false;
    this.options.document.change(mark.id, { geometry: { type: "MultiPoint", coordinates: [...mark.geometry.coordinates, ...made.geometry.coordinates] } });
    this.sayChanged();
    return true;
  }

  private add(made: Made): void {
    const { view, document: marks, toolbox } = this.options;
    const id = newId();
    const plane = view.opening.planes.length > 1 ? this.screen.plane : null;
    marks.do("add", [{ op: "add", annotation: { id, ...made, plane, class: toolbox.get().className, name: "", note: "" } }]);
    this.selection.onAdded(id);
  }

  private beginRegion(at: Place, erases: boolean): void {
    this.painting.begin(at, this.screen.field().pixel, erases);
    if (!erases || this.regionTarget()) return;
    const under = this.screen.under(at, this.screen.reach(null));
    if (under && isArea(under.kind)) this.selection.select(under.id);
  }

  /** The selected region, where the stroke began in it or at its edge; erasing works on it from anywhere. */
  private regionTarget(): (Mark & { geometry: AreaGeometry }) | null {
    const mark = this.selection.selected();
    const { from, radius, erases } = this.painting;
    if (!mark || !this.selection.mayChange(mark) || !isArea(mark.kind) || (mark.geometry.type !== "Polygon" && mark.geometry.type !== "MultiPolygon")) return null;
    const near = inside(from, pathsOf(mark.geometry)) || offLine(mark, from) <= (radius ?? this.screen.reach(null));
    return near || erases ? (mark as Mark & { geometry: AreaGeometry }) : null;
  }

  private async endRegion(): Promise<void> {
    const { erases } = this.painting;
    const target = this.regionTarget();
    const painted = this.painting.end();
    const regions = await this.regions();
    this.screen.redraw();
    if (!regions) return;
    const region = painted?.region(regions);
    if (!region) {
      this.selection.say({ what: "nothingFound" });
      return;
    }
    if (!target) {
      if (erases) this.selection.say({ what: "selectFirst" });
      else this.add({ kind: "brush", geometry: region, shape: null });
      return;
    }
    const geometry = erases ? regions.without(target.geometry, region) : regions.united(target.geometry, region);
    if (geometry) this.options.document.change(target.id, { geometry, kind: "brush", shape: null });
    else this.selection.remove();
    this.sayChanged();
  }

  private sayChanged(): void {
    const changed = this.selection.selected();
    if (changed) this.selection.say({ what: "changed", mark: changed });
  }
}
