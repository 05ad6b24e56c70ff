/**
 * The licences of what a bundle carries.
 *
 * @module
 */
import { exists } from "../store/blobs.ts";

const RULE = "=".repeat(78);

/**
 * Their texts, one after the other.
 *
 * @param project The project's folder, which may have a `LICENSE`.
 * @param packages Absolute folders of the npm packages whose code is in the bundle.
 */
export function licencesText(project: string, packages: readonly string[]): string {
  const own = exists(`${project}/LICENSE`) ? Deno.readTextFileSync(`${project}/LICENSE`) : "";
  const parts = [
    `skelrun\n\n${own.trim()}`,
    `Deno ${Deno.version.deno}, unchanged\n\nMIT licence; Copyright the Deno authors. With the ` +
    `licences of what it is built from:\nhttps://github.com/denoland/deno`,
    ...packages.map(ofPackage),
  ];
  return `${parts.join(`\n\n${RULE}\n\n`)}\n`;
}

function ofPackage(folder: string): string {
  const about = JSON.parse(Deno.readTextFileSync(`${folder}/package.json`)) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const texts = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort()
    .map((name) => Deno.readTextFileSync(`${folder}/${name}`).trim());
  const head = `${about.name} ${about.version} (${about.license ?? "see its text"})`;
  return [head, ...texts].join("\n\n");
}
