/**
 * The stack of a pickle, and what its values cost.
 *
 * @module
 */
import { UnfinishedArray } from "./pickle_globals.ts";

/** Where a run of values on the stack begins. */
const MARK = Symbol("mark");

/** Marks that are open at once: no sound pickle comes near. */
const MOST_MARKS = 1000;

/** Estimated bytes of an object. */
export const OBJECT = 64;

/** Of a place for a value: on the stack, in a list, in the memo. */
export const PLACE = 16;

/** Of a place for a key, or for the value with it, in a dictionary or set. */
export const ENTRY = 48;

/** Values, marks among them. */
export class PickleStack {
  readonly #values: unknown[] = [];
  readonly #limit: number;
  readonly #fault: (message: string) => Error;
  #marks = 0;
  #spent = 0;

  /**
   * @param limit Bytes that all objects together may take, as estimated.
   * @param fault Makes an error that says where in the file it is.
   */
  constructor(limit: number, fault: (message: string) => Error) {
    this.#limit = limit;
    this.#fault = fault;
  }

  /** Values and marks on it. */
  get size(): number {
    return this.#values.length;
  }

  /** The uppermost value as it stands, an array that has no elements yet included. */
  get raw(): unknown {
    return this.#values.at(-1);
  }

  /** Counts memory that is about to be taken. */
  spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent > this.#limit) {
      throw this.#fault(
        `its objects take more than ${Math.round(this.#limit / 2 ** 20)} MiB of memory: expected ` +
          "clips with their names, labels and arrays",
      );
    }
  }

  /** @param bytes What the value takes beside its place. */
  push(value: unknown, bytes: number): void {
    this.spend(bytes + PLACE);
    this.#values.push(value);
  }

  /** Begins a run of values. */
  mark(): void {
    if (++this.#marks > MOST_MARKS) throw this.#fault(`more than ${MOST_MARKS} open marks`);
    this.push(MARK, 0);
  }

  /** Takes the uppermost value. */
  pop(): unknown {
    const value = this.#values.pop();
    if (value === undefined) throw this.#fault("the pickle takes a value that is not there");
    if (value === MARK) throw this.#fault("the pickle takes a mark for a value");
    return this.#whole(value);
  }

  /** Drops the uppermost value or mark. */
  drop(): void {
    if (this.raw === MARK) this.#marks--;
    if (this.#values.pop() === undefined) throw this.#fault("there is no value to drop");
  }

  /** The uppermost value, which stays. */
  top(): unknown {
    const value = this.raw;
    if (value === undefined || value === MARK) throw this.#fault("there is no value to change");
    return seen(value);
  }

  /** Takes the values above the last mark, and the mark. */
  popMark(): unknown[] {
    const at = this.#values.lastIndexOf(MARK);
    if (at < 0) throw this.#fault("there is no mark for the end of a list");
    this.#marks--;
    return this.#values.splice(at).slice(1).map((value) => this.#whole(value));
  }

  #whole(value: unknown): unknown {
    const whole = seen(value);
    if (whole instanceof UnfinishedArray) throw this.#fault("an array without its elements");
    return whole;
  }
}

/** A value as others see it: an array that has got its elements stands for itself. */
function seen(value: unknown): unknown {
  return value instanceof UnfinishedArray ? value.result ?? value : value;
}
