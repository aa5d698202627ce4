import type { Chinese } from "../messages";
import type { texts as english } from "../en/shell";

export const texts: Chinese<typeof english> = {
  "app.name": "Hemalum",
  "app.library": "切片库",
  "app.nowhere": "此地址没有页面。",
  "app.skip": "跳到内容",
  "app.demo": "演示节点：切片为虚构，不得用于诊疗",

  "dimmer.on": "调暗玻片背景",
  "dimmer.off": "取消调暗",
  "dimmer.chip": "玻片已调暗：颜色与扫描不同",

  "theme.toLight": "切换到浅色",
  "theme.toDark": "切换到深色",

  "language.other": "English",
  "language.label": "语言",

  "user.menu": "已登录：{{name}}",
  "user.account": "我的账户",
  "user.apps": "外部应用",
  "user.people": "人员与角色",
  "user.messages": "其他系统的消息",
  "user.organisations": "机构",
  "user.actIn": "切换到机构",
  "user.notMoved": "未能切换到{{name}}",
  "user.signOut": "退出登录",

  "connection.lost": "与服务器的连接已中断：仅可阅片。您的标注和阅片记录保存在本浏览器中等待；需要服务器的功能在恢复前停用。",
  "connection.queued_other": "有 {{count}} 项等待保存。",

  "offline.title": "无法连接服务器",
  "offline.what": "服务器恢复响应后 Hemalum 会自动继续。切片和患者信息不会保存在本设备上。",

  "release.newer": "Hemalum 新版本已就绪。",
  "release.use": "立即加载",

  "problem.generic": "服务器出错了。",
  "problem.unreachable": "服务器没有响应。",
  "problem.not-found": "内容不存在，或您无权查看。",
  "problem.not-permitted": "您没有此操作的权限，可请本机构管理员授权。",
  "problem.busy": "服务器繁忙，请稍后重试。",

  "action.retry": "重试",
  "action.close": "关闭",
  "action.cancel": "取消",
  "action.back": "返回切片库",
  "action.save": "保存",
  "action.change": "修改",
  "action.remove": "移除",
  "action.copy": "复制",
  "action.copied": "已复制",

  "account.needsFactor": "{{name}}要求使用第二重验证。请设置通行密钥或身份验证器应用，或使用已有的方式登录。",

  "worklist.title": "工作列表",

  "orders.bench": "病理医嘱",

  "turnaround.title": "周转时间",

  "quality.title": "复阅",

  "drift.title": "扫描仪与染色",

  "settings.title": "设置",

  "purpose.label": "用途",
  "purpose.care": "诊疗",
  "purpose.quality": "质控",
  "purpose.research": "科研",
  "purpose.trial": "临床试验",
  "purpose.teaching": "教学",
  "purpose.support": "技术支持",

  "user.runs": "模型运行",

  "comparison.title": "版本比较",
  "triage.title": "模型分诊",

  "user.models": "模型",
  "user.conformity": "元数据符合情况",

  "custody.bench": "工作台",
  "custody.where": "查找位置",
  "custody.containers": "容器",
  "custody.keeping": "借出与销毁",
  "custody.stations": "站点",

  "audit.open": "审计",
};
