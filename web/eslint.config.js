import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "dev/**", "src/api/schema.ts"] },
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "JSXText[value=/[A-Za-z\\u4e00-\\u9fff]{2,}/]", message: "Text on screen comes from src/i18n." },
      ],
    },
  },
  {
    files: ["src/viewer/**"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["react", "react-*", "**/shell/*", "**/ui/*", "**/capabilities/**", "**/i18n/*"] }],
    },
  },
);
