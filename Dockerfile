# syntax=docker/dockerfile:1

# The binary is built on the Debian it runs on, so both have the same C library.
# Not the slim one: the allocator is built with make.
FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --locked --release --bin sarus \
    && install -D target/release/sarus /out/sarus

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Sarus" \
      org.opencontainers.image.licenses="Apache-2.0"
# The data folder is for SQLite only; with PostgreSQL the file system can be read-only.
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin sarus \
    && install -d -o sarus -g sarus -m 0700 /var/lib/sarus
COPY --from=build /out/sarus /usr/local/bin/sarus
USER 10001:10001
WORKDIR /var/lib/sarus
ENV SARUS_LISTEN=0.0.0.0:8080
EXPOSE 8080
# bash speaks HTTP by itself here: no client needs to be installed in the image.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && grep -q ' 200 ' <(head -n 1 <&3)"]
ENTRYPOINT ["sarus"]
CMD ["serve"]
