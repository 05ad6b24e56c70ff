/**
 * Numbers for what a user's table calls by numbers or by words: labels, subjects, cameras.
 *
 * @module
 */
import { quoted } from "../../formats/csv_text.ts";

/** Largest number that may stand in a table: it has to fit 32 bits, and a mistake must not cost memory. */
const LARGEST = 1_000_000;

/** How the fields of a column become numbers. */
export interface Numbering {
  /** The words by number, from `first`; empty where the fields are numbers already. */
  readonly words: readonly string[];
  /** The number of a field, or what is wrong with it. */
  number(field: string): number | string;
}

/** What a numbering is made from. */
export interface NumberingOptions {
  /** The column, for messages. */
  readonly column: string;
  /** Number of the first word. */
  readonly first: number;
  /** Smallest number where the fields are numbers. */
  readonly least: number;
  /** Number of an empty field; such fields are faults where it is left out. */
  readonly empty?: number;
}

/**
 * Reads a column. Its fields are numbers where more than half of those that are not empty are; then
 * every other one is a fault. Otherwise all are words, numbered in lexicographic order (by code
 * units), so that the order of rows does not matter.
 *
 * @param fields The column's fields, empty ones among them.
 */
export function numbering(fields: readonly string[], options: NumberingOptions): Numbering {
  const { column, first, least, empty } = options;
  const given = fields.filter((field) => field !== "");
  const numbers = given.filter((field) => wholeNumber(field) !== undefined).length;
  const words = 2 * numbers > given.length ? [] : [...new Set(given)].sort();
  const numberOf = new Map(words.map((word, i) => [word, first + i]));
  return {
    words,
    number(field) {
      if (field === "" && empty !== undefined) return empty;
      if (words.length > 0) {
        return numberOf.get(field) ?? `${column}: expected a word, found ${quoted(field)}`;
      }
      const number = wholeNumber(field);
      if (number !== undefined && number >= least && number <= LARGEST) return number;
      return `${column}: expected a whole number from ${least} to ${LARGEST}, as others in this ` +
        `column are, found ${quoted(field)}`;
    },
  };
}

/** The numbering of words that are known beforehand, by their order, or of numbers among as many. */
export function numberingOf(
  words: readonly string[],
  fields: readonly string[],
  { column, first }: Pick<NumberingOptions, "column" | "first">,
): Numbering {
  const found = numbering(fields, { column, first, least: first });
  const numberOf = new Map(words.map((word, i) => [word, first + i]));
  return {
    words,
    number(field) {
      const known = numberOf.get(field);
      if (known !== undefined) return known;
      if (found.words.length > 0) {
        return `${column}: expected one of class_names, found ${quoted(field)}`;
      }
      const number = found.number(field);
      if (typeof number === "string" || number < first + words.length) return number;
      return `${column}: expected a number from ${first} to ${
        first + words.length - 1
      }, as there ` +
        `are class_names for, found ${number}`;
    },
  };
}

function wholeNumber(field: string): number | undefined {
  return /^\d{1,15}(\.0+)?$/.test(field) ? Number(field) : undefined;
}
