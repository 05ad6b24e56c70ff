/**
 * Stand-in for `@std/assert` over `node:assert`, for machines that reach only the npm registry: the
 * part of its API that the tests use. Deleting `links` in `deno.json` gives the original.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = new (...args: any[]) => E;

/** The error that every assertion of this module throws. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

function fail_(message: string): never {
  throw new AssertionError(message);
}

/** Throws {@link AssertionError} if `condition` is falsy. */
export function assert(condition: unknown, message = "condition is falsy"): asserts condition {
  if (!condition) fail_(message);
}

/** Throws {@link AssertionError} if the values are not deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  try {
    nodeAssert.deepStrictEqual(actual, expected);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    fail_(message === undefined ? detail : `${message}: ${detail}`);
  }
}

/** Throws {@link AssertionError} if the values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  try {
    nodeAssert.notDeepStrictEqual(actual, expected);
  } catch {
    fail_(message ?? "values are deeply equal");
  }
}

/** Throws {@link AssertionError} if the two are not the same value by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): void {
  if (!Object.is(actual, expected)) {
    fail_(message ?? `expected ${String(expected)}, got ${String(actual)}`);
  }
}

/** Throws {@link AssertionError} if `actual` is null or undefined. */
export function assertExists<T>(
  actual: T,
  message = "value is null or undefined",
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) fail_(message);
}

/** Throws {@link AssertionError} if `|actual - expected|` exceeds `tolerance` (default 1e-7 of expected). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void {
  if (Object.is(actual, expected)) return;
  const bound = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const delta = Math.abs(expected - actual);
  if (!(delta <= bound)) {
    fail_(
      `${message === undefined ? "" : message + ": "}expected ${expected} within ${bound}, ` +
        `got ${actual} (difference ${delta})`,
    );
  }
}

/** Throws {@link AssertionError} if `actual` does not contain `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (!actual.includes(expected)) {
    fail_(message ?? `expected text containing ${JSON.stringify(expected)}, got:\n${actual}`);
  }
}

/** Throws {@link AssertionError} if `actual` does not match `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  if (!expected.test(actual)) {
    fail_(message ?? `expected text matching ${expected}, got:\n${actual}`);
  }
}

function checkThrown<E extends Error>(
  thrown: unknown,
  ErrorClass_?: ErrorClass<E>,
  includes?: string,
): E {
  if (ErrorClass_ !== undefined && !(thrown instanceof ErrorClass_)) {
    const got = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    fail_(`expected a ${ErrorClass_.name}, got ${got}`);
  }
  if (includes !== undefined) {
    assertStringIncludes(thrown instanceof Error ? thrown.message : String(thrown), includes);
  }
  return thrown as E;
}

/** Throws {@link AssertionError} if `fn` does not throw (an `ErrorClass` whose message includes a text). */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass_?: ErrorClass<E>,
  includes?: string,
): E {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
    return checkThrown(thrown, ErrorClass_, includes);
  }
  return fail_("expected the function to throw");
}

/** Throws {@link AssertionError} if `fn` does not reject (with an `ErrorClass` whose message includes a text). */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass_?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkThrown(error, ErrorClass_, includes);
  }
  return fail_("expected the promise to reject");
}

/** Always throws {@link AssertionError}. */
export function fail(message = "failed"): never {
  fail_(message);
}
