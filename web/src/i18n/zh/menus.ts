import type { Chinese } from "../messages";
import type { texts as english } from "../en/menus";

export const texts: Chinese<typeof english> = {
  "signOut.stay": "继续登录",
  "signOut.lose": "退出并放弃",
  "signOut.losing_other": "您在此处的 {{count, number}} 项操作尚未送达服务器。退出登录会将其从本浏览器中删除。",

  "palette.title": "查找操作或切片",
  "palette.hint": "操作或切片名称",
  "palette.actions": "操作",
  "palette.recent": "最近看过",
  "palette.slides": "切片",
  "palette.none": "没有匹配项。",

  "settings.theme": "配色",
  "settings.theme.dark": "深色",
  "settings.theme.light": "浅色",
  "settings.density": "行距",
  "settings.density.browser": "随设备",
  "settings.density.compact": "紧凑",
  "settings.density.standard": "标准",
  "settings.density.touch": "触控",
  "settings.motion": "动画",
  "settings.motion.browser": "随设备",
  "settings.motion.reduced": "尽量减少",
  "settings.motion.full": "完整",
  "settings.wheelSpeed": "滚轮缩放速度",
  "settings.wheelInverted": "反转滚轮方向",
  "settings.slowLink": "慢速网络下用半分辨率",
  "settings.slowLink.measured": "测得较慢时",
  "settings.slowLink.on": "始终",
  "settings.slowLink.off": "从不",
  "settings.dimmer": "调暗玻片背景，直到退出登录",
  "settings.where": "设置会随您的账户保留。",
};
