/** A short-lived key as the session store keeps it, under the hash of the key; whose it is the store tells. */
export interface SecretRecord {
  readonly v: 1;
  /** How sessions that it begins are to be, in the words of whoever asked; read by gateways alone. */
  readonly session: Readonly<Record<string, unknown>>;
}
