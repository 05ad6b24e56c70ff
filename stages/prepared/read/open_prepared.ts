/**
 * Opens prepared files of any form, and tells the form from what is there.
 *
 * @module
 */
import { UnusableInput } from "../../formats/unusable_input.ts";
import type { PreparedForm, PreparedSource } from "../prepared_source.ts";
import { openCtrGcn } from "./ctr_gcn_source.ts";
import { openPyskl } from "./pyskl_source.ts";
import { openStGcn } from "./st_gcn_source.ts";

/** What the stage decides about reading. */
export interface PreparedOptions {
  readonly form: PreparedForm | "auto";
  readonly bodies: number;
  readonly protocol: string;
}

const EXPECTED =
  "expected a CTR-GCN .npz file, a PYSKL .pkl file, or a folder with one of these or " +
  "with ST-GCN's train_data.npy, train_label.pkl, val_data.npy and val_label.pkl";

/**
 * Opens a file or folder.
 *
 * @throws {UnusableInput} If it is of no known form, or broken.
 */
export async function openPrepared(
  path: string,
  options: PreparedOptions,
): Promise<PreparedSource> {
  const at = await locate(path, options.form);
  switch (at.form) {
    case "ctr_gcn":
      return await openCtrGcn(at.path, options);
    case "st_gcn":
      return await openStGcn(at.path, options);
    case "pyskl":
      return openPyskl(at.path, options);
  }
}

interface Located {
  readonly path: string;
  readonly form: PreparedForm;
}

async function locate(path: string, form: PreparedForm | "auto"): Promise<Located> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UnusableInput(`${path}: there is no such file or folder`);
  }
  if (info.isDirectory) return await locateInFolder(path, form);
  if (form === "st_gcn") throw new UnusableInput(`${path}: ${EXPECTED}; st_gcn is a folder`);
  if (form !== "auto") return { path, form };
  const found = await formOfFile(path);
  if (found === undefined) throw new UnusableInput(`${path}: ${EXPECTED}, found another kind`);
  return { path, form: found };
}

async function locateInFolder(path: string, form: PreparedForm | "auto"): Promise<Located> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(path)) names.push(entry.name);
  names.sort();
  if (form === "st_gcn") return { path, form };
  const stGcn = names.some((name) => /^(train|val|test|eval)_.*\.npy$/.test(name));
  if (form === "auto" && stGcn) return { path, form: "st_gcn" };
  const files = names.filter((name) =>
    (form !== "pyskl" && name.endsWith(".npz")) ||
    (form !== "ctr_gcn" && /\.(pkl|pickle)$/.test(name))
  );
  if (files.length !== 1) {
    throw new UnusableInput(
      `${path}: ${EXPECTED}; found ${
        (files.length > 0 ? files : names).slice(0, 8).join(", ") || "an empty folder"
      }`,
    );
  }
  const file = files[0]!;
  return { path: `${path}/${file}`, form: file.endsWith(".npz") ? "ctr_gcn" : "pyskl" };
}

/** The form of a file by its first bytes, whatever it is called. */
async function formOfFile(path: string): Promise<PreparedForm | undefined> {
  using file = await Deno.open(path);
  const head = new Uint8Array(2);
  await file.read(head);
  if (head[0] === 0x50 && head[1] === 0x4b) return "ctr_gcn";
  // A pickle begins with its protocol, or in protocol 0 and 1 with a dictionary or list.
  return head[0] === 0x80 || [0x28, 0x5d, 0x7d].includes(head[0]!) ? "pyskl" : undefined;
}
