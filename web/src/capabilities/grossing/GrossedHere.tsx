/** What is described and photographed where a part or block is grossed: in a dialog, so that no code is read into it. */
import "./grossing.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { caseQuery } from "../../api/cases";
import { Wrong } from "../../shell/Wrong";
import { Button, Dialog } from "../../ui/controls";
import { Cassettes } from "./Cassettes";
import { Photographs } from "./Photographs";

interface GrossedHereProps {
  caseId: string;
  piece: string;
  /** Back at the scanner. */
  onDone: () => void;
}

function Described({ caseId, piece }: Omit<GrossedHereProps, "onDone">) {
  const { data: shown, error } = useQuery(caseQuery(caseId));
  return (
    <div className="grossed-here">
      <Cassettes caseId={caseId} />
      {shown ? <Photographs shown={shown} of={piece} /> : <Wrong error={error} />}
    </div>
  );
}

export function GrossedHere({ onDone, ...at }: GrossedHereProps) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <div>
        <Button onPress={() => { setOpen(true); }}>{t("grossing.here")}</Button>
      </div>
      <Dialog
        title={t("grossing.here")}
        isOpen={isOpen}
        onClose={() => {
          setOpen(false);
          onDone();
        }}
      >
        <Described {...at} />
      </Dialog>
    </>
  );
}
