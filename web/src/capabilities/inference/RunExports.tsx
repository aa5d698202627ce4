/** What a model said and measured, taken along as a file. */
import { useTranslation } from "react-i18next";
import { runFile } from "../../api/inference";
import type { ModelRun } from "../../api/types";
import { FileButton } from "../../shell/FileButton";
import { usePermission } from "../access/me";

export function RunExports({ run }: { run: ModelRun }) {
  const { t } = useTranslation();
  const mayExport = usePermission("slides.export");
  const isWhole = run.state === "done" || run.state === "abstained";
  if (!mayExport || !isWhole || run.patches === 0) return null;
  const name = `${run.model_id}-${run.model_version}-${run.image_id}`;
  const looksAtPatches = run.task !== "slide-head";
  const tellsClasses = Object.keys(run.scores).length > 0;
  // Cells of a run that abstained are not known; an embedding outlines nothing.
  const outlines = tellsClasses || (run.task === "cell-instances" && run.state === "done");
  const measures = run.state === "done" && run.task !== "tile-embedding";
  return (
    <span className="run-files" role="group" aria-label={t("runs.files")}>
      {measures && <FileButton path={runFile(run.id, "measurements")} name={`${name}-measurements.dcm`}>{t("runs.file.measurements")}</FileButton>}
      {looksAtPatches && tellsClasses && (
        <>
          <FileButton path={runFile(run.id, "segmentation?form=classes")} name={`${name}-classes.dcm`}>{t("runs.file.classes")}</FileButton>
          <FileButton path={runFile(run.id, "segmentation?form=probabilities")} name={`${name}-probabilities.dcm`}>{t("runs.file.probabilities")}</FileButton>
        </>
      )}
      {run.task === "tile-embedding" && run.state === "done" && <FileButton path={runFile(run.id, "embeddings")} name={`${name}.npz`}>{"NumPy"}</FileButton>}
      {looksAtPatches && (
        <>
          {outlines && <FileButton path={runFile(run.id, "patches?format=geojson")} name={`${name}.geojson`}>{"GeoJSON"}</FileButton>}
          <FileButton path={runFile(run.id, "patches?format=parquet")} name={`${name}.parquet`}>{"Parquet"}</FileButton>
          <FileButton path={runFile(run.id, "patches?format=csv")} name={`${name}.csv`}>{"CSV"}</FileButton>
        </>
      )}
    </span>
  );
}
