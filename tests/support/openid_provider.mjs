// A state's OpenID provider: oidc-provider with its own sign-in page, told by the first argument (JSON).
// Prints its issuer, once it listens. Whoever signs in as NAME is NAME, with the groups that `people` gives NAME.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const told = JSON.parse(process.argv[2]);
const found = createRequire(`${told.modules}/`).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(found));

const server = createServer();
server.listen(told.port, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${told.port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: told.client_id,
      redirect_uris: [told.redirect_uri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [told.key] },
    }],
    claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_context, name) => ({
      accountId: name,
      claims: () => ({ sub: name, ...told.people[name] }),
    }),
    pkce: { required: () => true },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
