export { default as MarkdownIt } from "markdown-it";
export { default as DOMPurify } from "dompurify";
export { default as katex } from "katex";
export { default as hljs } from "highlight.js/lib/common";
