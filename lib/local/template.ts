/**
 * Reads the synthesised CloudFormation template as a deployment would: what the local run does comes from the
 * template, not from the code that made it, so that a wrong reference or a forgotten variable shows on the laptop.
 * References are resolved to what stands in for the resource locally.
 *
 * Example: `{ "Fn::GetAtt": ["DetectorFunction", "Arn"] }` becomes
 * "arn:aws:lambda:us-east-1:123456789012:function:DetectorFunction".
 */

type JsonObject = { readonly [key: string]: unknown };

/** One resource of a template. */
export type TemplateResource = { readonly Type: string; readonly Properties: JsonObject };
/** What of a template counts here. */
export type Template = { readonly resources: ReadonlyMap<string, TemplateResource> };
/** What stands in for a resource: its `Ref` and its attributes. */
export type LocalResource = { readonly ref: string; readonly attributes: Readonly<Record<string, string>> };
/** Where the stack is taken to be, and what stands in for its resources, by logical id. */
export type LocalValues = {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly resources: ReadonlyMap<string, LocalResource>;
};

/** Something in the template that the local run cannot read. The message names the place. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** Reads a parsed template. Throws TemplateError when it has no resources. */
export function readTemplate(parsed: unknown): Template {
  const resources = isObject(parsed) ? parsed["Resources"] : undefined;
  if (!isObject(resources)) throw new TemplateError("the synthesised template has no Resources");
  const read = Object.entries(resources).map(([id, resource]): [string, TemplateResource] => {
    const { Type: type, Properties: properties } = isObject(resource) ? resource : {};
    return [id, { Type: String(type), Properties: isObject(properties) ? properties : {} }];
  });
  return { resources: new Map(read) };
}

/** The resources of a type, with their logical ids. */
export function resourcesOf(template: Template, type: string): [string, TemplateResource][] {
  return [...template.resources].filter(([, resource]) => resource.Type === type);
}

/**
 * A value of the template with every intrinsic function resolved. `place` is where it stands, for errors.
 * Throws TemplateError for a function or a reference that has no local value.
 */
export function resolve(value: unknown, values: LocalValues, place: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => resolve(item, values, `${place}[${index}]`)).filter(isPresent);
  }
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined && (only === "Ref" || only.startsWith("Fn::"))) {
    return callFunction(only, value[only], values, place);
  }
  const entries = keys.map((key): [string, unknown] => [key, resolve(value[key], values, `${place}.${key}`)]);
  return Object.fromEntries(entries.filter(([, item]) => isPresent(item)));
}

/** The same where a text is expected. Throws TemplateError when it is none. */
export function resolveText(value: unknown, values: LocalValues, place: string): string {
  const text = resolve(value, values, place);
  if (typeof text !== "string")
    throw new TemplateError(`${place}: expected a text, got ${JSON.stringify(text)}`);
  return text;
}

function callFunction(name: string, argument: unknown, values: LocalValues, place: string): unknown {
  switch (name) {
    case "Ref":
      return reference(String(argument), undefined, values, place);
    case "Fn::GetAtt": {
      const [id = "", attribute = ""] = Array.isArray(argument)
        ? argument.map(String)
        : String(argument).split(/\.(.*)/su);
      return reference(id, attribute, values, place);
    }
    case "Fn::Join": {
      const [separator, list] = parts(argument, values, place);
      return Array.isArray(list) ? list.map(String).join(String(separator)) : unreadable(name, place);
    }
    case "Fn::Split": {
      const [separator, text] = parts(argument, values, place);
      return String(text).split(String(separator));
    }
    case "Fn::Select": {
      const [index, list] = parts(argument, values, place);
      return Array.isArray(list) ? (list as unknown[])[Number(index)] : unreadable(name, place);
    }
    case "Fn::Sub": {
      const [text, own] = Array.isArray(argument) ? (argument as unknown[]) : [argument, {}];
      return substitute(String(text), isObject(own) ? own : {}, values, place);
    }
    default:
      return unreadable(name, place);
  }
}

function parts(argument: unknown, values: LocalValues, place: string): unknown[] {
  return Array.isArray(argument) ? argument.map((part: unknown) => resolve(part, values, place)) : [];
}

function substitute(text: string, own: JsonObject, values: LocalValues, place: string): string {
  return text.replaceAll(/\$\{([^}]+)\}/gu, (_, name: string) => {
    if (name.startsWith("!")) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(own, name)) return String(resolve(own[name], values, place));
    const [id = "", attribute] = name.split(/\.(.*)/su);
    return String(reference(id, attribute, values, place));
  });
}

function reference(id: string, attribute: string | undefined, values: LocalValues, place: string): unknown {
  const pseudo = pseudoParameters(values);
  if (attribute === undefined && pseudo.has(id)) return pseudo.get(id);
  const resource = values.resources.get(id);
  const found = attribute === undefined ? resource?.ref : resource?.attributes[attribute];
  if (found === undefined) {
    const what = attribute === undefined ? id : `${id}.${attribute}`;
    throw new TemplateError(`${place} refers to ${what}, which nothing stands in for in the local run`);
  }
  return found;
}

function pseudoParameters(values: LocalValues): Map<string, unknown> {
  return new Map<string, unknown>([
    ["AWS::AccountId", values.account],
    ["AWS::Region", values.region],
    ["AWS::Partition", "aws"],
    ["AWS::URLSuffix", "amazonaws.com"],
    ["AWS::StackName", values.stackName],
    ["AWS::NoValue", undefined],
  ]);
}

function unreadable(name: string, place: string): never {
  throw new TemplateError(`${place} uses ${name} in a way that the local run cannot resolve`);
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
