import type { Chinese } from "../messages";
import type { texts as english } from "../en/inference";

export const texts: Chinese<typeof english> = {
  "runs.title": "模型运行",
  "runs.notYours": "您的角色不包含运行模型，管理员可以授予。",
  "runs.empty": "尚无模型运行。打开切片，在图层中运行模型。",
  "runs.state.waiting": "等待中",
  "runs.state.running": "运行中",
  "runs.state.done": "完成",
  "runs.state.failed": "失败",
  "runs.state.cancelled": "已取消",
  "runs.state.refused": "已拒绝",
  "runs.state.abstained": "弃权：无评分",
  "runs.progress": "{{name}} 的进度",
  "runs.patches": "{{done}} / {{total}} 个图块",
  "runs.outside": "超出已验证用途。{{why}}",
  "runs.refused": "不能在该切片上运行。{{why}}",
  "runs.encoder": "基于 {{name}} {{version}} 的嵌入向量",
  "runs.reveal": "显示其结果",
  "runs.score": "{{name}}：{{share}}",
  "runs.cancel": "取消",
  "runs.again": "再次运行",
  "runs.onSlide": "该切片上的模型",
  "runs.noModels": "本机构没有可在切片上运行的模型。",
  "runs.model": "模型",
  "runs.start": "运行",
};
