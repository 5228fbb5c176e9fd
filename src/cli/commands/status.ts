import { z } from 'zod';
import type { Call } from '../command.ts';
import { FAILURE, SUCCESS, type ExitCode } from '../exit-codes.ts';
import { askServer } from '../server/ask-server.ts';
import { styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';

const Status = z.looseObject({
  version: z.string(),
  ready: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), note: z.string().optional() })),
  default_model: z.string(),
  queue: z.looseObject({
    leased: z.number(),
    dead: z.number(),
    classes: z.record(z.string(), z.object({ depth: z.number(), limit: z.number(), oldest_seconds: z.number() })),
  }),
  models: z.array(z.looseObject({ model: z.string(), segments: z.number(), restarts: z.number() })).optional(),
});

/** `scriptorium status`: what a running server says of itself. Exits with 0 when it is ready, with 1 when it isn't. */
export async function status(call: Call): Promise<ExitCode> {
  const { world, config } = call;
  const answer = await askServer(call, 'GET', '/v1/status', Status);
  if (config.json) await world.stdout.write(`${JSON.stringify(answer)}\n`);
  else await world.stdout.write(text(answer, call));
  return answer.ready ? SUCCESS : FAILURE;
}

function text(
  { version, ready, checks, default_model, queue, models = [] }: z.infer<typeof Status>,
  call: Call,
): string {
  const style = styleFor(call.world.stdout, call.world.machine.env);
  const reasons = checks.flatMap(({ name, ok, note }) => (ok ? [] : [`${name}: ${note ?? 'failed'}`]));
  const state = ready ? style.green('ready') : `${style.red('not ready')} (${reasons.join('; ')})`;
  const classes = Object.entries(queue.classes)
    .filter(([, { depth }]) => depth > 0)
    .map(([name, { depth, limit, oldest_seconds: oldest }]) => [
      name,
      `${String(depth)} of ${String(limit)}`,
      `oldest ${oldest.toFixed(1)} s`,
    ]);
  return [
    `scriptorium ${version} at ${call.config.server}: ${state}\n`,
    `model   ${default_model}\n`,
    `work    ${String(queue.leased)} under way, ${String(queue.dead)} given up\n`,
    classes.length === 0 ? 'queue   empty\n' : `queue\n${indented(table([], classes))}`,
    models.length === 0
      ? ''
      : `loaded\n${indented(
          table(
            [],
            models.map(({ model, segments, restarts }) => [
              model,
              `${String(segments)} segments`,
              `${String(restarts)} restarts`,
            ]),
          ),
        )}`,
  ].join('');
}

const indented = (lines: string): string => lines.replaceAll(/^(?=.)/gm, '  ');
