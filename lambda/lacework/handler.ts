/** The compatible API as a Lambda function behind an open function URL: its clients cannot sign, so the key is all. */
import { readApiConfig } from "../api/api-config.ts";
import { wireApi } from "../api/wire-api.ts";
import { makeLaceworkApi } from "./app.ts";
import { serveLacework } from "./function-url.ts";

const app = makeLaceworkApi(wireApi(readApiConfig(new URL("config.json", import.meta.url))));

/** Answers one request. */
export const handler = serveLacework(app);
