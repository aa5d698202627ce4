import { symbolPath, type MarkClass } from "../../viewer/annotate/symbols";

/** Colour and shape of a class, beside its name. */
export function ClassSign({ of }: { of: MarkClass }) {
  return (
    <svg className="class-sign" viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true">
      <path d={symbolPath(of.shape, 5)} fill="none" stroke={of.colour} strokeWidth="2.5" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}
