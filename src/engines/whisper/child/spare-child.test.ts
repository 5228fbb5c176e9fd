import { expect, test } from 'vitest';
import type { MadeChild } from '../testing/made-child.ts';
import { madeChild } from '../testing/made-child.ts';
import { spareChild } from './spare-child.ts';

function workshop() {
  const children: MadeChild[] = [];
  const spare = spareChild(() => {
    const child = madeChild();
    children.push(child);
    return child;
  });
  return { children, spare };
}

test('gives its child to the first who asks, and new ones to the others', () => {
  const { children, spare } = workshop();
  expect(children.length).toBe(1);
  expect(spare.start()).toBe(children[0]);
  expect(spare.start()).toBe(children[1]);
});

test('gives no child that has died meanwhile', () => {
  const { children, spare } = workshop();
  children[0]?.die('SIGKILL');
  expect(spare.start()).toBe(children[1]);
});

test('ends a child that nobody took, and no other', () => {
  for (const isTaken of [false, true]) {
    const { children, spare } = workshop();
    if (isTaken) spare.start();
    spare.discard();
    expect(children[0]?.toldToLeave()).toBe(!isTaken);
  }
});
