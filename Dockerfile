FROM node:24-alpine AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY tools/build.mjs tools/
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-alpine
# Node as process 1 would ignore a SIGTERM that arrives while it is still starting.
RUN apk add --no-cache tini && install -d -o node -g node /var/lib/camledger
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/var/lib/camledger
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/build/src build/src
COPY console console
COPY data data
COPY migrations migrations
COPY openapi openapi
COPY examples examples
COPY LICENSE ./
COPY NOTICE NOTICE
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/sbin/tini", "--", "node", "--max-semi-space-size=32", "build/src/cli.js"]
CMD ["serve"]
