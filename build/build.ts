/** npm run build: writes everything that a user installs into dist/. */
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { signatureList } from '../judgement/signatures/list/index.ts';
import { FRAGMENTS } from '../packaging/fragments.ts';
import { bundleCli, packageFilesOfCli } from './bundle-cli.ts';
import { bundleHook } from './bundle-hook.ts';
import { bundleReportPage } from './bundle-report-page.ts';
import { bundleResponses } from './bundle-responses.ts';
import { writeCompletion } from './completion.ts';
import { renewMadeFiles } from './made-files.ts';
import { writeManPage } from './man-page.ts';
import { writeManagerXml } from './manager-xml.ts';
import { writeNotices } from './notices.ts';
import { writeWazuh5Pack } from './wazuh5-pack/pack.ts';

// A wrong line of the list must fail the build, not a running server.
signatureList();
for (const path of renewMadeFiles()) console.log(`${path}  renewed`);
const responses = await bundleResponses('dist/active-response');
const hook = await bundleHook('dist');
const reportPage = await bundleReportPage('dist');
const xml = await writeManagerXml('dist');
const pack = await writeWazuh5Pack('dist', JSON.parse(readFileSync('package.json', 'utf8')).version);
const page = await writeManPage('dist');
await writeCompletion('dist');
const packageFiles = [...responses, hook, reportPage].flatMap((bundled) => bundled.packageFiles);
const notices = await writeNotices('dist', [...packageFiles, ...(await packageFilesOfCli())]);
for (const directory of [...FRAGMENTS, 'fail2ban'])
  await cp(directory, `dist/${directory}`, { recursive: true });

// Bundle the command last, because it contains all other built files.
for (const { file, bytes } of [...responses, hook, reportPage, await bundleCli('dist')]) {
  console.log(`${file}  ${(bytes / 1024).toFixed(1)} KB`);
}
console.log(page);
console.log(notices);
console.log(`${xml.length + pack.length} files of decoders, rules and configuration`);
