/** Texts that try to be more than text: in HTML, in Slack's markup, in markdown, in cards. Each sets `canary` if it can. */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";

const HOSTILE_TEXTS: readonly string[] = [
  "<script>window.canary=1</script>",
  "<img src=https://evil.example/x onerror=window.canary=1>",
  '"><svg onload="window.canary=1">',
  "' onmouseover='window.canary=1' x='",
  "</pre></code></style></title></textarea><script>window.canary=1</script>",
  '<iframe srcdoc="<script>parent.canary=1;top.canary=1</script>"></iframe>',
  '<a href="javascript:window.canary=1">record</a>',
  "<base href=https://evil.example/><link rel=stylesheet href=https://evil.example/x.css>",
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '"; background: url(https://evil.example/x); x: "',
  "<style>*{display:none}</style><!-- -->",
  "&lt;script&gt;window.canary=1&lt;/script&gt;",
  "<!channel> <@U0123456789> <#C0123456789> <https://evil.example/x|AWS console>",
  "*bold* _italic_ ~struck~ `code` ```block``` :skull: https://evil.example/x",
  "[Sign in](https://evil.example/x) **bold** ![x](https://evil.example/x.png)",
  "{{DATE(2026-11-20T10:15:30Z, SHORT)}} ${title} {{x}}",
];

/** One alert for each text, with the text wherever a caller can put one, and in the rule's own words. */
export const HOSTILE_ALERTS: readonly { readonly text: string; readonly alert: Alert }[] = HOSTILE_TEXTS.map(
  (text) => {
    const alert = sampleAlert(
      {
        userAgent: text,
        sourceIPAddress: text,
        awsRegion: text,
        recipientAccountId: text,
        errorCode: text,
        errorMessage: text,
        requestParameters: { bucketName: text, [text]: [text, { [text]: text }] },
        responseElements: { [text]: text },
        resources: [{ ARN: text, type: text }],
        eventID: text,
      },
      {
        name: text,
        summary: "{{userAgent}}",
        description: text,
        falsePositives: text,
        tags: [text],
        attack: [text],
      },
    );
    return {
      text,
      alert: { ...alert, actor: { ...alert.actor, session: text, role: text, accessKeyId: text } },
    };
  },
);
