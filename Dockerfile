# syntax=docker/dockerfile:1
# Bulq as one binary with the browser app inside, on a small Debian, without root.
#   docker build -t bulq .

FROM node:20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-progress
# The app is generated from the API's document.
COPY docs/api /src/docs/api
COPY web ./
RUN npm run --silent build

FROM rust:1.95-bookworm AS server
WORKDIR /src
COPY . .
COPY --from=web /src/web/dist web/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist -p bulq && cp target/dist/bulq /bulq

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin bulq \
    && install -d -o bulq -g bulq -m 0700 /data
COPY --from=server /bulq /usr/local/bin/bulq
USER bulq
WORKDIR /data
ENV BULQ_ENV=production BULQ_LISTEN=0.0.0.0:8080 BULQ_DATA=/data BULQ_LOG=json
VOLUME /data
EXPOSE 8080
# Sockets are closed in batches, what is queued is finished.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["bulq"]
CMD ["serve"]
