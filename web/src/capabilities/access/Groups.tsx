import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { addGroup, listGroups, removeGroup } from "../../api/access";
import { useProblemText } from "../../shell/problem";
import { Button, IconButton, TextField } from "../../ui/controls";

/** The groups of the organisation; who is in one is said beside each person. */
export function Groups() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [name, setName] = useState("");
  const groups = useQuery({ queryKey: ["groups"], queryFn: ({ signal }) => listGroups(signal) }).data ?? [];
  const onSuccess = () => client.invalidateQueries({ queryKey: ["groups"] });
  const add = useMutation({
    mutationFn: () => addGroup(name),
    onSuccess: () => {
      setName("");
      return onSuccess();
    },
  });
  const remove = useMutation({ mutationFn: removeGroup, onSuccess });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const error = add.error ?? remove.error;
  return (
    <div className="form dialog-text">
      <p>{t("group.how")}</p>
      {groups.length > 0 && (
        <ul className="lines">
          {groups.map((group) => (
            <li key={group.id}>
              <strong>{group.name}</strong>
              <span className="second">{t("people.count", { count: group.members.length })}</span>
              <IconButton needsServer icon="close" label={t("group.remove", { name: group.name })} onPress={() => { remove.mutate(group.id); }} />
            </li>
          ))}
        </ul>
      )}
      <form className="form" onSubmit={submit}>
        <TextField label={t("group.name")} value={name} onChange={setName} required />
        {error && <p role="alert" className="wrong">{problemText(error)}</p>}
        <div className="actions">
          <Button icon="plus" type="submit" isPending={add.isPending}>
            {t("group.add")}
          </Button>
        </div>
      </form>
    </div>
  );
}
