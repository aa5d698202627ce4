import type { Chinese } from "../messages";
import type { texts as english } from "../en/appraisal";

export const texts: Chinese<typeof english> = {
  "appraisal.title": "扫描",
  "appraisal.waiting": "尚未查看此扫描。",
  "appraisal.notJudged": "此扫描无评估结果。",
  "appraisal.failed": "无法查看此扫描。",
  "appraisal.tissue": "组织",
  "appraisal.ink": "笔迹",
  "appraisal.folds": "褶皱",
  "appraisal.edges": "玻片与气泡边缘",
  "appraisal.unfocused": "失焦",
  "appraisal.unfocusedOf_other": "{{count, number}} 处中的 {{blurred}} 处",
  "appraisal.blur": "模糊度",
  "appraisal.ofTissue": "占组织的 {{share}}",
  "appraisal.ofStained": "占玻片上可见物的 {{share}}",
  "appraisal.ofPicture": "占全图的 {{share}}",
  "appraisal.median_other": "{{blur}}，{{count, number}} 处的中位数",
  "appraisal.noDetail": "没有可供判断的细节",
  "appraisal.otherStain": "确知染色为苏木精-伊红后，才给出笔迹与褶皱。",
  "appraisal.scale": "模糊度从 0（清晰）到 1，也取决于组织本身；高于 {{above}} 计为失焦。最模糊之处：",
  "appraisal.worst": "最模糊之处",
  "appraisal.place": "前往 {{blur}}",
};
