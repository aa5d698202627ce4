// A certified OpenID provider (npm: oidc-provider) on loopback: node provider.mjs PORT SETTINGS
// SETTINGS is JSON: {people: {NAME: {claims}}, redirectUris, postLogoutRedirectUris, backchannelLogoutUri}.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../../../web/package.json", import.meta.url));
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);

const [port, settings] = [Number(process.argv[2]), JSON.parse(process.argv[3])];
const client = {
  client_id: "hemalum",
  client_secret: "a secret of the tests, long enough",
  redirect_uris: settings.redirectUris,
  post_logout_redirect_uris: settings.postLogoutRedirectUris,
  backchannel_logout_uri: settings.backchannelLogoutUri,
  backchannel_logout_session_required: true,
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  claims: { openid: ["sub"], profile: ["name", "preferred_username"], groups: ["groups"] },
  features: { backchannelLogout: { enabled: true } },
  findAccount: (_context, id) => settings.people[id] && { accountId: id, claims: () => ({ sub: id, ...settings.people[id] }) },
  // Its own would call nothing on loopback, where the node of the tests is.
  fetch: (address, options) => fetch(address, { ...options, dispatcher: undefined }),
  cookies: { keys: ["a key of the tests"] },
});
provider.listen(port, "127.0.0.1");
