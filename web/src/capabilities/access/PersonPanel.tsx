import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import {
  changeGroup,
  listGroups,
  reinstatePerson,
  renamePerson,
  resetPerson,
  setRoles,
  signPersonOut,
  suspendPerson,
} from "../../api/access";
import type { PersonShown, Role, RoleHeld } from "../../api/types";
import { dayOf, endOfDay } from "../../i18n/days";
import { useProblemText } from "../../shell/problem";
import { Button, Check, Dialog, TextField } from "../../ui/controls";
import { OneTimeLink } from "./OneTimeLink";
import { RoleChecks } from "./RoleChecks";
import { Tokens } from "./Tokens";

interface PersonPanelProps {
  person: PersonShown;
  at: string | undefined;
  isMe: boolean;
}

/** One person: roles, groups, and what an administrator does when something went wrong. */
export function PersonPanel({ person, at, isMe }: PersonPanelProps) {
  const { t } = useTranslation();
  return (
    <div className="person">
      <DisplayName person={person} at={at} />
      {person.works_elsewhere && <p className="hint">{t("person.elsewhere")}</p>}
      <section>
        <h3>{t("people.column.roles")}</h3>
        <HeldRoles person={person} at={at} />
      </section>
      {at === undefined && <GroupsOf person={person} />}
      {person.kind === "service" ? (
        at === undefined && (
          <section>
            <h3>{t("token.title")}</h3>
            <Tokens holder={person} />
          </section>
        )
      ) : (
        <Trouble person={person} at={at} isMe={isMe} />
      )}
    </div>
  );
}

function useChange<T = void>(change: (input: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(["people", "groups", "me"].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

function DisplayName({ person, at }: { person: PersonShown; at: string | undefined }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [text, setText] = useState(person.display_name);
  const [isEdited, setEdited] = useState(false);
  const rename = useChange(() => renamePerson(person.id, text, at).then(() => { setEdited(false); }));
  if (!isEdited) {
    return (
      <div className="person-head">
        <div>
          <h2>{person.display_name}</h2>
          <p className="second">{person.name}</p>
        </div>
        <Button look="quiet" onPress={() => { setEdited(true); }}>
          {t("person.rename")}
        </Button>
      </div>
    );
  }
  return (
    <form
      className="form"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        rename.mutate();
      }}
    >
      <TextField label={t("invite.displayName")} value={text} onChange={setText} required autoFocus />
      {rename.error && <p role="alert" className="wrong">{problemText(rename.error)}</p>}
      <div className="actions">
        <Button look="primary" type="submit" isPending={rename.isPending}>
          {t("action.save")}
        </Button>
        <Button look="quiet" onPress={() => { setEdited(false); }}>
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}

const dayUntil = (moment: string | null | undefined) => (moment ? dayOf(new Date(moment)) : "");

function HeldRoles({ person, at }: { person: PersonShown; at: string | undefined }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const own = person.roles.filter((each) => !each.from_institution && !each.has_ended);
  const fixed = person.roles.filter((each) => each.from_institution && !each.has_ended).map((each) => each.role);
  const [days, setDays] = useState<Partial<Record<Role, string>>>(Object.fromEntries(own.map((each) => [each.role, dayUntil(each.until)])));
  const chosen = Object.keys(days) as Role[];
  const before = JSON.stringify(Object.fromEntries(own.map((each) => [each.role, dayUntil(each.until)])));
  const save = useChange((roles: RoleHeld[]) => setRoles(person.id, roles, at));
  const isChanged = JSON.stringify(days) !== before;
  return (
    <div className="form">
      <RoleChecks
        chosen={chosen}
        fixed={fixed}
        onChange={(roles) => {
          setDays(Object.fromEntries(roles.map((role) => [role, days[role] ?? ""])));
        }}
        beside={(role) => (
          <label className="until">
            {t("person.until")}
            <input
              type="date"
              className="input"
              aria-label={t("person.untilOf", { role: t(`role.${role}`) })}
              value={days[role] ?? ""}
              onChange={(event) => {
                setDays({ ...days, [role]: event.target.value });
              }}
            />
          </label>
        )}
      />
      {fixed.length > 0 && <p className="hint">{t("person.fromInstitution")}</p>}
      {save.error && <p role="alert" className="wrong">{problemText(save.error)}</p>}
      <div className="actions">
        <Button needsServer
          isPending={save.isPending}
          isDisabled={!isChanged}
          onPress={() => {
            save.mutate(chosen.map((role) => ({ role, until: days[role] ? endOfDay(days[role]).toISOString() : null })));
          }}
        >
          {t("person.saveRoles")}
        </Button>
      </div>
    </div>
  );
}

function GroupsOf({ person }: { person: PersonShown }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const groups = useQuery({ queryKey: ["groups"], queryFn: ({ signal }) => listGroups(signal) }).data ?? [];
  const change = useChange(changeGroup);
  if (groups.length === 0) return null;
  return (
    <section>
      <h3>{t("people.groups")}</h3>
      <div className="checks">
        {groups.map((group) => (
          <Check needsServer
            key={group.id}
            label={group.name}
            checked={group.members.includes(person.id)}
            disabled={change.isPending}
            onChange={(checked) => {
              const others = group.members.filter((each) => each !== person.id);
              change.mutate({ ...group, members: checked ? [...others, person.id] : others });
            }}
          />
        ))}
      </div>
      {change.error && <p role="alert" className="wrong">{problemText(change.error)}</p>}
    </section>
  );
}

function Trouble({ person, at, isMe }: PersonPanelProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [isResetting, setResetting] = useState(false);
  const signOut = useChange(() => signPersonOut(person.id, at));
  const suspend = useChange(() => (person.suspended_at === null ? suspendPerson(person.id, at) : reinstatePerson(person.id, at)));
  const error = signOut.error ?? suspend.error;
  return (
    <section>
      <h3>{t("person.access")}</h3>
      <div className="form">
        {error && <p role="alert" className="wrong">{problemText(error)}</p>}
        <div className="actions">
          <Button onPress={() => { setResetting(true); }}>{t(person.has_credential ? "person.reset" : "person.inviteAgain")}</Button>
          <Button needsServer isPending={signOut.isPending} onPress={() => { signOut.mutate(); }}>
            {t("person.signOut")}
          </Button>
          {!isMe && (
            <Button needsServer isPending={suspend.isPending} onPress={() => { suspend.mutate(); }}>
              {t(person.suspended_at === null ? "person.suspend" : "person.reinstate")}
            </Button>
          )}
        </div>
        {signOut.isSuccess && <p role="status" className="second">{t("person.signedOut")}</p>}
      </div>
      <Dialog title={t("person.reset")} isOpen={isResetting} onClose={() => { setResetting(false); }}>
        <Reset person={person} at={at} />
      </Dialog>
    </section>
  );
}

function Reset({ person, at }: { person: PersonShown; at: string | undefined }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [removesFactors, setRemovesFactors] = useState(false);
  const client = useQueryClient();
  const reset = useMutation({
    mutationFn: () => resetPerson(person.id, removesFactors, at),
    onSuccess: () => client.invalidateQueries({ queryKey: ["people"] }),
  });
  if (reset.data) return <OneTimeLink link={reset.data.link} text={t("person.resetSend", { name: person.display_name })} />;
  return (
    <div className="form dialog-text">
      <p>{t("person.resetHow", { name: person.display_name })}</p>
      {person.has_second_factor && <Check label={t("person.resetFactors")} checked={removesFactors} onChange={setRemovesFactors} />}
      {reset.error && <p role="alert" className="wrong">{problemText(reset.error)}</p>}
      <div className="actions">
        <Button needsServer look="primary" isPending={reset.isPending} onPress={() => { reset.mutate(); }}>
          {t("person.resetMake")}
        </Button>
      </div>
    </div>
  );
}
