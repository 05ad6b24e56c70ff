/**
 * `bundle DIR`: a folder that runs where nothing can be installed and no network is reached.
 *
 * @module
 */
import type { BundleContents } from "../bundle/bundle.ts";
import { UsageError } from "../usage_error.ts";
import type { Verb } from "../verb.ts";
import { JSON_OPTION, positiveInteger } from "./options.ts";

/** Of xz, where `--level` is not given. */
const LEVEL = 9;

/**
 * The verb that makes bundles.
 *
 * @param contents What goes into them.
 */
export function bundleVerb(contents: BundleContents): Verb {
  return {
    name: "bundle",
    summary: "Make a folder that runs where nothing can be installed: cluster nodes, rented GPUs",
    arguments: [{ name: "DIR", summary: "the folder to make; it must not be there yet" }],
    options: {
      level: {
        kind: "value",
        value: "N",
        summary: `How hard xz tries at Deno, 1 (seconds) to 9 (a minute; default: ${LEVEL})`,
      },
      "with-vulkan": {
        kind: "flag",
        summary: "Add Debian's Vulkan loader, for machines that lack it (takes apt-get)",
      },
      ...JSON_OPTION,
    },
    example: "deno task bundle ../skelrun-bundle --with-vulkan",
    async run(call) {
      const { terminal } = call;
      const level = positiveInteger(call, "level") ?? LEVEL;
      if (level > 9) throw new UsageError(`--level: expected 1 to 9, found ${level}`);
      const { PROJECT } = await import("../planning.ts");
      const { readBundleManifest } = await import("../bundle/bundle_manifest.ts");
      if (readBundleManifest(PROJECT)) {
        throw new UsageError(
          `${PROJECT} is a bundle itself and has no sources to make another from: copy it, or run ` +
            `this in a checkout`,
        );
      }
      const { makeBundle } = await import("../bundle/bundle.ts");
      const { folder, bytes, denoBytes } = await makeBundle(call.args.DIR!, contents, {
        level,
        vulkan: call.flag("with-vulkan"),
        onStep: (step) => terminal.err(`${step}\n`),
      });
      if (call.flag("json")) {
        terminal.out(`${JSON.stringify({ folder, bytes, denoBytes }, undefined, 2)}\n`);
      } else {
        const mb = (count: number) => (count / 1e6).toFixed(1);
        terminal.out(
          `${folder}: ${mb(bytes)} MB (Deno ${
            mb(denoBytes)
          } MB, packed). There: ./skelrun doctor\n`,
        );
      }
      return 0;
    },
  };
}
