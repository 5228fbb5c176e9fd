/** Branded units. Seconds, bytes and base64 exist only at the wire; a bare `number` is a count. */

declare const unit: unique symbol;

/** A duration or a media time in milliseconds; may have a fraction. */
export type Millis = number & { readonly [unit]: 'ms' };
/** A count of samples, or a position, at 16 kHz in one channel. */
export type Samples = number & { readonly [unit]: 'samples' };

/** The one sample rate behind the decoder, in Hz: what Whisper and Silero were trained on. */
export const SAMPLE_RATE = 16_000;

export const millis = (value: number): Millis => value as Millis;
export const samples = (value: number): Samples => value as Samples;

export const samplesToMillis = (count: Samples): Millis => millis((count * 1000) / SAMPLE_RATE);
export const millisToSamples = (time: Millis): Samples => samples(Math.round((time * SAMPLE_RATE) / 1000));
export const secondsToMillis = (seconds: number): Millis => millis(seconds * 1000);
