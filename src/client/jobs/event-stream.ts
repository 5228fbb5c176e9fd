/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** An event that gets longer than this is none of ours. */
const MAX_EVENT_CHARACTERS = 8 * 2 ** 20;

/**
 * Server-sent events as the HTML standard has them, but for a byte order mark and `retry`. One that breaks off is not told.
 *
 * @throws RangeError when an event does not end.
 */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let id = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      // A carriage return at the end may be half of a line's end.
      const half = text.endsWith('\r') ? '\r' : '';
      const blocks = text
        .slice(0, text.length - half.length)
        .replaceAll(/\r\n?/g, '\n')
        .split('\n\n');
      text = (blocks.pop() ?? '') + half;
      if (text.length > MAX_EVENT_CHARACTERS) throw new RangeError('an event does not end');
      for (const block of blocks) {
        const found = fieldsOf(block);
        id = found.get('id') ?? id;
        const data = found.get('data');
        if (data !== undefined) yield { id, event: found.get('event') ?? 'message', data };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function fieldsOf(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    const before = fields.get(name);
    fields.set(name, name === 'data' && before !== undefined ? `${before}\n${value}` : value);
  }
  return fields;
}
