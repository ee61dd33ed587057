/** How a file is shown; `binary` is only downloaded. */
export type PreviewKind =
  | { kind: "picture" | "audio" | "video" | "markdown" | "json" | "binary" }
  | { kind: "table"; delimiter: "," | "\t" }
  /** `language` is one of highlight.js; null: nothing is coloured. */
  | { kind: "text"; language: string | null };

const simple = {
  picture: "png jpg jpeg gif webp bmp",
  audio: "wav mp3 ogg flac m4a",
  video: "mp4 webm",
  markdown: "md markdown",
  json: "json ipynb",
  binary:
    "pdf zip gz tar tgz bz2 xz zst 7z pt pth ckpt pkl pickle joblib bin safetensors gguf onnx h5 hdf5 npy npz " +
    "parquet feather arrow model exe so dll tif tiff ico avi mov mpeg sqlite db",
} as const;

const languages: Record<string, string> = {
  python: "py pyi",
  javascript: "js mjs cjs jsx",
  typescript: "ts mts cts tsx",
  // Foreign markup is only ever text here.
  xml: "html htm xhtml svg xml",
  yaml: "yaml yml",
  ini: "ini toml cfg conf properties",
  bash: "sh bash zsh",
  css: "css scss",
  sql: "sql",
  rust: "rs",
  go: "go",
  java: "java",
  cpp: "c cc cpp h hpp cu",
  r: "r",
  diff: "diff patch",
};

const wholeNames: Record<string, PreviewKind> = {
  mlmodel: { kind: "text", language: "yaml" },
  mlproject: { kind: "text", language: "yaml" },
  dockerfile: { kind: "text", language: "dockerfile" },
  makefile: { kind: "text", language: "makefile" },
};

const kinds = new Map<string, PreviewKind>([
  ["csv", { kind: "table", delimiter: "," }],
  ["tsv", { kind: "table", delimiter: "\t" }],
  ["jsonl", { kind: "text", language: "json" }],
]);
for (const kind of ["picture", "audio", "video", "markdown", "json", "binary"] as const)
  for (const extension of simple[kind].split(" ")) kinds.set(extension, { kind });
for (const [language, extensions] of Object.entries(languages))
  for (const extension of extensions.split(" ")) kinds.set(extension, { kind: "text", language });

/** How a file of this name is shown; what it has in it may still show that it is no text. */
export function previewKind(name: string): PreviewKind {
  const lower = name.toLowerCase();
  const whole = Object.hasOwn(wholeNames, lower) ? wholeNames[lower] : undefined;
  if (whole !== undefined) return whole;
  const dot = lower.lastIndexOf(".");
  return kinds.get(dot === -1 ? "" : lower.slice(dot + 1)) ?? { kind: "text", language: null };
}
