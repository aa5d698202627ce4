import type { Chinese } from "../messages";
import type { texts as english } from "../en/grossing";

export const texts: Chinese<typeof english> = {
  "grossing.photographs": "照片",
  "grossing.of": "拍摄对象",
  "grossing.files": "要添加的图片",
  "grossing.add": "添加照片",
  "grossing.adding": "正在添加…",
  "grossing.none": "暂无照片。",
  "grossing.open": "{{label}} 的照片",
  "grossing.photograph": "{{label}} 的照片",
  "grossing.noScale": "未标定比例",
  "grossing.width": "宽 {{mm}} 毫米",
  "grossing.withdrawn": "误录入：{{why}}",
  "grossing.hint": "在标尺上点选两处并填写其间距。方向键可移动选点，按住 Shift 移动更多。",
  "grossing.begin": "放置两点",
  "grossing.place": "标尺上的第 {{number}} 点",
  "grossing.length": "间距（毫米）",
  "grossing.setScale": "标定比例",
  "grossing.takeBack": "撤销比例",
  "grossing.bar": "比例尺长 {{mm}} 毫米。",
  "grossing.withdraw": "误录入",
  "grossing.withdraw.reason": "为何不属于此处",
};
