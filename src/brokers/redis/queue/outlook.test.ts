import { expect, test } from 'vitest';
import { LOW_EVERY } from '../../../core/index.ts';
import { JOB_CLASSES } from './classes.ts';
import { outlook } from './outlook.ts';

const known = () => outlook(4, () => {});
const heads = (...all: readonly (readonly [number, string])[]): string =>
  JSON.stringify(all.map(([arrival, tenant]) => [String(arrival), tenant]));
const batch = (...all: readonly (readonly [number, string])[]) => ['', '', '', heads(...all)];

test('asks the shard whose job came first', () => {
  const one = known();
  expect(one.best(JOB_CLASSES)).toBeUndefined();
  one.heard(2, ['', '1', ...batch([20, 'a'])], false);
  one.heard(1, ['', '1', ...batch([10, 'a'])], false);
  expect(one.best(['batch'])).toEqual({ shard: 1, place: 3, tenant: 'a' });
  expect(one.best(['final'])).toBeUndefined();
});

test('lets tenants take turns between shards, however early one of them came', () => {
  const one = known();
  one.heard(0, ['', '1', ...batch([10, 'many:of:it'])], false);
  one.heard(1, ['', '1', ...batch([11, 'many:of:it'])], false);
  one.heard(2, ['', '1', ...batch([99, 'few'])], false);
  const order = [0, 1, 2].map(() => {
    const shard = one.best(['batch'])?.shard ?? -1;
    one.took(['batch'], { jobClass: 'batch', tenant: shard === 2 ? 'few' : 'many:of:it' });
    return shard;
  });
  expect(order).toEqual([0, 2, 0]);
});

test('knows of tenants behind the first of a shard', () => {
  const one = known();
  one.heard(0, ['', '1', ...batch([10, 'many'])], false);
  one.heard(1, ['', '1', ...batch([20, 'many'], [99, 'few'])], false);
  one.took(['batch'], { jobClass: 'batch', tenant: 'many' });
  expect(one.best(['batch'])).toEqual({ shard: 1, place: 3, tenant: 'few' });
  one.told('0:2:3:200:third');
  one.told('0:3:3:201:many');
  one.took(['batch'], { jobClass: 'batch', tenant: 'few' });
  expect(one.best(['batch'])).toEqual({ shard: 0, place: 3, tenant: 'third' });
  one.took(['batch'], { jobClass: 'batch', tenant: 'third' });
  expect(one.best(['batch'])).toEqual({ shard: 0, place: 3, tenant: 'many' });
});

test('lets each lower class choose the shard once in so many claims', () => {
  const one = known();
  for (const [place, jobClass] of JOB_CLASSES.entries()) {
    const texts = JOB_CLASSES.map((other) => (other === jobClass ? heads([1, 'a']) : ''));
    one.heard(place, ['', '1', ...texts], false);
  }
  const shards = Array.from({ length: LOW_EVERY }, () => {
    const shard = one.best(JOB_CLASSES)?.shard ?? -1;
    one.took(JOB_CLASSES, { jobClass: JOB_CLASSES[shard] ?? 'final', tenant: 'a' });
    return shard;
  });
  expect(shards.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 1, 2, 3]);
});

test('believes news before an earlier answer that comes after them', () => {
  const one = known();
  one.told('3:7:3:50:a:b');
  one.heard(3, ['', '6', '', '', heads([40, 'c']), ''], true);
  expect(one.best(['batch'])).toEqual({ shard: 3, place: 3, tenant: 'a:b' });
  expect(one.best(['interactive'])?.tenant).toBe('c');
  one.heard(3, ['', '7', '', '', '', ''], false);
  expect(one.best(JOB_CLASSES)).toBeUndefined();
});

test('does not ask a shard that hands out nothing until it is told that it does again', () => {
  const one = known();
  one.heard(0, ['', '5', ...batch([1, 'a'])], true);
  expect(one.best(['batch'])).toBeUndefined();
  one.told('0:5:*');
  expect(one.best(['batch'])).toBeUndefined();
  one.told('0:6:*');
  expect(one.best(['batch'])?.shard).toBe(0);
});

test('tells when something is due sooner than was known, and which shards to ask then', () => {
  let told = 0;
  const one = outlook(4, () => void told++);
  one.heard(1, ['500', '1'], false);
  one.expect(2, 400);
  one.expect(2, 450);
  expect([told, one.nextDue()]).toEqual([2, 400]);
  expect(one.dueBy(399)).toEqual([]);
  expect(one.dueBy(500)).toEqual([1, 2]);
  one.heard(2, ['', '1'], false);
  expect(one.nextDue()).toBe(500);
});

test('takes news of what is no shard for nothing', () => {
  const one = known();
  for (const news of ['', '9:1:0:1:a', 'x', ':::']) one.told(news);
  expect(one.best(JOB_CLASSES)).toBeUndefined();
});

test('forgets a tenant whose line in a shard is told to be empty, and no other', () => {
  const one = known();
  one.heard(0, ['', '1', ...batch([10, 'a:b'], [20, 'c'])], false);
  one.heard(1, ['', '1', ...batch([30, 'a:b'])], false);
  one.told('0:2:3:-:a:b');
  one.took(['batch'], { jobClass: 'batch', tenant: 'c' });
  expect(one.best(['batch'])).toEqual({ shard: 1, place: 3, tenant: 'a:b' });
  one.told('1:2:3:-:a:b');
  expect(one.best(['batch'])).toEqual({ shard: 0, place: 3, tenant: 'c' });
});

test('leaves a line to the claim that asks for it, and takes nothing of a lower class before it is answered', () => {
  const one = known();
  one.heard(0, ['', '1', heads([1, 'a']), '', '', heads([1, 'b'])], false);
  one.heard(1, ['', '1', '', '', '', heads([2, 'c'])], false);
  const first = one.best(JOB_CLASSES);
  expect(first).toEqual({ shard: 0, place: 0, tenant: 'a' });
  const answered = one.asking({ shard: 0, place: 0, tenant: 'a' });
  expect(one.best(JOB_CLASSES)).toBeUndefined();
  expect(one.best(JOB_CLASSES, true)).toEqual(first);
  // Who can't take that class is free to take another.
  expect(one.best(['batch'])).toEqual({ shard: 0, place: 3, tenant: 'b' });
  one.heard(0, ['', '2', heads([5, 'a']), '', '', heads([1, 'b'])], false);
  answered();
  expect(one.best(JOB_CLASSES)).toEqual(first);
});

test('goes on to other lines of a class while one is asked for, by however many', () => {
  const one = known();
  one.heard(0, ['', '1', ...batch([1, 'a'])], false);
  one.heard(1, ['', '1', ...batch([2, 'a'])], false);
  const choice = { shard: 0, place: 3, tenant: 'a' };
  const ends = [one.asking(choice), one.asking(choice)];
  expect(one.best(['batch'])?.shard).toBe(1);
  ends[0]?.();
  expect(one.best(['batch'])?.shard).toBe(1);
  ends[1]?.();
  expect(one.best(['batch'])?.shard).toBe(0);
});
