import { useState } from "react";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";

interface RemarkProps {
  label: string;
  actions: { text: string; run: (remark: string) => void }[];
  error: unknown;
  busy: boolean;
  required?: boolean;
}

/** A remark and what to do with it. */
export function Remark({ label, actions, error, busy, required = false }: RemarkProps) {
  const problemText = useProblemText();
  const [remark, setRemark] = useState("");
  return (
    <div className="remark">
      <input
        className="input"
        aria-label={label}
        placeholder={label}
        maxLength={1000}
        value={remark}
        onChange={(event) => { setRemark(event.target.value); }}
      />
      {actions.map(({ text, run }) => (
        <Button key={text} needsServer isDisabled={busy || (required && remark.trim() === "")} onPress={() => { run(remark.trim()); }}>
          {text}
        </Button>
      ))}
      {error !== null && error !== undefined && <p role="alert">{problemText(error)}</p>}
    </div>
  );
}
