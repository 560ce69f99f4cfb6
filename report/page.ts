import { createHash } from 'node:crypto';
import { carriedFile } from '../base/carried-files.ts';
import { remarks } from './remarks.ts';
import type { Summary } from './summary.ts';

/** The data for the page's script. */
export interface PageData extends Summary {
  readonly remarks: readonly string[];
}

/**
 * Renders the report as a page in one file. Attackers' text is in it only as JSON without `<`, which the script shows as
 * text. The page's policy also makes the browser refuse any other script, style or resource.
 */
export function pageOf(summary: Summary): string {
  const script = carriedFile('report-page/page.js');
  const style = carriedFile('report-page/page.css');
  const data: PageData = { ...summary, remarks: remarks(summary) };
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Riposte report</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript>This report is drawn by its own script, which this browser does not run. In a terminal, riposte report shows it.</noscript>
<main></main>
<script type="application/json" id="data">${jsonIn(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that is safe inside HTML: nothing in it begins a tag or a comment. */
const jsonIn = (data: unknown): string =>
  JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
