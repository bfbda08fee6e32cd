/**
 * What hides in text, or breaks its lines where no line break is meant: controls, format characters (soft hyphen,
 * zero-width and bidirectional marks, tags), the letters of Hangul and Khmer that look empty, the line and paragraph
 * separators, and code points that are no characters. Not "\n", which is written on purpose, and not the two marks that
 * choose between text and emoji: they hide nothing.
 */
export const UNSEEN =
  /(?!\n)(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
