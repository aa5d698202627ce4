import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { templatesQuery } from "../../api/reports";
import { inWords } from "./form";

/** What a template is called in the language of the screen; its id where it is there no more. */
export function useTemplateName(): (id: string) => string {
  const { i18n } = useTranslation();
  const templates = useQuery(templatesQuery).data;
  return (id) => {
    const known = templates?.find((one) => one.id === id);
    return known ? inWords(known.label, i18n.language) : id;
  };
}
