import { expect, test } from 'vitest';
import { Lifetime } from './lifetime.ts';

test('steps run in reverse order, every one of them, and the failure is told', async () => {
  const lifetime = new Lifetime();
  const ran: string[] = [];
  lifetime.defer(() => void ran.push('first'));
  lifetime.defer(() => {
    throw new Error('second failed');
  });
  lifetime.defer(() => void ran.push('third'));
  await expect(lifetime[Symbol.asyncDispose]()).rejects.toThrowError('second failed');
  expect(ran).toEqual(['third', 'first']);
});

test('what is added after a disposal that failed is released too', async () => {
  const lifetime = new Lifetime();
  lifetime.defer(() => {
    throw new Error('failed');
  });
  await expect(lifetime[Symbol.asyncDispose]()).rejects.toThrowError('failed');
  let isReleased = false;
  lifetime.defer(() => {
    isReleased = true;
  });
  await expect(lifetime[Symbol.asyncDispose]()).rejects.toThrowError('failed');
  expect(isReleased).toBe(true);
});
