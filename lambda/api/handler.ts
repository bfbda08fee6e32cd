/** Our API as a Lambda function behind a function URL. */
import { readApiConfig } from "./api-config.ts";
import { makeApi } from "./app.ts";
import { serveFunctionUrl } from "./function-url.ts";
import { wireApi } from "./wire-api.ts";

const app = makeApi(wireApi(readApiConfig(new URL("config.json", import.meta.url))));

/** Answers one request. */
export const handler = serveFunctionUrl((request) => app.fetch(request));
