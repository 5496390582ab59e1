import { expect, test } from 'vitest';
import { parseForm, parseFormWithLists } from './form-body.ts';

test('a form is an object of texts; a field twice is refused', () => {
  expect(parseForm('value=True&pwm_duty=12.5&mode=Direct+Switch%21')).toEqual({
    value: 'True',
    pwm_duty: '12.5',
    mode: 'Direct Switch!',
  });
  expect(parseForm('')).toEqual({});
  expect(Object.getPrototypeOf(parseForm('__proto__=1'))).toBe(Object.prototype);
  expect(() => parseForm('value=1&value=0')).toThrow(/the field value twice/);
});

test('where lists are possible, a field that is there twice is a list', () => {
  expect(parseFormWithLists('still_size=200&fps=15&still_size=100')).toEqual({
    still_size: ['200', '100'],
    fps: '15',
  });
  expect(parseFormWithLists('')).toEqual({});
  expect(Object.getPrototypeOf(parseFormWithLists('__proto__=1&__proto__=2'))).toBe(Object.prototype);
});
