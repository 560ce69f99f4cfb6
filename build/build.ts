/** npm run build: writes everything a user installs into dist/. */
import { bundleCli } from './bundle-cli.ts';
import { bundleResponses } from './bundle-responses.ts';
import { writeManagerXml } from './manager-xml.ts';

for (const { file, bytes } of [...(await bundleResponses('dist/active-response')), await bundleCli('dist')]) {
  console.log(`${file}  ${(bytes / 1024).toFixed(1)} KB`);
}

console.log(`${(await writeManagerXml('dist')).length} files of decoders, rules and configuration`);
