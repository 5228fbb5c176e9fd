import type { Config } from '../../config/index.ts';
import type { Style } from '../terminal/style.ts';
import type { World } from '../world.ts';
import { barView } from './bar-view.ts';
import { jsonView, lineView, silentView } from './line-view.ts';
import type { ProgressView } from './progress.ts';
import { viewIo } from './view-io.ts';

/** The view that was asked for; `auto` draws bars on a terminal that can, and nothing elsewhere. */
export function chooseView(names: readonly string[], config: Config, world: World, style: Style): ProgressView {
  const io = viewIo(world);
  const canDraw = world.stderr.isTerminal && world.machine.env['TERM'] !== 'dumb';
  const auto = canDraw && !config.quiet ? 'bar' : 'none';
  const kind = config.progress === 'auto' ? auto : config.progress;
  if (kind === 'bar') return canDraw ? barView(names, style, io) : lineView(names, io);
  if (kind === 'lines') return lineView(names, io);
  return kind === 'json' ? jsonView(names, io) : silentView(io);
}
