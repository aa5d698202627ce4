import { useProblemText } from "./problem";

/** Why something could not be read or done; nothing where it could. */
export function Wrong({ error }: { error: Error | null }) {
  const problemText = useProblemText();
  return error ? (
    <p role="alert" className="wrong">
      {problemText(error)}
    </p>
  ) : null;
}
