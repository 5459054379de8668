// An OpenID provider with one client. Each line of its input replaces its keys: "both" signs with a new one and
// still names the old ones, "one" forgets those. Each is answered with a line: the address, then "done".
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

// Standard output is for answers.
console.info = console.warn = console.error;

let keys = [], number = 0, handler;

function newKey() {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return { ...jwk, use: 'sig', alg: 'RS256', kid: `key-${++number}` };
}

function start(issuer) {
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: [{ client_id: 'caller', client_secret: 'caller-secret-of-the-tests', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ scope: 'orders:read orders:write', audience: 'shop', accessTokenTTL: 600, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
      },
    },
  });
  handler = provider.callback();
}

const server = createServer((request, response) => handler(request, response));
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  keys = [newKey()];
  start(issuer);
  console.log(issuer);
  createInterface({ input: process.stdin }).on('line', (line) => {
    keys = line === 'both' ? [newKey(), ...keys] : [newKey()];
    start(issuer);
    console.log('done');
  }).on('close', () => process.exit(0));
});
