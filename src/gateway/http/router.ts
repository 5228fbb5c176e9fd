import type { Route } from './exchange.ts';

export type Match =
  | { readonly status: 'found'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path is known, the method isn't. */
  | { readonly status: 'method'; readonly allowed: readonly string[]; readonly errors: Route['errors'] }
  | { readonly status: 'unknown' };

export type Router = (method: string, path: string) => Match;

/** Finds the first of the routes that fits; HEAD is served by GET. Paths with broken escapes fit none. */
export function createRouter(routes: readonly Route[]): Router {
  const patterns = routes.map((route) => ({ route, parts: route.path.split('/') }));
  return (method, path) => {
    const wanted = path.replace(/(?<=.)\/$/, '').split('/');
    const fitting = patterns.flatMap(({ route, parts }) => {
      const params = fit(parts, wanted);
      return params === undefined ? [] : [{ route, params }];
    });
    const first = fitting[0];
    if (first === undefined) return { status: 'unknown' };
    const asked = method === 'HEAD' ? 'GET' : method;
    const found = fitting.find(({ route }) => route.method === asked);
    if (found !== undefined) return { status: 'found', ...found };
    return { status: 'method', allowed: fitting.map(({ route }) => route.method), errors: first.route.errors };
  };
}

/** What stands for each name; undefined when the path is another. */
function fit(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const name = /^\{(\w+)(\.\.\.)?\}$/.exec(part);
    const given = name?.[2] === undefined ? path[index] : path.slice(index).join('/');
    if (given === undefined) return undefined;
    if (name?.[1] === undefined) {
      if (given !== part) return undefined;
      continue;
    }
    const value = decoded(given);
    if (value === undefined || value === '') return undefined;
    params[name[1]] = value;
    if (name[2] !== undefined) return params;
  }
  return pattern.length === path.length ? params : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
