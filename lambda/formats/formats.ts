/**
 * The formats that an alert can be told in, by name: one line each. Each is loaded when an alert first needs it, since ECS
 * and OCSF bring MITRE's names along, and nobody's first alert should wait for a format that nobody configured.
 *
 *     const format = await openFormat("ocsf");
 *     documentWithin(notice, format, 262_144)   // '{"activity_id":1,…}', the record's largest fields left out if need be
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { shortenAlert } from "../alerts/shorten.ts";
import type { Notice } from "../destinations/destination.ts";
import { newsFields } from "../destinations/notice-news.ts";
import type { Settings } from "../destinations/settings.ts";

/** The names of the formats; the alert's own document comes first. */
export const FORMAT_NAMES = ["alert", "ecs", "ocsf", "asff", "lacework"] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** The document of a notice. */
export type Format = (notice: Notice) => object;

/** Our own document, with what came to be known of the alert beside its own fields. */
export const alertFormat: Format = (notice) => ({ ...notice.alert, ...newsFields(notice) });

const FORMATS: Readonly<Record<FormatName, () => Promise<Format>>> = {
  alert: async () => alertFormat,
  ecs: async () => {
    const { toEcs } = await import("./ecs.ts");
    return ({ alert }) => toEcs(alert);
  },
  ocsf: async () => (await import("./ocsf.ts")).toOcsf,
  asff: async () => {
    const [{ toAsff }, { productArnOf }] = await Promise.all([
      import("./asff.ts"),
      import("./asff-product.ts"),
    ]);
    return (notice) => toAsff(notice, productArnOf(notice.alert));
  },
  lacework: async () => {
    const { toUnnumberedLacework } = await import("./lacework.ts");
    return ({ alert }) => toUnnumberedLacework(alert);
  },
};

/** Loads a format. */
export function openFormat(name: FormatName): Promise<Format> {
  return FORMATS[name]();
}

/** The document as JSON of at most `limit` bytes, as far as shortening can do that, which it says in the alert's notes. */
export function documentWithin(notice: Notice, format: Format, limit: number): string {
  const text = (alert: Alert): string => safeJson(format({ ...notice, alert }));
  return text(shortenAlert(notice.alert, (candidate) => Buffer.byteLength(text(candidate)) <= limit));
}

/** The setting of a destination that carries a document of ours. */
export const FORMAT_SETTING = {
  format: {
    kind: "choice",
    description: "the format of the document: the alert's own (alert, unless set), or one that others read",
    values: FORMAT_NAMES,
    optional: true,
  },
} as const satisfies Settings;
