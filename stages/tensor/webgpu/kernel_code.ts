/**
 * Kernels of the `webgpu` backend as text: what they bind, and the WGSL around their statements.
 *
 * @module
 */

/** An array that a kernel reads or writes; its place in the list is its binding. */
export interface Binding {
  /** What the statements call it. */
  readonly name: string;
  /** Of an element, such as `f32`, `vec4<f32>` or `u32` (default: `f32`). */
  readonly type?: string;
  /** Whether the kernel writes to it; it may read it too. */
  readonly write?: boolean;
}

/** A kernel's text. */
export interface KernelCode {
  readonly bindings: readonly Binding[];
  /** Numbers that change from call to call, such as `rows: u32` or `lr: f32`; read as `numbers.rows`. */
  readonly numbers?: readonly string[];
  readonly workgroup: readonly [x: number, y?: number, z?: number];
  /** Functions, constants and workgroup memory. */
  readonly declarations?: string;
  /**
   * Statements. They see `gid`, `lid`, `wid` (vec3<u32>: global, local, workgroup), `groups`
   * (vec3<u32>: workgroups of the call) and `lix` (u32: the thread in its workgroup).
   */
  readonly main: string;
}

/** A kernel: two of one key are the same. */
export interface Kernel {
  /** Says all that the code hangs on. */
  readonly key: string;
  readonly code: KernelCode;
  /** Of each number, whether it is a float. */
  readonly floats: readonly boolean[];
}

const made = new Map<string, Kernel>();

/**
 * A kernel by its key, its text made when it is first asked for.
 *
 * @param key Says all that the text hangs on: operation, sizes that are written into it, tiles.
 */
export function kernelOf(key: string, make: () => KernelCode): Kernel {
  const known = made.get(key);
  if (known !== undefined) return known;
  const code = make();
  const floats = (code.numbers ?? []).map((field) => field.endsWith("f32"));
  const kernel = { key, code, floats };
  made.set(key, kernel);
  return kernel;
}

/** The whole module that a kernel is compiled from; its entry is `main`. */
export function moduleText({ bindings, numbers = [], workgroup, declarations, main }: KernelCode) {
  const [x, y = 1, z = 1] = workgroup;
  const arrays = bindings.map(({ name, type = "f32", write = false }, i) =>
    `@group(0) @binding(${i}) var<storage, ${
      write ? "read_write" : "read"
    }> ${name}: array<${type}>;`
  );
  const uniforms = numbers.length === 0 ? [] : [
    `struct Numbers { ${numbers.join(", ")} }`,
    `@group(0) @binding(${bindings.length}) var<uniform> numbers: Numbers;`,
  ];
  return [
    ...arrays,
    ...uniforms,
    declarations ?? "",
    `@compute @workgroup_size(${x}, ${y}, ${z})`,
    "fn main(@builtin(global_invocation_id) gid: vec3<u32>,",
    "  @builtin(local_invocation_id) lid: vec3<u32>,",
    "  @builtin(workgroup_id) wid: vec3<u32>,",
    "  @builtin(num_workgroups) groups: vec3<u32>,",
    "  @builtin(local_invocation_index) lix: u32) {",
    main,
    "}",
    "",
  ].join("\n");
}

/** Workgroups that a call may have along one axis, on any device. */
const MOST_GROUPS = 65535;

/**
 * Workgroups of a call in which every thread has one item, or none.
 *
 * @param items How many.
 * @param threads Of a workgroup.
 */
export function flatGroups(items: number, threads: number): [number, number, number] {
  const count = Math.max(1, Math.ceil(items / threads));
  const rows = Math.ceil(count / MOST_GROUPS);
  return [Math.ceil(count / rows), rows, 1];
}

/** The statement that says which item a thread of a {@link flatGroups} call has: `index`, a u32. */
export function flatIndex(threads: number): string {
  return `let index = (wid.y * groups.x + wid.x) * ${threads}u + lix;`;
}
