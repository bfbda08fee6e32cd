/**
 * The names that a channel can have, as the alert's schema lists them.
 */
import { alertSchema } from "../lambda/alerts/alert-schema.ts";

/** `console`, `cli`, `sdk`, … */
export const CHANNELS: readonly string[] = alertSchema.shape.channel.shape.name.options;
