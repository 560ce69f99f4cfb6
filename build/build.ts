/** npm run build: writes everything a user installs into dist/. */
import { cp } from 'node:fs/promises';
import { bundleCli } from './bundle-cli.ts';
import { bundleHook } from './bundle-hook.ts';
import { bundleReportPage } from './bundle-report-page.ts';
import { bundleResponses } from './bundle-responses.ts';
import { writeCompletion } from './completion.ts';
import { writeManPage } from './man-page.ts';
import { writeManagerXml } from './manager-xml.ts';

const responses = await bundleResponses('dist/active-response');
const hook = await bundleHook('dist');
const reportPage = await bundleReportPage('dist');
const xml = await writeManagerXml('dist');
const page = await writeManPage('dist');
await writeCompletion('dist');
await cp('httpd.conf.d', 'dist/httpd.conf.d', { recursive: true });

// Last, as it carries all the others in itself.
for (const { file, bytes } of [...responses, hook, reportPage, await bundleCli('dist')]) {
  console.log(`${file}  ${(bytes / 1024).toFixed(1)} KB`);
}
console.log(page);
console.log(`${xml.length} files of decoders, rules and configuration`);
