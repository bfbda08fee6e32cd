/**
 * The browser's part of the page, made of `lib/page/app/` when the page is started: one script and one style sheet, in
 * memory. esbuild is a development dependency, and that is enough: the page is started from the repository.
 */
import { fileURLToPath } from "node:url";

const ENTRIES = ["./app/main.tsx", "./app/page.css"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** The files that the page asks for. */
export type PageFiles = { readonly script: string; readonly style: string };

/** Bundles the app. Rejects with esbuild's words where it cannot. */
export async function buildApp(): Promise<PageFiles> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: ENTRIES,
    bundle: true,
    write: false,
    outdir: "/",
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    legalComments: "none",
    logLevel: "silent",
  });
  const fileOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { script: fileOf(".js"), style: fileOf(".css") };
}

/** The document: the same for everybody, without a word that comes from a record. */
export const DOCUMENT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>CloudTrail Engine</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/app.css">
<script type="module" src="/app.js"></script>
</head>
<body><div id="app"><noscript>This page needs JavaScript: it is a program that runs here, on your machine.</noscript></div></body>
</html>
`;

/** The sign in the browser's tab. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#14213d"/><path d="M5 20h6l3-10 5 14 3-8h5" fill="none" stroke="#ffb703" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
