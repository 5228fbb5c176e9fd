/** What the microphone needs of a browser. */

export interface MediaStreamLike {
  getTracks(): readonly { stop(): void; addEventListener(type: 'ended', listener: () => void): void }[];
}

interface AudioNodeLike {
  connect(to: AudioNodeLike): unknown;
  disconnect(): void;
}

interface WorkletNodeLike extends AudioNodeLike {
  readonly port: {
    addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
    /** A port that is listened to so gives nothing before. */
    start(): void;
    close(): void;
  };
}

export interface AudioContextLike {
  readonly sampleRate: number;
  readonly destination: AudioNodeLike;
  readonly audioWorklet: { addModule(url: string): Promise<void> };
  createMediaStreamSource(stream: MediaStreamLike): AudioNodeLike;
  resume(): Promise<void>;
  close(): Promise<void>;
}

export interface AudioWorld {
  readonly AudioContext: new (options?: { sampleRate: number }) => AudioContextLike;
  readonly AudioWorkletNode: new (context: AudioContextLike, name: string, options: object) => WorkletNodeLike;
  /** Absent where the page is not secure. */
  readonly mediaDevices: { getUserMedia(constraints: object): Promise<MediaStreamLike> } | undefined;
}

/** The page's own; undefined where there is none. */
export function pageAudio(): AudioWorld | undefined {
  const world: unknown = globalThis;
  if (!hasAudio(world)) return undefined;
  const { AudioContext, AudioWorkletNode, navigator } = world;
  return { AudioContext, AudioWorkletNode, mediaDevices: navigator.mediaDevices };
}

const hasAudio = (
  value: unknown,
): value is Omit<AudioWorld, 'mediaDevices'> & { readonly navigator: Pick<AudioWorld, 'mediaDevices'> } =>
  typeof value === 'object' && value !== null && 'AudioContext' in value && 'AudioWorkletNode' in value;
