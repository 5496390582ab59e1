import { expect, test } from 'vitest';
import { MemoryBoard } from '../../../../test/support/memory-board.ts';
import { digital } from '../../../../test/support/memory-driver.ts';

test('the age of a value begins anew when the hardware confirms it', async () => {
  let confirmedUs: number | undefined;
  const opened = await MemoryBoard.open({
    drivers: (hardware) => {
      const { open, ...named } = hardware.driver([digital('di/gate')]);
      const confirming = async (...services: Parameters<typeof open>) =>
        Object.assign(await open(...services), { confirmedUs: () => confirmedUs });
      return [{ ...named, open: confirming }];
    },
  });
  await using _ = opened;
  const age = () => opened.board.find('di', 'gate').ageMs;
  const before = age() ?? 0;
  await opened.clock.advance(5000);
  expect(age()).toBe(before + 5000);
  confirmedUs = opened.clock.monotonicUs();
  await opened.clock.advance(200);
  expect(age()).toBe(200);
  confirmedUs = undefined;
  expect(age()).toBe(before + 5200);
});
