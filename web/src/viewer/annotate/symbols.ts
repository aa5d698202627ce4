/** Signs of classes, so that colour is never the only difference. */

export const SYMBOLS = ["circle", "square", "triangle", "diamond", "cross", "plus", "star", "hexagon", "ring"] as const;
export type ClassSymbol = (typeof SYMBOLS)[number];

export interface MarkClass {
  name: string;
  /** #RRGGBB */
  colour: string;
  shape: string;
}

/** Of marks without a class. */
export const PLAIN: MarkClass = { name: "", colour: "#0072b2", shape: "circle" };

/** What a line of a colour stands on, to be seen on tissue, glass and its own kind. */
export function haloOf(colour: string): string {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
  return 0.3 * r + 0.59 * g + 0.11 * b > LIGHT ? "rgb(0 0 0 / 65%)" : "rgb(255 255 255 / 75%)";
}

/** Luma of 255 from which on a colour needs a dark ground. */
const LIGHT = 155;

const polygon = (corners: number, radius: number, turned = 0): string =>
  Array.from({ length: corners }, (_, i) => {
    const t = (2 * Math.PI * i) / corners - Math.PI / 2 + turned;
    return `${i === 0 ? "M" : "L"}${(radius * Math.cos(t)).toFixed(2)} ${(radius * Math.sin(t)).toFixed(2)}`;
  }).join("") + "Z";

const circle = (r: number): string => `M${r} 0A${r} ${r} 0 1 1 ${-r} 0A${r} ${r} 0 1 1 ${r} 0Z`;

function star(radius: number): string {
  const points = Array.from({ length: 10 }, (_, i) => {
    const r = i % 2 === 0 ? radius : radius * 0.45;
    const t = (Math.PI * i) / 5 - Math.PI / 2;
    return `${(r * Math.cos(t)).toFixed(2)} ${(r * Math.sin(t)).toFixed(2)}`;
  });
  return `M${points.join("L")}Z`;
}

const known = (shape: string): ClassSymbol => (SYMBOLS as readonly string[]).includes(shape) ? (shape as ClassSymbol) : "circle";

/** SVG path data of a symbol around 0, 0; a shape that this release does not know is a circle. */
export function symbolPath(shape: string, radius: number): string {
  const r = radius;
  switch (known(shape)) {
    case "square":
      return polygon(4, r * 1.2, Math.PI / 4);
    case "triangle":
      return polygon(3, r * 1.2);
    case "diamond":
      return polygon(4, r * 1.15);
    case "cross":
      return `M${-r} ${-r}L${r} ${r}M${r} ${-r}L${-r} ${r}`;
    case "plus":
      return `M0 ${-r}V${r}M${-r} 0H${r}`;
    case "star":
      return star(r * 1.25);
    case "hexagon":
      return polygon(6, r);
    case "ring":
      return circle(r * 1.1) + circle(r * 0.5);
    case "circle":
      return circle(r);
  }
}
