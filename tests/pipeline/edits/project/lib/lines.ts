/** The numbers of a text, one a line. */
export function numbers(text: string): number[] {
  return text.split("\n").filter((line) => line !== "").map(Number);
}
