/**
 * Publishing and rolling back. Everything that speaks against it is found first, all at once; then a version is added,
 * and only then the pointer is moved, on the condition that what was compared with is still in force.
 *
 *   const report = await publish(engine, { ruleSet, destinations, routing }, { by, created, engine: "0.1.0" });
 *   // report.refused: ["the rule ec2…/subnet-deleted would never see its records: …"]
 */
import { canonicalJson } from "../../lambda/alerts/canonical-json.ts";
import type { Rule } from "../../lambda/engine/rule.ts";
import { problemsOfContent } from "../../lambda/live-rules/live-rules.ts";
import {
  type Content,
  FORMAT,
  hashOf,
  type Pointer,
  type Published,
} from "../../lambda/live-rules/published.ts";
import { changesOf, isUnchanged } from "./changes.ts";
import { coveredBy } from "./covered-by.ts";
import type { DeployedEngine } from "./deployed-engine.ts";
import {
  addVersion,
  findPointer,
  type FoundPointer,
  listVersions,
  movePointer,
  readVersion,
} from "./published-bucket.ts";
import type { PublishReport } from "./publish-schema.ts";

/** Rules, destinations and routes to publish. */
export type ToPublish = Omit<Content, "waiting">;

/** Who publishes, when, with what. */
export type Publisher = Pick<Published, "engine" | "created" | "by" | "revision">;

/** The word for the rules that were deployed, where a version is named. */
const DEPLOYED = "deployed";

const EFFECT =
  "In force from the first record after that, once a running copy of the detector has looked, which it does once a minute at most.";

/** Publishes, or, with `dryRun`, says what publishing would do. */
export async function publish(
  engine: DeployedEngine,
  next: ToPublish,
  publisher: Publisher,
  { dryRun = false } = {},
): Promise<PublishReport> {
  const found = await findPointer(engine.place);
  const live = await contentInForce(engine, found);
  const changes = changesOf(live.content, next);
  const judged = judge(engine, next);
  const report: PublishReport = {
    action: "publish",
    done: false,
    stack: engine.stack,
    inForce: live.version,
    changes,
    ...judged,
    warnings: [...live.warnings, ...judged.warnings],
    effect: EFFECT,
  };
  if (isUnchanged(changes) && live.warnings.length === 0)
    return { ...report, effect: "Nothing is different from what is in force." };
  if (judged.refused.length > 0) return { ...report, effect: "Nothing was published." };
  if (dryRun) return { ...report, effect: "Nothing was published, because of --dry-run." };
  const content: Content = { ...next, waiting: judged.waiting };
  const { revision } = publisher;
  const added = await addVersion(engine.place, {
    format: FORMAT,
    engine: publisher.engine,
    created: publisher.created,
    by: publisher.by,
    ...(revision === undefined ? {} : { revision }),
    base: engine.base,
    sha256: hashOf(content),
    content,
  });
  await movePointer(engine.place, { published: publisher.created, by: publisher.by, ...added }, found.etag);
  return { ...report, done: true, next: added.versionId };
}

/** Moves the pointer to an earlier version, the one before that in force when none is named, or to the deployed rules. */
export async function rollBack(
  engine: DeployedEngine,
  wanted: string | undefined,
  publisher: Pick<Publisher, "by" | "created">,
  { dryRun = false } = {},
): Promise<PublishReport> {
  const found = await findPointer(engine.place);
  const live = await contentInForce(engine, found);
  const report: PublishReport = {
    action: "rollback",
    done: false,
    stack: engine.stack,
    inForce: live.version,
    refused: [],
    waiting: [],
    warnings: live.warnings,
    effect: EFFECT,
  };
  const refuse = (reason: string): PublishReport => ({
    ...report,
    refused: [reason],
    effect: "Nothing was rolled back.",
  });
  const version = wanted ?? (await versionBefore(engine, live.version));
  if (version === undefined)
    return refuse(
      `there is no version before the one in force; --rollback ${DEPLOYED} goes back to the deployed rules`,
    );
  if (version === live.version) return refuse(`${version} is in force already`);
  const at = { published: publisher.created, by: publisher.by };
  const target = await targetOf(engine, version);
  if (typeof target === "string") return refuse(target);
  const judged = target.content === undefined ? undefined : judge(engine, target.content);
  const changes = changesOf(live.content, target.content ?? deployedContent(engine));
  const full = { ...report, changes, ...(judged === undefined ? {} : judged) };
  if (full.refused.length > 0) return { ...full, effect: "Nothing was rolled back." };
  if (dryRun) return { ...full, effect: "Nothing was rolled back, because of --dry-run." };
  const pointer: Pointer =
    target.content === undefined ? { ...at, deployed: true } : { ...at, ...target.place };
  await movePointer(engine.place, pointer, found.etag);
  return { ...full, done: true, next: version };
}

/** The versions that there are, the last one first. */
export async function listPublished(engine: DeployedEngine): Promise<PublishReport> {
  const live = await contentInForce(engine, await findPointer(engine.place));
  const versions = await listVersions(engine.place);
  return {
    action: "list",
    done: false,
    stack: engine.stack,
    inForce: live.version,
    refused: [],
    waiting: [],
    warnings: live.warnings,
    effect: "",
    versions: versions.map(({ versionId, created, by, revision, rules, size, base }) => {
      const earlier = base === engine.base ? "earlier" : "superseded";
      const state = versionId === live.version ? "in-force" : earlier;
      return { versionId, created, by, revision, rules, size, state };
    }),
  };
}

/** What speaks against content, and which of its rules would wait for the next deployment. */
function judge(
  engine: DeployedEngine,
  next: ToPublish,
): Pick<PublishReport, "refused" | "waiting" | "warnings"> {
  const { file, deployment } = engine;
  const refused = problemsOfContent({ ...next, waiting: [] }, file);
  if (refused.length > 0) return { refused, waiting: [], warnings: [] };
  const missing = coveredBy(deployment);
  const uncovered = next.ruleSet.rules.flatMap((rule) => {
    const pattern = missing(rule, next.ruleSet);
    return pattern === undefined ? [] : [{ rule, pattern: JSON.stringify(pattern) }];
  });
  const asDeployed = new Map(file.ruleSet.rules.map((rule) => [rule.id, canonicalJson(rule)]));
  const isDeployed = (rule: Rule): boolean => asDeployed.get(rule.id) === canonicalJson(rule);
  const isSame = canonicalJson(next.ruleSet.conditions) === canonicalJson(file.ruleSet.conditions);
  const [known, fresh] = [
    uncovered.filter(({ rule }) => isSame && isDeployed(rule)),
    uncovered.filter(({ rule }) => !(isSame && isDeployed(rule))),
  ];
  const warnings = known.map(
    ({ rule }) =>
      `the rule ${rule.id} is deployed, and cannot be shown to be covered by the EventBridge rules there are now: run the doctor command`,
  );
  const waiting = fresh.map(({ rule }) => rule.id);
  if (file.allowWaiting) return { refused: [], waiting, warnings };
  const reasons = fresh.map(
    ({ rule, pattern }) =>
      `the rule ${rule.id} would never see its records: the deployed EventBridge rules do not deliver ${cut(pattern)}. ` +
      "Deploy it with `npx cdk deploy`, or set liveRules.allowWaiting in cdk.json and deploy that, to have such rules wait",
  );
  return { refused: reasons, waiting: [], warnings };
}

type InForce = { readonly version: string; readonly content: ToPublish; readonly warnings: string[] };

function deployedContent({ file }: DeployedEngine): ToPublish {
  return { ruleSet: file.ruleSet, destinations: file.destinations, routing: file.routing };
}

/** What the detector works with now. What is broken is told, and can be published over. */
async function contentInForce(engine: DeployedEngine, { pointer, broken }: FoundPointer): Promise<InForce> {
  const content = deployedContent(engine);
  if (broken !== undefined)
    return { version: DEPLOYED, content, warnings: [`what is published cannot be used: ${broken}`] };
  if (pointer === undefined || "deployed" in pointer) return { version: DEPLOYED, content, warnings: [] };
  try {
    const { published } = await readVersion(engine.place, pointer.versionId, pointer);
    if (published.base !== engine.base) return { version: DEPLOYED, content, warnings: [] };
    return { version: pointer.versionId, content: published.content, warnings: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { version: DEPLOYED, content, warnings: [`what is published cannot be used: ${reason}`] };
  }
}

async function versionBefore(engine: DeployedEngine, inForce: string): Promise<string | undefined> {
  const usable = (await listVersions(engine.place)).filter(({ base }) => base === engine.base);
  const at = usable.findIndex(({ versionId }) => versionId === inForce);
  return at === -1 ? undefined : usable[at + 1]?.versionId;
}

type Target = {
  readonly content?: ToPublish;
  readonly place: { readonly versionId: string; readonly sha256: string; readonly size: number };
};

/** What a version holds, without content for the deployed rules; or why it cannot be rolled back to. */
async function targetOf(engine: DeployedEngine, version: string): Promise<Target | string> {
  if (version === DEPLOYED) return { place: { versionId: "", sha256: "", size: 0 } };
  try {
    const { published, sha256, size } = await readVersion(engine.place, version);
    if (published.base !== engine.base)
      return `${version} was published over other rules than are deployed now: publish these rules anew`;
    return { content: published.content, place: { versionId: version, sha256, size } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `the version ${version} cannot be used: ${reason}. --list shows those there are`;
  }
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
