/**
 * json-rules-engine behind a module of ours, so that it can be imported lazily: in a bundle, a CommonJS package that is
 * imported dynamically has no named exports.
 */
export { Engine } from "json-rules-engine";
