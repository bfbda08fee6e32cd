/**
 * Counts in sentences. "1 rules" tells the reader that nobody looked at the sentence.
 *
 *   counted(2900, "record")         // "2,900 records"
 *   counted(1, "piece")             // "1 piece"
 */

/** A number as people read it, with commas, and the word for so many. */
export function counted(number: number, word: string, words = `${word}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? word : words}`;
}
