// npm run lint: refuses imports from a lower room to a higher one, and cycles of imports.
import { cycles, forbiddenImports, importsOf } from './rooms.ts';

const imports = importsOf('.');
const faults = [
  ...forbiddenImports(imports).map((edge) => `import not allowed (build/rooms.ts): ${edge}`),
  ...cycles(imports).map((cycle) => `cycle of imports: ${cycle}`),
];
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
