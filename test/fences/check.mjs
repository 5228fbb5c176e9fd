// Holds the imports of a source tree to .dependency-cruiser.cjs, and fails too when it could not read every file.
//
//   node test/fences/check.mjs [FOLDER]        FOLDER holds src/ and perhaps bench/; the project itself by default
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { argv, chdir, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { Visitor } from '@swc/core/Visitor.js';
import { cruise } from 'dependency-cruiser';

const home = fileURLToPath(new URL('../../', import.meta.url));
const rules = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');

// swc parses `using`, but its visitor does not know the statement: it holds declarations as `const` does.
const visitStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function visit(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  statement.decls = this.visitVariableDeclarators(statement.decls);
  return statement;
};

/** Every TypeScript file under `folder`, as a path from the current folder with forward slashes. */
function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.ts') && statSync(path).isFile())
    .map((path) => path.replaceAll('\\', '/'));
}

/** @returns lines that say what is wrong; none when all is well. */
async function check() {
  const folders = ['src', 'bench'].filter((name) => statSync(name, { throwIfNoEntry: false })?.isDirectory());
  const wanted = folders.flatMap(sources);
  if (wanted.length === 0) return ['no source file found: there is nothing to check'];
  const { output } = await cruise(folders, {
    ...rules.options,
    validate: true,
    ruleSet: { forbidden: rules.forbidden },
  });
  const cruised = new Map(output.modules.map((module) => [module.source, module]));
  const unread = wanted.filter((path) => !cruised.has(path)).map((path) => `${path}: not read by the checker`);
  const links = output.modules.reduce((sum, module) => sum + module.dependencies.length, 0);
  if (links === 0) unread.push('no import found in any file: the checker reads nothing');
  stdout.write(`${wanted.length} files, ${links} imports\n`);
  const broken = output.summary.violations.map(({ rule, from, to }) => `${from} → ${to}: ${rule.name}`);
  return [...unread, ...broken];
}

chdir(argv[2] ?? home);
const problems = await check().catch((error) => [
  `a file could not be read:\n${String(error.message).split('Caused by')[0].trim()}`,
]);
for (const line of problems) stderr.write(`${line}\n`);
if (problems.length > 0) process.exitCode = 1;
