import type { JobClass } from '../../core/index.ts';
import { roomIn } from '../access/admission.ts';
import type { Context } from '../context.ts';
import { jsonAnswer, sendAnswer, TEXT_TYPE } from '../http/answer.ts';
import type { Exchange, Route } from '../http/exchange.ts';
import type { Check } from '../parts.ts';

/** What recordings are put into. */
const UPLOAD_CLASSES: readonly JobClass[] = ['interactive', 'batch'];
/** Prometheus's text format, version 0.0.4. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * For machines that look after the server: `/livez` says that the process answers, `/readyz` and `/healthz` that it takes work,
 * with `?verbose` check by check; `/metrics` for Prometheus, `/v1/status` for people and tools.
 */
export function healthRoutes(context: Context): Route[] {
  const { clock, metrics } = context;
  const open = { method: 'GET', access: 'open', errors: 'problem' } as const;
  const readiness = async (exchange: Exchange): Promise<void> => {
    const checks = allChecks(context);
    const status = checks.every(({ ok }) => ok) ? 200 : 503;
    await sendAnswer(exchange, { status, type: TEXT_TYPE, body: readinessText(exchange.url, checks) }, clock);
  };
  return [
    {
      ...open,
      path: '/livez',
      handle: (exchange) => sendAnswer(exchange, { status: 200, type: TEXT_TYPE, body: 'ok\n' }, clock),
    },
    { ...open, path: '/readyz', handle: readiness },
    { ...open, path: '/healthz', handle: readiness },
    {
      ...open,
      path: '/metrics',
      handle: async (exchange) =>
        sendAnswer(exchange, { status: 200, type: METRICS_TYPE, body: await metrics() }, clock),
    },
    {
      ...open,
      access: 'key',
      path: '/v1/status',
      handle: (exchange) => sendAnswer(exchange, jsonAnswer(statusOf(context)), clock),
    },
  ];
}

/**
 * Whether work is taken: what the parts behind say, then what the gateway itself does. A full queue is not among it: all gateways
 * have the same one, and a site that is unready because of its recordings would be none for those who speak.
 */
function allChecks({ checks, door }: Context): readonly Check[] {
  return [
    ...checks(),
    door.isClosed ? { name: 'draining', ok: false, note: 'stopping' } : { name: 'draining', ok: true },
  ];
}

/** `ok`, or what is wrong; as Kubernetes writes it when it is asked for. */
function readinessText({ searchParams }: URL, checks: readonly Check[]): string {
  const failing = checks.filter(({ ok }) => !ok);
  const shown = searchParams.has('verbose') ? checks : failing;
  const lines = shown.map(({ name, ok, note }) => `[${ok ? '+' : '-'}]${name} ${note ?? (ok ? 'ok' : 'failed')}\n`);
  return `${lines.join('')}${failing.length === 0 ? 'ok' : 'not ready'}\n`;
}

function statusOf({ version, broker, checks, door, live, status, models, settings }: Context): object {
  const { classes, leased, delayed, dead } = broker.jobs.stats();
  return {
    version,
    ready: checks().every(({ ok }) => ok) && !door.isClosed,
    checks: checks(),
    default_model: models.default,
    uploads: door.uploads,
    live: live.sessions.counts(),
    queue: {
      leased,
      delayed,
      dead,
      full: UPLOAD_CLASSES.filter((name) => roomIn(classes[name]) <= 0),
      classes: Object.fromEntries(
        Object.entries(classes).map(([name, { depth, limit, oldest }]) => [
          name,
          { depth, limit, oldest_seconds: Math.round(oldest) / 1000 },
        ]),
      ),
    },
    limits: { upload_bytes: settings.uploadBytes, retention_seconds: settings.retention / 1000 },
    ...status(),
  };
}
