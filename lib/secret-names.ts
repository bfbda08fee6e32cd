/**
 * What Secrets Manager takes for a whole ARN of a secret: one that ends with a hyphen and six characters, its own or
 * not. Apart from the constructs, since the doctor explains with it why such a secret is not found.
 */

/** Whether Secrets Manager reads it as a whole ARN; never true of a name. */
export function looksWhole(secret: string): boolean {
  return secret.startsWith("arn:") && /-[A-Za-z0-9]{6}$/.test(secret);
}
