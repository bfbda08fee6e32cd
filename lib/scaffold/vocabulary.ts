/**
 * Which texts of a record are AWS's own words: a mode, a protocol, a canned ACL, a managed policy. They say what a
 * call did and name nobody, so a scaffolded test keeps them and a rule may compare with them. Everything else could be
 * the name of a person or of a thing, and a test file lies in git for ever: what is not known here is replaced.
 *
 *   isAwsWord("instanceTenancy", "dedicated")   // true: such keys hold words of AWS
 *   isAwsWord("userName", "alice")              // false
 */

const WORDS: ReadonlySet<string> = new Set(
  (
    "* -1 all tcp udp icmp icmpv6 true false True False yes no Yes No " +
    "private public public-read public-read-write authenticated-read aws-exec-read bucket-owner-read " +
    "bucket-owner-full-control log-delivery-write"
  ).split(" "),
);

/** Forms that only AWS writes, under whatever key. */
const FORMS: readonly RegExp[] = [
  /^\d{1,6}$/,
  /^\d{4}-\d{2}-\d{2}$/,
  /^[A-Z]{2,}(?:_[A-Z0-9]+)+$/,
  /^[a-z]{2}(?:-[a-z]+){1,2}-\d[a-z]?$/,
  /^[a-z0-9-]+\.amazonaws\.com$/,
  /^(?:[a-z]+\.)?[a-z]+\d[a-z-]*\.(?:nano|micro|small|medium|\d*x?large|metal(?:-\w+)?)$/,
  /^https?:\/\/acs\.amazonaws\.com\/groups\/[\w/-]+$/,
];

/** Keys whose values are words of AWS; the last word of the key counts. */
const WORD_KEYS =
  /(?:type|mode|status|state|acl|protocol|permission|attribute|effect|engine|class|tenancy|level|visibility|method|format|version|operation|access|encryption|algorithm|runtime|setting|enabled|frequency|origin|usage)s?$/i;
const WORD = /^[A-Za-z][\w.-]{0,40}$/;

const ACTION_KEYS = /^(?:not)?actions?$/i;
const ACTION = /^(?:\*|[a-z0-9-]+:[A-Za-z*?]+)$/;

/** Whether a text is a word of AWS. */
export function isAwsWord(key: string, text: string): boolean {
  if (WORDS.has(text) || FORMS.some((form) => form.test(text))) return true;
  return (WORD_KEYS.test(key) && WORD.test(text)) || (ACTION_KEYS.test(key) && ACTION.test(text));
}

/** Whether a text is an ARN of AWS itself, such as that of a managed policy. */
export function isAwsArn(text: string): boolean {
  return /^arn:[\w-]+:[\w-]+:[\w-]*:aws:[\w/+=,.@-]+$/.test(text);
}
