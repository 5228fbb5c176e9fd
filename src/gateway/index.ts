/**
 * gateway: HTTP. Takes uploads, puts them to work through the broker, and relays what comes of them in the shapes that clients
 * speak; knows who calls and how much they may use. Does no transcribing itself, and needs no other part to be in its process.
 */
export { openKeyRing, type KeyRing } from './access/key-ring.ts';
export type { Check, Json, GatewayParts, ModelsView, ServedModel } from './parts.ts';
export { DEFAULT_GATEWAY_SETTINGS, type GatewaySettings } from './settings.ts';
export { publicLookup, refuseForbiddenUrl } from './upload/public-address.ts';
export { startGateway, type Gateway } from './start-gateway.ts';
export { watchBroker } from './watch-broker.ts';
