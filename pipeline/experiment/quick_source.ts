/**
 * A text that was read for its value alone.
 *
 * @module
 */
import { type Located, PlacesNeeded, type Source, type SourceReader } from "./source.ts";
import type { YamlCache } from "./yaml_cache.ts";
import { readYamlValue } from "./yaml_value.ts";

class QuickSource implements Source {
  readonly file: string;
  readonly value: unknown;

  constructor(file: string, value: unknown) {
    this.file = file;
    this.value = value;
  }

  locate(): Located {
    throw new PlacesNeeded(`a place in ${this.file} is asked for`);
  }
}

/**
 * A reader that gives values and knows no places.
 *
 * @param cache Where values of long texts are kept.
 * @returns A reader that throws {@link PlacesNeeded} for texts it does not read.
 */
export function quickReader(cache: YamlCache | undefined): SourceReader {
  return (file, text) => {
    const found = cache?.value(text, readYamlValue) ?? readYamlValue(text);
    if (found === undefined) throw new PlacesNeeded(`${file} is not read quickly`);
    return new QuickSource(file, found.value);
  };
}
