interface Node<T> {
  readonly value: T;
  before: Node<T> | undefined;
  after: Node<T> | undefined;
}

/** A line: first in, first out, with a way to the front and out of the middle, each in constant time. A value is in it once. */
export interface Fifo<T> extends Iterable<T> {
  readonly size: number;
  push(value: T): void;
  pushFront(value: T): void;
  shift(): T | undefined;
  /** `false` when it is not there. */
  remove(value: T): boolean;
}

export function fifo<T>(): Fifo<T> {
  const nodes = new Map<T, Node<T>>();
  let first: Node<T> | undefined;
  let last: Node<T> | undefined;

  const link = (node: Node<T>): void => {
    nodes.set(node.value, node);
    if (node.before === undefined) first = node;
    else node.before.after = node;
    if (node.after === undefined) last = node;
    else node.after.before = node;
  };

  const unlink = (node: Node<T>): void => {
    nodes.delete(node.value);
    if (node.before === undefined) first = node.after;
    else node.before.after = node.after;
    if (node.after === undefined) last = node.before;
    else node.after.before = node.before;
  };

  return {
    get size() {
      return nodes.size;
    },
    push: (value) => link({ value, before: last, after: undefined }),
    pushFront: (value) => link({ value, before: undefined, after: first }),
    shift() {
      const node = first;
      if (node !== undefined) unlink(node);
      return node?.value;
    },
    remove(value) {
      const node = nodes.get(value);
      if (node !== undefined) unlink(node);
      return node !== undefined;
    },
    *[Symbol.iterator]() {
      for (let node = first; node !== undefined; node = node.after) yield node.value;
    },
  };
}
