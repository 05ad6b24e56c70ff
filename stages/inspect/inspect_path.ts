/**
 * Looking into whatever lies at a path.
 *
 * @module
 */
import { openFiles } from "../formats/recording_source.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { fileDigest, folderDigest } from "./content_digest.ts";
import { fileKind } from "./file_kind.ts";
import { artifactIn, inspectArtifact } from "./inspect_artifact.ts";
import { inspectFile } from "./inspect_file.ts";
import { inspectFiles } from "./inspect_files.ts";
import { InspectedFile } from "./inspected_file.ts";
import { Findings, type Inspection, type Looking } from "./inspection.ts";

/**
 * Looks into a file, an archive, a folder of files or an artifact. What is wrong with it is among the
 * findings; the digest of its content is the last of them, for files and artifacts.
 *
 * @throws {UnusableInput} If there is nothing at the path, or it may not be read.
 */
export async function inspectPath(path: string, looking: Looking): Promise<Inspection> {
  const info = await statOf(path);
  if (info.isDirectory) {
    const artifact = await artifactIn(path);
    if (artifact !== undefined) {
      const findings = await inspectArtifact(path, artifact, looking);
      return await withDigest(findings, "digest", path, folderDigest(path, looking.progress));
    }
    return await inspectMany(path, "a folder", looking);
  }
  if (!info.isFile) throw new UnusableInput(`${path}: neither a file nor a folder`);
  const file = await InspectedFile.onDisk(path);
  const head = await file.head(4096);
  if (fileKind(head, file.name).kind === "zip") {
    const findings = await inspectMany(path, "a zip archive", looking);
    return await withDigest(findings, "sha256", path, fileDigest(path));
  }
  const findings = await inspectFile(file, looking);
  return await withDigest(findings, "sha256", path, fileDigest(path));
}

/** Adds a digest; that something cannot be read, such as a link that leads nowhere, is a fault. */
async function withDigest(
  findings: Findings,
  name: string,
  path: string,
  digest: Promise<string>,
): Promise<Findings> {
  try {
    return findings.fact(name, await digest);
  } catch (error) {
    findings.fault(error, path);
    return findings;
  }
}

async function statOf(path: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UnusableInput(
        `${path}: there is no such file or folder; results of a stage are looked into by their ` +
          "name, STAGE.OUTPUT",
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new UnusableInput(`${path}: may not be read`);
    }
    throw error;
  }
}

async function inspectMany(path: string, what: string, looking: Looking): Promise<Findings> {
  let source: Awaited<ReturnType<typeof openFiles>>;
  try {
    source = await openFiles(path);
  } catch (error) {
    const findings = new Findings(what);
    findings.fault(error, path);
    return findings;
  }
  try {
    return await inspectFiles(what, source.files, looking);
  } finally {
    await source.close();
  }
}
