import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../lambda/config.ts";
import { makeStack, makeTemplate, statementsOfRole } from "./synthesise.ts";

function secretStatements(secret: string, more: object = {}): unknown[] {
  const destinations = { datadog: { type: "datadog", site: "datadoghq.eu", secret, ...more } };
  const statements = statementsOfRole(makeTemplate({ config: { destinations } }));
  return ["ReadSecrets", "DecryptSecrets"].flatMap((sid) => {
    const statement = statements.get(sid);
    return statement === undefined
      ? []
      : [{ Action: statement["Action"], Resource: statement["Resource"], Condition: statement["Condition"] }];
  });
}

describe("secrets", () => {
  const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dd";

  it.each([
    ["a name", "prod/datadog", "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/datadog-??????"],
    ["a name that ends like an ARN", "dd-apikey", `${arn}-apikey-??????`],
    ["an ARN without its suffix", arn, `${arn}-??????`],
    ["an ARN that may be whole", `${arn}-a1B2c3`, [`${arn}-a1B2c3`, `${arn}-a1B2c3-??????`]],
  ])("given as %s are read, exactly these", (_, secret, resource) => {
    expect(secretStatements(secret)).toEqual([
      { Action: "secretsmanager:GetSecretValue", Resource: resource, Condition: undefined },
    ]);
  });

  it("under a key of their own are decrypted through Secrets Manager only", () => {
    const key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    expect(secretStatements(`${arn}-a1B2c3`, { secretKeyArn: key })[1]).toEqual({
      Action: "kms:Decrypt",
      Resource: key,
      Condition: {
        StringLike: {
          "kms:ViaService": { "Fn::Join": ["", ["secretsmanager.*.", { Ref: "AWS::URLSuffix" }]] },
          "kms:EncryptionContext:SecretARN": [`${arn}-a1B2c3`, `${arn}-a1B2c3-??????`],
        },
      },
    });
  });

  it.each(["prod/datadog", "datadog-apikey", `${arn}-apikey`])(
    "reach the detector and the doctor as they are written: %s",
    (secret) => {
      const destinations = { datadog: { type: "datadog", site: "datadoghq.eu", secret } };
      const template = makeTemplate({ config: { destinations } });
      expect(() =>
        template.hasResourceProperties("AWS::Lambda::Function", {
          Environment: {
            Variables: {
              ENGINE_DESTINATIONS: {
                "Fn::Join": [
                  "",
                  Match.arrayWith([
                    `"},{"id":"datadog","type":"datadog","site":"datadoghq.eu","apiKeySecret":"${secret}"}]`,
                  ]),
                ],
              },
            },
          },
        }),
      ).not.toThrow();
      expect(() => template.hasOutput("Secrets", { Value: JSON.stringify([secret]) })).not.toThrow();
    },
  );

  it("are taken by the detector as they are written", () => {
    for (const apiKeySecret of ["prod/datadog", "datadog-apikey", arn, `${arn}-a1B2c3`]) {
      const destination = { id: "datadog", type: "datadog", site: "datadoghq.eu", apiKeySecret };
      expect(readConfig({ ENGINE_DESTINATIONS: JSON.stringify([destination]) }).destinations).toEqual([
        destination,
      ]);
    }
  });

  it("too many for the environment of a Lambda are refused with the numbers", () => {
    const destinations = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `datadog-${index}`,
        { type: "datadog", site: "datadoghq.eu", secret: `secret-${index}-${"x".repeat(200)}` },
      ]),
    );
    expect(() => makeStack({ config: { destinations } })).toThrow(
      /take \d+ bytes of the Lambda's environment, which holds 3996/,
    );
  });
});
