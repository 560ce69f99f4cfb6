/** npm run build: writes everything a user installs into dist/. */
import { bundleResponses } from './bundle-responses.ts';

for (const { file, bytes } of await bundleResponses('dist/active-response')) {
  console.log(`${file}  ${(bytes / 1024).toFixed(1)} KB`);
}
