import type { OpenApiDocument, Operation } from '../../protocol/index.ts';

/** Works without any script, in light and dark. */
const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 56rem; margin: 0 auto; padding: 1rem; }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.75rem; background: light-dark(#f3f4f6, #1b1f24); border-radius: 6px; }
section { border-top: 1px solid light-dark(#d0d7de, #3d444d); padding-top: 0.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; }
summary { cursor: pointer; }
`;

/** The document as a page for people. */
export function referencePage({ info, tags, paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const groups = tags.map(({ name, description }) => {
    const mine = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2>${text(name)}</h2><p>${text(description)}</p>${mine.map(operationSection).join('')}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `<section id="${text(name)}"><h3>${text(name)}</h3>${folded('JSON Schema', schema)}</section>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(info.title)} API</title><style>${STYLE}</style></head><body><main>
<h1>${text(info.title)} ${text(info.version)}</h1><p>${text(info.description)}</p>
<p>Machines read <a href="/openapi.json">openapi.json</a>.</p>
${groups.join('')}<h2>Schemas</h2>${schemas.join('')}</main></body></html>`;
}

function operationSection({
  path,
  method,
  operation,
}: {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const bodies = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema, example }]) =>
      `<p>Body: <code>${text(type)}</code> ${schemaLink(schema)}</p>${example === undefined ? '' : folded('Example', example)}`,
  );
  const answers = Object.entries(responses).map(([status, response]) => {
    const content = Object.entries(response.content ?? {});
    const types = content.map(([type, { schema }]) => `<code>${text(type)}</code> ${schemaLink(schema)}`);
    return [text(status), text(response.description), types.join('<br>')];
  });
  return `<section id="${text(operationId)}"><h3><code>${method} ${text(path)}</code></h3>
<p><strong>${text(summary)}.</strong> ${text(description ?? '')}</p>
${table(
  ['Parameter', 'In', 'Is'],
  parameters.map((one) => [`<code>${text(one.name)}</code>`, one.in, text(one.description)]),
)}
${bodies.join('')}${table(['Status', 'Means', 'Body'], answers)}</section>`;
}

/** Cells are HTML. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table>`;
}

const folded = (name: string, value: unknown): string =>
  `<details><summary>${name}</summary><pre>${text(JSON.stringify(value, null, 2))}</pre></details>`;

function schemaLink(schema: object): string {
  const names = [...JSON.stringify(schema).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => name);
  return names.map((name) => `<a href="#${name}">${name}</a>`).join(', ');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const text = (value: string): string => value.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
