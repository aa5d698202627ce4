/** A report as the server has it, the template at hand, and what follows from what is written. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Problem, UNREACHABLE } from "../../api/client";
import { checkReport, reportQuery, templateQuery } from "../../api/reports";
import type { ReportCheck, ReportContent, ReportShown, ReportTemplate } from "../../api/types";

const LOOK_EVERY_MS = 10_000;
const CHECK_AFTER_MS = 400;

/** The report of a case; a refusal takes it off the screen, silence does not. */
export function useReport(caseId: string) {
  const { data, error, refetch } = useQuery({ ...reportQuery(caseId), refetchInterval: LOOK_EVERY_MS });
  const isRefused = error instanceof Problem && error.status !== UNREACHABLE && error.status < 500;
  return { report: isRefused ? undefined : data, error: data && !isRefused ? null : error, retry: () => void refetch() };
}

/** The template that a content is filled into: as it was then, for what was saved with it. */
export function useTemplate(report: ReportShown, content: ReportContent): ReportTemplate | null {
  const named = content.template;
  const isKept = report.template !== null && report.template.id === named?.id && (named.digest === "" || named.digest === report.template.digest);
  const newest = useQuery({ ...templateQuery(named?.id ?? ""), enabled: named != null && !isKept }).data;
  if (!named) return null;
  return isKept ? report.template : (newest ?? null);
}

/** What a content amounts to, a moment after it was written; null until the server said so for the first time. */
export function useCheck(report: ReportShown, content: ReportContent): ReportCheck | null {
  const [rested, setRested] = useState(content);
  useEffect(() => {
    if (rested === content) return;
    const timer = setTimeout(() => { setRested(content); }, CHECK_AFTER_MS);
    return () => { clearTimeout(timer); };
  }, [content, rested]);
  const { data } = useQuery({
    queryKey: ["report-check", report.case_id, rested],
    queryFn: () => checkReport(report.case_id, rested),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  // What was computed last stays while nobody answers: questions that hang on it would go otherwise.
  const last = useRef(report.check);
  if (data) last.current = data;
  return last.current;
}
