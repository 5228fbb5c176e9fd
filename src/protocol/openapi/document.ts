import { AUDIO_PATHS } from './audio-paths.ts';
import { JOB_PATHS } from './job-paths.ts';
import type { PathItem, SchemaRef } from './operation.ts';
import { componentSchemas } from './schemas.ts';
import { SERVER_PATHS } from './server-paths.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, SchemaRef>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

/** The HTTP API as an OpenAPI 3.1 document; its schemas are those that check the requests. */
export const openApiDocument = (version: string): OpenApiDocument => ({
  openapi: '3.1.0',
  info: {
    title: 'Scriptorium',
    version,
    description:
      'Speech to text on your own machine. The paths under OpenAI answer as api.openai.com does; jobs are for what takes long.',
  },
  servers: [{ url: '/' }],
  tags: [
    { name: 'OpenAI', description: 'Blocking: the text is the answer. Errors in OpenAI’s shape.' },
    { name: 'Jobs', description: 'In the background. Errors as RFC 9457 has them.' },
    { name: 'Server', description: 'Health, metrics, this document.' },
  ],
  // A server without keys takes requests without one.
  security: [{ bearer: [] }, { apiKey: [] }, {}],
  paths: { ...AUDIO_PATHS, ...JOB_PATHS, ...SERVER_PATHS },
  components: {
    schemas: componentSchemas(),
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      apiKey: { type: 'apiKey', in: 'header', name: 'api-key' },
    },
  },
});
