/** The orders of clinicians that a case fulfils, and that one was taken back when it was begun. */
import "./orders.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { movePlaced, placedQuery } from "../../api/orders";
import type { PlacedOrder, PlacedState } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { usePermission } from "../access/me";
import { useWorkChanged } from "./use_work";

type Move = Exclude<PlacedState, "draft" | "completed">;
const MOVES: readonly Move[] = ["active", "on_hold", "revoked"];

function Placed({ order }: { order: PlacedOrder }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const problemText = useProblemText();
  const mayDecide = usePermission("cases.accession");
  const changed = useWorkChanged();
  const [wanted, setWanted] = useState<Move | null>(null);
  const [reason, setReason] = useState("");
  const moving = useMutation({
    mutationFn: (then: Move) => movePlaced(order.id, then, reason),
    onSuccess: () => {
      setWanted(null);
      setReason("");
    },
    onSettled: changed,
  });
  // To leave an order as it is answers whoever took it back.
  const moves = MOVES.filter((then) => order.next_states.includes(then) || (order.wants_revocation && then === order.state));
  const word = (then: Move) => t(then === order.state ? "orders.placed.keep" : `orders.placed.move.${then}`);
  return (
    <li className="placed-order">
      <span className="figures">{[order.issuer, order.number].filter(Boolean).join(" ") || t("orders.placed.unnumbered")}</span>
      <span>{t(`orders.placed.state.${order.state}`)}</span>
      <span className="second">{dateTime(order.placed_at)}</span>
      {order.wants_revocation && (
        <strong className="late">
          <Icon name="warning" /> {t("orders.placed.wantsRevocation")}
        </strong>
      )}
      {mayDecide && wanted === null && (
        <span className="work-moves">
          {moves.map((then) => (
            <Button key={then} look="quiet" needsServer onPress={() => { setWanted(then); }}>
              {word(then)}
            </Button>
          ))}
        </span>
      )}
      {wanted !== null && (
        <form
          className="move"
          onSubmit={(event) => {
            event.preventDefault();
            moving.mutate(wanted);
          }}
        >
          <TextField label={t("cases.reason")} value={reason} onChange={setReason} maxLength={500} autoFocus required />
          <Button type="submit" look="primary" isPending={moving.isPending} isDisabled={reason.trim() === ""}>
            {word(wanted)}
          </Button>
          <Button look="quiet" onPress={() => { setWanted(null); }}>
            {t("action.cancel")}
          </Button>
        </form>
      )}
      {moving.error && (
        <p role="alert" className="wrong">
          {problemText(moving.error)}
        </p>
      )}
    </li>
  );
}

export function PlacedOrders({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(placedQuery(caseId));
  if (!data || data.length === 0) return null;
  return (
    <section className="block">
      <h2>{t("orders.placed")}</h2>
      <ul className="placed-orders">
        {data.map((order) => (
          <Placed key={order.id} order={order} />
        ))}
      </ul>
    </section>
  );
}
