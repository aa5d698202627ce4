/** Accepts, rejects, begins, finishes or cancels a work order; what needs a reason asks for it. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WorkOrder, WorkState } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { EXPLAINED, movesOf } from "./kinds";
import { useMoveWork } from "./use_work";

interface WorkMovesProps {
  order: WorkOrder;
  /** The move whose reason is being typed, where a key of the page chose it. */
  asked?: WorkState | null;
  onAsked?: (state: WorkState | null) => void;
}

export function WorkMoves({ order, asked: fromOutside, onAsked }: WorkMovesProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const mayProcess = usePermission("orders.process");
  const mayRequest = usePermission("orders.request");
  const [own, setOwn] = useState<WorkState | null>(null);
  const [reason, setReason] = useState("");
  const ask = onAsked ?? setOwn;
  const moving = useMoveWork(() => {
    ask(null);
    setReason("");
  });
  const moves = movesOf(order.next_states, mayProcess, mayRequest);
  const wanted = fromOutside ?? own;
  const asked = wanted && moves.includes(wanted) ? wanted : null;
  return (
    <div className="work-moves">
      {asked === null &&
        moves.map((then) => (
          <Button
            key={then}
            look={then === "accepted" ? "plain" : "quiet"}
            needsServer
            isPending={moving.isPending}
            onPress={() => {
              if (EXPLAINED.includes(then)) ask(then);
              else moving.mutate({ id: order.id, state: then, reason: "" });
            }}
          >
            {t(`orders.move.${then as Exclude<WorkState, "requested">}`)}
          </Button>
        ))}
      {asked !== null && (
        <form
          className="move"
          onSubmit={(event) => {
            event.preventDefault();
            moving.mutate({ id: order.id, state: asked, reason });
          }}
        >
          <TextField label={t("cases.reason")} value={reason} onChange={setReason} maxLength={500} autoFocus required />
          <Button type="submit" look="primary" isPending={moving.isPending} isDisabled={reason.trim() === ""}>
            {t(`orders.move.${asked as Exclude<WorkState, "requested">}`)}
          </Button>
          <Button look="quiet" onPress={() => { ask(null); }}>
            {t("action.cancel")}
          </Button>
        </form>
      )}
      {moving.error && (
        <p role="alert" className="wrong">
          {problemText(moving.error)}
        </p>
      )}
    </div>
  );
}
