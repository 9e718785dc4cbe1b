# The commands of this workspace. `just` alone lists them.

_list:
    @just --list

# Everything that must hold before a change lands.
ci:
    .ci/run

# Format the code.
fmt:
    cargo fmt --all

# The lints, as strict as on CI.
lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# All tests, those against the real codex included; it is installed with npm if there is none.
test:
    cargo test --workspace --all-features

# The documentation, without warnings.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps

# Write the protocol types again from the committed schemas.
codegen:
    cargo xtask codegen

# Watch a turn on the real codex, with a scripted model.
quickstart *ARGS:
    cargo run --example quickstart -- {{ ARGS }}

# Licences, duplicate versions and sources of the dependencies. Needs cargo-deny.
deny:
    cargo deny check licenses bans sources

# Draw the quickstart for the README, as it runs: docs/quickstart.svg.
picture:
    cargo xtask picture

# The lints of the SDK with each set of features, and all its targets with each feature alone. Needs cargo-hack.
features:
    cargo hack clippy --package codexkit --feature-powerset --locked -- -D warnings
    cargo hack clippy --package codexkit --each-feature --all-targets --locked -- -D warnings

# Everything with the oldest Rust that is promised; rustup installs it.
msrv:
    cargo +1.88.0 check --workspace --all-targets --all-features --locked

# Breaking changes since a commit, to know the next version. Needs cargo-semver-checks.
semver SINCE="main":
    cargo semver-checks --package codexkit-protocol --package codexkit --package codexkit-testkit --all-features --baseline-rev {{ SINCE }}

# The public API, or what has changed in it: `diff COMMIT..COMMIT`. Needs cargo-public-api, but no nightly Rust.
public-api *ARGS:
    RUSTC_BOOTSTRAP=1 cargo +stable public-api --package codexkit --all-features --simplified {{ ARGS }}

# Random load with random faults, in which nothing may grow: `--seed N`, `--minutes M`.
soak *ARGS:
    cargo xtask soak {{ ARGS }}

# Random input for whatever reads bytes of others, for so many seconds each.
fuzz SECONDS="30":
    cargo xtask fuzz --seconds {{ SECONDS }}

# The tests of the connection under ThreadSanitizer. On x86_64 Linux.
tsan:
    cargo xtask tsan

# The end-to-end tests against old and new versions of codex; writes docs/compatibility.md.
compat *VERSIONS:
    cargo xtask compat {{ VERSIONS }}
