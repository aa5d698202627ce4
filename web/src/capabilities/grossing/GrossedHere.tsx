/** What is described and photographed where a part or block is grossed. */
import { useQuery } from "@tanstack/react-query";
import { caseQuery } from "../../api/cases";
import { Wrong } from "../../shell/Wrong";
import { Cassettes } from "./Cassettes";
import { Photographs } from "./Photographs";

export function GrossedHere({ caseId, piece }: { caseId: string; piece: string }) {
  const { data: shown, error } = useQuery(caseQuery(caseId));
  return (
    <>
      <Cassettes caseId={caseId} />
      {shown ? <Photographs key={piece} shown={shown} of={piece} /> : <Wrong error={error} />}
    </>
  );
}
