/**
 * The ATT&CK Navigator's layer format 4.5, field by field as its specification has it (attack-navigator,
 * layers/spec/v4.5/layerformat.md), with what Navigator's own loader asks beyond that: it drops metadata and links
 * with an empty text, complains of colours it cannot read, and finds no techniques of another domain.
 */
import { z } from "zod";

const colour = z.string().regex(/^#[0-9a-f]{6}([0-9a-f]{2})?$/i);
const text = z.string().min(1);
const divider = z.strictObject({ divider: z.boolean() });
const metadata = z.array(z.union([z.strictObject({ name: text, value: text }), divider]));
const links = z.array(
  z.union([z.strictObject({ label: text, url: z.url({ protocol: /^https?$/ }) }), divider]),
);

const technique = z.strictObject({
  techniqueID: z.string().regex(/^T\d{4}(\.\d{3})?$/),
  tactic: z.string().optional(),
  comment: z.string().optional(),
  enabled: z.boolean().optional(),
  score: z.number().optional(),
  color: z.union([colour, z.literal("")]).optional(),
  metadata: metadata.optional(),
  links: links.optional(),
  showSubtechniques: z.boolean().optional(),
});

/** At least 4.9.0, by its numbers. */
function isNavigatorOfFormat45(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return /^\d+\.\d+\.\d+$/.test(version) && (major > 4 || (major === 4 && minor >= 9));
}

/** A layer that Navigator loads without a complaint. */
export const navigatorLayerSchema = z.strictObject({
  versions: z.strictObject({
    attack: z.string().regex(/^\d+$/).optional(),
    navigator: z.string().refine(isNavigatorOfFormat45),
    layer: z.literal("4.5"),
  }),
  name: text,
  description: z.string().optional(),
  domain: z.enum(["enterprise-attack", "mobile-attack", "ics-attack"]),
  customDataURL: z.url().optional(),
  filters: z.strictObject({ platforms: z.array(text).optional() }).optional(),
  sorting: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional(),
  layout: z
    .strictObject({
      layout: z.enum(["side", "flat", "mini"]).optional(),
      showID: z.boolean().optional(),
      showName: z.boolean().optional(),
      showAggregateScores: z.boolean().optional(),
      countUnscored: z.boolean().optional(),
      aggregateFunction: z.enum(["average", "min", "max", "sum"]).optional(),
      expandedSubtechniques: z.enum(["none", "all", "annotated"]).optional(),
    })
    .optional(),
  hideDisabled: z.boolean().optional(),
  techniques: z.array(technique).optional(),
  gradient: z
    .strictObject({ colors: z.array(colour).min(2), minValue: z.number(), maxValue: z.number() })
    .refine(({ minValue, maxValue }) => maxValue > minValue)
    .optional(),
  legendItems: z.array(z.strictObject({ label: text, color: colour })).optional(),
  showTacticRowBackground: z.boolean().optional(),
  tacticRowBackground: colour.optional(),
  selectTechniquesAcrossTactics: z.boolean().optional(),
  selectSubtechniquesWithParent: z.boolean().optional(),
  selectVisibleTechniques: z.boolean().optional(),
  metadata: metadata.optional(),
  links: links.optional(),
});
