/** Text that was written as a `T` is read as one: the format of all that is kept is checked when a broker is opened. */
export interface Json<T> {
  readonly write: (value: T) => string;
  readonly read: (text: string) => T;
}

export const json = <T>(): Json<T> => ({ write: (value) => JSON.stringify(value), read: JSON.parse });
