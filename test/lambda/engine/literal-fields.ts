/** The fields that the tests of literals and selectors ask about, and what is said of their absence. */
import type { Matcher } from "../../../lambda/engine/selector.ts";

/** A field that is a text wherever it is there. */
export const PLAIN = "errorCode";

/** A field that can be anything. */
export const FREE = "requestParameters.a";

/** The matchers of a field that is not there. */
export const NOTHING: readonly Matcher[] = [{ exists: false }];
