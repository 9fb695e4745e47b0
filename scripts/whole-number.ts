// What commander reads a count with.

import { InvalidArgumentError } from 'commander';

/** Throws what commander says as wrong usage. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
