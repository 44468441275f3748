import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Router } from 'express';

/**
 * Swagger UI over the service's own document. Every address is relative, so the page works behind a path prefix.
 * `token`, where given, is put into "Authorize": for demos, where page and token stay on one machine.
 */
export function docsPage(title: string, token: string | undefined): Router {
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const router = express.Router();
  router.get('/', (request, response, next) => {
    // Without the slash at the end, the page's relative addresses would point one level too high.
    if (!request.originalUrl.split('?')[0]?.endsWith('/')) response.redirect(301, './docs/');
    else next();
  });
  router.get('/', (_request, response) => {
    response.type('html').send(page(title));
  });
  router.get('/initializer.js', (_request, response) => {
    response.type('js').send(initializer(token));
  });
  router.use(express.static(assets, { index: false }));
  return router;
}

const page = (title: string) => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  <link rel="stylesheet" href="swagger-ui.css">
  <link rel="icon" href="favicon-32x32.png">
</head>
<body>
  <div id="ui"></div>
  <script src="swagger-ui-bundle.js"></script>
  <script src="initializer.js"></script>
</body>
</html>
`;

const initializer = (token: string | undefined) => `window.onload = () => {
  const ui = SwaggerUIBundle({
    url: '../openapi.json',
    dom_id: '#ui',
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    persistAuthorization: true,
    onComplete: () => { ${token === undefined ? '' : `ui.preauthorizeApiKey('bearer', ${JSON.stringify(token)});`} },
  });
};
`;
