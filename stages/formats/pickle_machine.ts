/**
 * The stack machine of the pickle format, with nothing in it that could run anything.
 *
 * @module
 */
import { ALLOWED, build, hashable, type PickleGlobal } from "./pickle_globals.ts";
import type { PickleInput } from "./pickle_input.ts";
import { pickleLiteral } from "./pickle_literals.ts";
import { OP, OP_NAMES } from "./pickle_opcodes.ts";
import { ENTRY, OBJECT, PickleStack, PLACE } from "./pickle_stack.ts";
import { describePickleValue, type PickleLiteral } from "./pickle_value.ts";

/** Longest name of a module or of something in it. */
const LONGEST_NAME = 1000;

/** Estimated bytes of a number, text or byte string. */
function literalBytes(literal: PickleLiteral): number {
  if (typeof literal === "string") return 24 + literal.length;
  if (literal instanceof Uint8Array) return 8 * OBJECT + literal.length;
  return typeof literal === "object" && literal !== null ? OBJECT : 8;
}

/** Runs one pickle. */
export class PickleMachine {
  readonly #input: PickleInput;
  readonly #stack: PickleStack;
  readonly #memo: unknown[] = [];
  /** Where the operation under way begins. */
  #start = 0;
  /** Where the frame under way ends; 0 outside of one. */
  #frameEnd = 0;

  /** @param limit Bytes that its objects may take, as estimated here. */
  constructor(input: PickleInput, limit: number) {
    this.#input = input;
    this.#stack = new PickleStack(limit, (message) => this.#fault(message));
  }

  /** Runs to the end and returns the value that is left. */
  run(): unknown {
    const input = this.#input;
    for (;;) {
      this.#start = input.position;
      if (this.#frameEnd !== 0 && this.#start >= this.#frameEnd) this.#leaveFrame();
      if (input.left === 0) throw this.#fault("the file ends before the pickle does");
      const op = input.u8();
      if (op === OP.STOP) break;
      const literal = pickleLiteral(op, input);
      if (literal === undefined) this.#step(op);
      else this.#stack.push(literal, literalBytes(literal));
    }
    const value = this.#stack.pop();
    if (this.#stack.size > 0) {
      throw this.#fault(`${this.#stack.size} values are left over at the end`);
    }
    return value;
  }

  #fault(message: string): Error {
    return this.#input.error(message, this.#start);
  }

  #step(op: number): void {
    const input = this.#input;
    switch (op) {
      case OP.PROTO:
        return this.#protocol(input.u8());
      case OP.FRAME:
        return this.#frame(input.length64());
      case OP.MARK:
        return this.#stack.mark();
      case OP.POP:
        return this.#stack.drop();
      case OP.POP_MARK:
        this.#stack.popMark();
        return;
      case OP.DUP:
        return this.#stack.push(this.#stack.top(), 0);
      case OP.EMPTY_TUPLE:
        return this.#tuple([]);
      case OP.TUPLE1:
      case OP.TUPLE2:
      case OP.TUPLE3:
        return this.#shortTuple(op - OP.TUPLE1 + 1);
      case OP.TUPLE:
        return this.#tuple(this.#stack.popMark());
      case OP.EMPTY_LIST:
        return this.#stack.push([], OBJECT);
      case OP.LIST:
        return this.#extend([], this.#stack.popMark());
      case OP.EMPTY_DICT:
        return this.#stack.push(new Map(), 4 * OBJECT);
      case OP.DICT:
        return this.#enter(new Map(), this.#stack.popMark());
      case OP.EMPTY_SET:
        return this.#stack.push(new Set(), 4 * OBJECT);
      case OP.FROZENSET:
        return this.#include(new Set(), this.#stack.popMark());
      case OP.APPEND:
        return this.#append([this.#stack.pop()]);
      case OP.APPENDS:
        return this.#append(this.#stack.popMark());
      case OP.SETITEM: {
        const value = this.#stack.pop();
        return this.#setItems([this.#stack.pop(), value]);
      }
      case OP.SETITEMS:
        return this.#setItems(this.#stack.popMark());
      case OP.ADDITEMS: {
        const values = this.#stack.popMark();
        const set = this.#stack.pop();
        if (!(set instanceof Set)) throw this.#expected("a set", set);
        return this.#include(set, values);
      }
      case OP.MEMOIZE:
        return this.#remember(this.#memo.length);
      case OP.PUT:
        return this.#remember(this.#lineNumber());
      case OP.BINPUT:
        return this.#remember(input.u8());
      case OP.LONG_BINPUT:
        return this.#remember(input.u32());
      case OP.GET:
        return this.#recall(this.#lineNumber());
      case OP.BINGET:
        return this.#recall(input.u8());
      case OP.LONG_BINGET:
        return this.#recall(input.u32());
      case OP.GLOBAL:
        return this.#global(input.shortLine(LONGEST_NAME), input.shortLine(LONGEST_NAME));
      case OP.STACK_GLOBAL: {
        const name = this.#stack.pop();
        return this.#global(this.#stack.pop(), name);
      }
      case OP.REDUCE: {
        const args = this.#stack.pop();
        return this.#call(this.#stack.pop(), args);
      }
      case OP.BUILD:
        return this.#build(this.#stack.pop());
      case OP.INST:
        return this.#refuse(input.shortLine(LONGEST_NAME), input.shortLine(LONGEST_NAME));
      default:
        throw this.#fault(
          OP_NAMES.has(op)
            ? `expected plain data, found an object (operation ${OP_NAMES.get(op)}): save lists, ` +
              "numbers and arrays instead"
            : `0x${op.toString(16).padStart(2, "0")} is no operation of a pickle: the file is ` +
              "damaged or of another kind",
        );
    }
  }

  #expected(what: string, found: unknown): Error {
    return this.#fault(`expected ${what}, found ${describePickleValue(found)}`);
  }

  #protocol(version: number): void {
    if (version > 5) throw this.#fault(`protocol ${version} is not known (0 to 5 are)`);
  }

  #leaveFrame(): void {
    if (this.#start > this.#frameEnd) throw this.#fault("a value runs over the end of its frame");
    this.#frameEnd = 0;
  }

  #frame(length: number): void {
    if (this.#frameEnd !== 0) throw this.#fault("a frame begins inside another");
    if (length > this.#input.left) {
      throw this.#fault(
        `expected a frame of ${length} bytes, found ${this.#input.left}: the file is cut short`,
      );
    }
    this.#frameEnd = this.#input.position + length;
  }

  #lineNumber(): number {
    const text = this.#input.shortLine(20);
    if (!/^\d+$/.test(text)) throw this.#fault(`expected a number, found ${JSON.stringify(text)}`);
    return Number(text);
  }

  #remember(index: number): void {
    // Pickles number what they remember in order; some begin at 1.
    if (index > this.#memo.length + 1) {
      throw this.#fault(`value ${index} is remembered after ${this.#memo.length} others`);
    }
    this.#stack.spend(PLACE);
    this.#stack.top();
    if (index > this.#memo.length) this.#memo.push(undefined);
    this.#memo[index] = this.#stack.raw;
  }

  #recall(index: number): void {
    const value = this.#memo[index];
    if (value === undefined) throw this.#fault(`no value ${index} has been remembered`);
    this.#stack.push(value, 0);
  }

  #tuple(values: unknown[]): void {
    this.#stack.push(Object.freeze(values), OBJECT + PLACE * values.length);
  }

  #shortTuple(length: number): void {
    const values = new Array<unknown>(length);
    for (let at = length - 1; at >= 0; at--) values[at] = this.#stack.pop();
    this.#tuple(values);
  }

  #append(values: readonly unknown[]): void {
    const list = this.#stack.top();
    if (!Array.isArray(list) || Object.isFrozen(list)) throw this.#expected("a list", list);
    this.#stack.spend(PLACE * values.length);
    for (const value of values) list.push(value);
  }

  #extend(list: unknown[], values: readonly unknown[]): void {
    this.#stack.push(list, OBJECT);
    this.#append(values);
  }

  #setItems(pairs: readonly unknown[]): void {
    const map = this.#stack.top();
    if (!(map instanceof Map)) throw this.#expected("a dictionary", map);
    this.#stack.spend(ENTRY * pairs.length);
    if (pairs.length % 2 !== 0) throw this.#fault("a key of a dictionary without its value");
    for (let at = 0; at < pairs.length; at += 2) map.set(this.#key(pairs[at]), pairs[at + 1]);
  }

  #enter(map: Map<unknown, unknown>, pairs: readonly unknown[]): void {
    this.#stack.push(map, 4 * OBJECT);
    this.#setItems(pairs);
  }

  #include(set: Set<unknown>, values: readonly unknown[]): void {
    this.#stack.push(set, 4 * OBJECT + ENTRY * values.length);
    for (const value of values) set.add(this.#key(value));
  }

  #key(value: unknown): unknown {
    return this.#guarded(() => hashable(value));
  }

  #global(module: unknown, name: unknown): void {
    const known = ALLOWED.get(`${module} ${name}`);
    if (known === undefined) return this.#refuse(String(module), String(name));
    this.#stack.push(known, 0);
  }

  #refuse(module: string, name: string): never {
    throw this.#fault(
      `expected plain data and numpy arrays, found ${module}.${name}, which is not read: a pickle ` +
        "can run any program, so only names known to be harmless are followed",
    );
  }

  #call(callee: unknown, args: unknown): void {
    const call = (callee as PickleGlobal | null)?.call;
    if (typeof call !== "function") throw this.#expected("something to call", callee);
    if (!Array.isArray(args)) throw this.#expected("arguments", args);
    const first: unknown = args[0];
    const size = Array.isArray(first)
      ? first.length
      : first instanceof Map || first instanceof Set
      ? first.size
      : 0;
    this.#stack.spend(ENTRY * size + (typeof first === "string" ? first.length : 0));
    this.#stack.push(this.#guarded(() => call(args)), 8 * OBJECT);
  }

  #build(state: unknown): void {
    const object = this.#stack.raw;
    this.#stack.top();
    this.#guarded(() => build(object, state));
  }

  #guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw this.#fault((error as Error).message);
    }
  }
}
