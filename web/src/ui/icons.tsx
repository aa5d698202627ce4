/** Line icons on a 16 px grid, drawn in the colour of the text. Always next to, or named by, a word. */
const PATHS = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
  close: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  check: "M3 8.5l3.5 3.5L13 5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.5v9l7-4.5z",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  warning: "M8 2.5l6 11H2zM8 6.5v3.5M8 11.8v.2",
  list: "M2.5 4h11M2.5 8h11M2.5 12h11",
  grid: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z",
  user: "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.8 14c.6-2.7 2.6-4 5.2-4s4.600 1.300 5.200 4",
  fit: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  left: "M3.5 7.500a5 5 0 1 1 1 3.800M3.500 3v4.500H8",
  right: "M12.500 7.500a5 5 0 1 0-1 3.800M12.500 3v4.500H8",
  mirror: "M8 2v12M6 4.500L2.500 11.500H6zM10 4.500l3.500 7H10z",
  split: "M2.500 3h11v10h-11zM8 3v10",
  link: "M6.500 9.500l3-3M7 5l1.500-1.500a2.500 2.500 0 0 1 4 4L11 9M9 11l-1.500 1.500a2.500 2.500 0 0 1-4-4L5 7",
  panel: "M2.500 3h11v10h-11zM10 3v10",
  map: "M2.500 3h11v10h-11zM8.500 7.500h3v3h-3z",
  keys: "M2 4.500h12v7H2zM4.500 7h.1M7 7h.1M9.500 7h.1M11.700 7h.1M5 9.300h6",
  back: "M9.500 3.500L5 8l4.500 4.500",
  up: "M3.5 10L8 5.500l4.500 4.500",
  down: "M3.5 6L8 10.500l4.500-4.500",
  scale: "M2.500 6v4M13.500 6v4M2.500 8h11",
  download: "M8 2.500v8M4.500 7L8 10.500 11.500 7M3 13.500h10",
  folder: "M2 4.500V13h12V5.500H8L6.500 3.500H2z",
  key: "M6 10a3 3 0 1 0-.1 0ZM8.200 8.800l5.300 0M11.500 8.800v2M13.500 8.800v2.500",
  walk: "M2.5 4h9a2 2 0 0 1 0 4h-7a2 2 0 0 0 0 4h9M11.5 10l2 2-2 2",
  seen: "M1.500 8c1.700-2.900 3.900-4.300 6.500-4.300s4.800 1.400 6.500 4.300c-1.700 2.900-3.900 4.300-6.500 4.300S3.200 10.900 1.500 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round">
      <path d={PATHS[name]} />
    </svg>
  );
}
