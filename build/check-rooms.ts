// npm run lint: refuses imports from a lower room to a higher one, and circles of imports.
import { circles, forbiddenImports, importsOf } from './rooms.ts';

const imports = importsOf('.');
const faults = [
  ...forbiddenImports(imports).map((edge) => `import not allowed (build/rooms.ts): ${edge}`),
  ...circles(imports).map((circle) => `circle of imports: ${circle}`),
];
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
