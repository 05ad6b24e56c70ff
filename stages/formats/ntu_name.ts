/**
 * Names of NTU RGB+D recordings, `SsssCcccPpppRrrrAaaa` (method section 1.1).
 *
 * @module
 */

/** What an NTU name says; all numbers from 1. */
export interface NtuName {
  readonly setup: number;
  /** 1, 2 or 3. */
  readonly camera: number;
  readonly performer: number;
  readonly replication: number;
  /** The class is this less one. */
  readonly action: number;
}

/** The form of a name, for messages. */
export const NTU_NAME_FORM = "SsssCcccPpppRrrrAaaa, three digits each, none zero, camera 1 to 3";

/**
 * Reads a name without its extension.
 *
 * @returns `undefined` if it has not {@link NTU_NAME_FORM}.
 */
export function parseNtuName(name: string): NtuName | undefined {
  const match = /^S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})$/.exec(name);
  if (match === null) return undefined;
  const [setup, camera, performer, replication, action] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (camera > 3 || Math.min(setup, camera, performer, replication, action) < 1) return undefined;
  return { setup, camera, performer, replication, action };
}

/** The name, without extension, of a recording; numbers from 1 to 999. */
export function formatNtuName(name: NtuName): string {
  const digits = (value: number) => String(value).padStart(3, "0");
  return `S${digits(name.setup)}C${digits(name.camera)}P${digits(name.performer)}` +
    `R${digits(name.replication)}A${digits(name.action)}`;
}
