/** What the canaries of further Regions and accounts call their things, known to the stacks and to the detector. */

/** How the name of a canary's role begins; its Region and the end of its stack's id follow. */
export const CANARY_ROLES = "cloudtrail-engine-canary-";

/** How the name of its parameter begins. */
export const CANARY_PARAMETERS = "/cloudtrail-engine/canary/";

/** The metric of how many canaries came before and come no more. */
export const SILENT_METRIC = "CanariesSilent";
