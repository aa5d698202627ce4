/** A file of the server, fetched so that a refusal is a sentence on the page and no broken download. */
import { useMutation } from "@tanstack/react-query";
import { request } from "../api/client";
import { Button } from "../ui/controls";
import { giveFile } from "../ui/give_file";
import { useProblemText } from "./problem";

interface FileButtonProps {
  path: string;
  /** What the file is called where it is saved. */
  name: string;
  children: string;
}

export function FileButton({ path, name, children }: FileButtonProps) {
  const problemText = useProblemText();
  const save = useMutation({
    mutationFn: async () => { giveFile(await (await request(path, { headers: { Accept: "*/*" } })).blob(), name); },
  });
  return (
    <>
      <Button look="quiet" needsServer isPending={save.isPending} onPress={() => { save.mutate(); }}>{children}</Button>
      {save.error && <span role="alert" className="wrong">{problemText(save.error)}</span>}
    </>
  );
}
