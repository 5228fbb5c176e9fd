/** A client that sends the second half of a form when it is told to. */
import { request } from 'node:http';

export interface SlowUpload {
  /** Sends the rest. */
  end(): Promise<{ readonly status: number; readonly text: string }>;
}

/** Resolves when the first half is on its way. */
export async function slowUpload(url: string, form: FormData): Promise<SlowUpload> {
  const whole = new Response(form);
  const type = whole.headers.get('content-type') ?? '';
  const bytes = Buffer.from(await whole.arrayBuffer());
  const half = Math.floor(bytes.length / 2);
  const sending = request(url, { method: 'POST', headers: { 'content-type': type, 'content-length': bytes.length } });
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sending.once('error', reject);
    sending.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
  });
  // Whoever never ends it has no use for its failure.
  answered.catch(() => undefined);
  await new Promise<void>((resolve) => void sending.write(bytes.subarray(0, half), () => resolve()));
  return {
    async end() {
      sending.end(bytes.subarray(half));
      return answered;
    },
  };
}
