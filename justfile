# The only commands to remember. `just` lists them.

_list:
    @just --list --unsorted

# Play the whole scheme over HTTP and keep serving
demo *arguments:
    cargo run --release -- demo {{ arguments }}

# Serve on an SQLite file in development mode
serve:
    cargo run -- serve

# All tests, on SQLite and on PostgreSQL where it is found
test *arguments:
    cargo test {{ arguments }}

# Quick look at the code while writing: formatting, then clippy
look:
    cargo fmt --all
    cargo clippy --workspace --all-targets

# Write openapi/ again from the code, then read what changed
openapi:
    cargo run -- openapi
    git diff --stat -- openapi

# Everything that CI checks, or only the named steps
check *steps:
    bash .ci/run {{ steps }}

# The benchmarks
bench:
    cargo bench
