import type { Chinese } from "../messages";
import type { texts as english } from "../en/sign_in";

export const texts: Chinese<typeof english> = {
  "signIn.title": "登录",
  "signIn.name": "用户名",
  "signIn.password": "密码",
  "signIn.submit": "登录",
  "signIn.or": "或",
  "signIn.passkey": "使用通行密钥",
  "signIn.institution": "通过{{name}}登录",
  "signIn.refused.institution-refused": "您的机构认识您，但您所在的用户组在此处没有角色，请联系管理员。",
  "signIn.refused.suspended": "此账户已停用，请联系本机构管理员。",
  "signIn.refused.no-role": "您目前在此处的任何机构都没有角色，请联系管理员。",
  "signIn.refused.other": "通过机构登录未成功，请重试；若仍失败，管理员可进行测试。",
  "signIn.code": "验证码",
  "signIn.codeHint": "身份验证器应用显示的 6 位数字，或一个恢复码",
  "signIn.continue": "继续",
  "signIn.again": "重新登录",
  "signIn.wait": "尝试失败次数过多，请等待 {{time}}。",
  "signIn.cannot": "无法登录",
  "signIn.how": "请联系本机构管理员，由其发送链接，您可通过该链接设置新密码。",
  "signIn.operator": "在服务器本机上，运维人员可以生成一次性链接：",
};
