/**
 * How much memory a graphics card has, which WebGPU does not tell: NVIDIA's own program knows, and Linux
 * where the card's driver is a part of it.
 *
 * @module
 */

/** Seconds that NVIDIA's program may take. */
const PATIENCE = 10;

/**
 * The memory that NVIDIA's program lists for a card: of several of the name, the least.
 *
 * @param list Lines `NAME, MIB`.
 * @returns MiB; nothing where no card of the name is listed.
 */
export function listedMemory(list: string, name: string): number | undefined {
  const found = list.split("\n").flatMap((line) => {
    const at = line.lastIndexOf(",");
    const mib = Number(line.slice(at + 1));
    return at > 0 && line.slice(0, at).trim() === name && mib > 0 ? [mib] : [];
  });
  return found.length === 0 ? undefined : Math.min(...found);
}

/**
 * The memory of the card behind an adapter, in MiB.
 *
 * @param description The adapter's.
 * @returns Nothing where it cannot be found out, or is another's for all that is known.
 */
export async function cardMemory(description: string): Promise<number | undefined> {
  if (!/nvidia/i.test(description)) return onlyMemory();
  try {
    const { success, stdout } = await new Deno.Command("nvidia-smi", {
      args: ["--query-gpu=name,memory.total", "--format=csv,noheader,nounits"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(PATIENCE * 1000),
    }).output();
    return success ? listedMemory(new TextDecoder().decode(stdout), description) : undefined;
  } catch {
    return undefined;
  }
}

/** The memory of the only card with some of its own that Linux knows. */
function onlyMemory(): number | undefined {
  const cards = "/sys/class/drm";
  try {
    const found = [...Deno.readDirSync(cards)].flatMap(({ name }) => {
      if (!/^card\d+$/.test(name)) return [];
      try {
        const bytes = Number(
          Deno.readTextFileSync(`${cards}/${name}/device/mem_info_vram_total`),
        );
        return bytes > 0 ? [Math.floor(bytes / 2 ** 20)] : [];
      } catch {
        return [];
      }
    });
    return found.length === 1 ? found[0] : undefined;
  } catch {
    return undefined;
  }
}
