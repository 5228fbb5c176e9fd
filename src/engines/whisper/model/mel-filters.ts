/**
 * Slaney's mel filter bank as Whisper was trained with (`librosa.filters.mel(sr=16000, n_fft=400, n_mels=n)`, Slaney's
 * Auditory Toolbox 1998): triangles of equal area, linear in pitch below 1 kHz and logarithmic above.
 */
import { SAMPLE_RATE } from '../../../core/index.ts';
import { DFT_BINS } from './model-shape.ts';

/** Hz a mel in the linear part. */
const LINEAR_STEP = 200 / 3;
const LOG_START_HZ = 1000;
const LOG_START_MEL = LOG_START_HZ / LINEAR_STEP;
/** Growth of the frequency a mel above the start: 6.4 times in 27 mels. */
const LOG_STEP = Math.log(6.4) / 27;
const NYQUIST = SAMPLE_RATE / 2;

const toMel = (hertz: number): number =>
  hertz < LOG_START_HZ ? hertz / LINEAR_STEP : LOG_START_MEL + Math.log(hertz / LOG_START_HZ) / LOG_STEP;
const toHertz = (mel: number): number =>
  mel < LOG_START_MEL ? mel * LINEAR_STEP : LOG_START_HZ * Math.exp(LOG_STEP * (mel - LOG_START_MEL));

/** @returns Float32Array of shape [mels, 201], row-major. */
export function melFilterBank(mels: number): Float32Array {
  const top = toMel(NYQUIST);
  const edge = (index: number): number => toHertz((top * index) / (mels + 1));
  const filters = new Float32Array(mels * DFT_BINS);
  for (let row = 0; row < mels; row++) {
    const [low, centre, high] = [edge(row), edge(row + 1), edge(row + 2)];
    for (let bin = 0; bin < DFT_BINS; bin++) {
      const hertz = (bin * NYQUIST) / (DFT_BINS - 1);
      const rise = (hertz - low) / (centre - low);
      const fall = (high - hertz) / (high - centre);
      filters[row * DFT_BINS + bin] = Math.max(0, Math.min(rise, fall)) * (2 / (high - low));
    }
  }
  return filters;
}
