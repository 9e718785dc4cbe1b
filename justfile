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
