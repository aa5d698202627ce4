/** The further work of a case: what was asked for, how far it is, and a way to ask for more. */
import "./orders.css";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { caseWorkQuery } from "../../api/orders";
import type { CaseDetail, WorkOrder } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { usePermission } from "../access/me";
import { PriorityMark } from "../cases/CaseRows";
import { shortOf } from "../cases/CasePreview";
import { OrderWork } from "./OrderWork";
import { WorkMark } from "./WorkMark";
import { WorkMoves } from "./WorkMoves";
import { useWorkWords } from "./words";

function Order({ order }: { order: WorkOrder }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const words = useWorkWords();
  return (
    <li className="work-order">
      <span className="figures">{`W${order.serial}`}</span>
      <span className="what">
        <strong>{words.what(order)}</strong> <span className="figures second">{order.subject_id === null ? t("orders.wholeCase") : shortOf(order.subject)}</span>
        {order.priority !== "routine" && (
          <>
            {" "}
            <PriorityMark row={order} />
          </>
        )}
        {order.reason !== "" && <q>{order.reason}</q>}
        {order.words !== "" && <span className="second words">{order.words}</span>}
        <span className="second">{t("orders.by", { name: order.requested_by_name, time: dateTime(order.requested_at) })}</span>
      </span>
      <span>
        <WorkMark state={order.state} />
        {order.said !== "" && <q>{order.said}</q>}
      </span>
      <WorkMoves order={order} />
    </li>
  );
}

interface CaseWorkProps {
  shown: CaseDetail;
  heading: "h2" | "h3";
  at?: string | undefined;
}

export function CaseWork({ shown, heading: Heading, at }: CaseWorkProps) {
  const { t } = useTranslation();
  const mayRequest = usePermission("orders.request");
  const { data } = useQuery(caseWorkQuery(shown.id));
  if (!data || (data.length === 0 && !mayRequest)) return null;
  return (
    <section className="block case-work">
      <Heading>{t("orders.title")}</Heading>
      {data.length > 0 ? (
        <ul>
          {data.map((order) => (
            <Order key={order.id} order={order} />
          ))}
        </ul>
      ) : (
        <p className="second">{t("orders.none")}</p>
      )}
      <OrderWork shown={shown} at={at} />
    </section>
  );
}
