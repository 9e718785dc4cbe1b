//! Connections, tools of MCP servers, permissions, and what the server sends about them.

use super::disk::Disk;
use super::rules;
use crate::protocol::types::{
    CommandExecutionRequestApprovalParams, McpServerElicitationRequestParams, NetworkApprovalProtocol,
    PermissionsRequestApprovalParams, RequestPermissionProfile,
};
use crate::rules::{Command, McpTool, Network, Permissions, Rules, Subject, Verdict};
use serde_json::{Value, json};

fn reach(rules: &Rules, host: &str, protocol: &str) -> Verdict {
    let protocol = NetworkApprovalProtocol::from(protocol);
    rules.decide(&Subject::Network { host, protocol: &protocol }).verdict
}

#[test]
fn hosts_are_allowed_by_their_whole_name() {
    let rules = rules()
        .allow(Network::host("Example.org"))
        .allow(Network::domain("rust-lang.org"))
        .allow(Network::host("::1"))
        .allow(Network::host("socks.example").over([NetworkApprovalProtocol::Socks5Tcp]));
    for allowed in [
        "example.org",
        "EXAMPLE.ORG",
        "example.org.",
        "rust-lang.org",
        "static.rust-lang.org",
        "[::1]",
        "0:0::1",
    ] {
        assert_eq!(reach(&rules, allowed, "https"), Verdict::Allow, "{allowed}");
        assert_eq!(reach(&rules, allowed, "socks5Tcp"), Verdict::Ask, "{allowed}");
        assert_eq!(reach(&rules, allowed, "quic"), Verdict::Ask, "{allowed}");
    }
    for asked in [
        "",
        ".",
        "example.org..",
        "static.example.org",
        "example.org.evil.com",
        "evilexample.org",
        "example.org:443",
        "x@example.org",
        "example.org/x",
        "evil-rust-lang.org",
        ".rust-lang.org",
        "a..rust-lang.org",
        "a/x.rust-lang.org",
        "ex\u{430}mple.org",
        "example.org\0",
        "example.org ",
        "\u{200b}example.org",
        "127.0.0.1",
        "a b.rust-lang.org",
    ] {
        assert_eq!(reach(&rules, asked, "https"), Verdict::Ask, "{asked:?}");
    }
    assert_eq!(reach(&rules, "socks.example", "socks5Tcp"), Verdict::Allow);
    assert_eq!(reach(&rules, "socks.example", "https"), Verdict::Ask);
}

#[test]
fn hosts_are_denied_with_all_below() {
    let rules =
        rules().allow(Network::domain("a.com")).deny(Network::host("x.a.com")).deny(Network::host("1.2.3.4"));
    for denied in ["x.a.com", "X.A.COM.", "y.x.a.com", "x.a.com:80", "1.2.3.4", "1.2.3.4:80"] {
        assert_eq!(reach(&rules, denied, "quic"), Verdict::Deny, "{denied}");
    }
    assert_eq!(reach(&rules, "ax.a.com", "http"), Verdict::Allow);
    assert_eq!(reach(&super::rules().deny(Network::any()), "b", "http"), Verdict::Deny);
    assert_eq!(reach(&super::rules().allow(Network::domain("")), "b.c", "http"), Verdict::Ask);
}

#[test]
fn tools_are_allowed_by_their_names() {
    let call = |rules: &Rules, server: &str, tool: &str, arguments: Option<&Value>| {
        rules.decide(&Subject::McpTool { server, tool, arguments }).verdict
    };
    let rules = rules()
        .allow(McpTool::named("tickets", "search"))
        .allow(McpTool::of_server("docs"))
        .allow(McpTool::named("shop", "pay").when(|args| args.is_some_and(|args| args["cents"] == 5)))
        .deny(McpTool::named("docs", "delete-all"));
    assert_eq!(call(&rules, "tickets", "search", None), Verdict::Allow);
    assert_eq!(call(&rules, "tickets", "Search", None), Verdict::Ask);
    assert_eq!(call(&rules, "tickets", "delete", None), Verdict::Ask);
    assert_eq!(call(&rules, "docs", "read", None), Verdict::Allow);
    assert_eq!(call(&rules, "docs", "delete-all", None), Verdict::Deny);
    assert_eq!(call(&rules, "Docs", "delete_All", None), Verdict::Deny);
    assert_eq!(call(&rules, "shop", "pay", Some(&json!({ "cents": 5 }))), Verdict::Allow);
    assert_eq!(call(&rules, "shop", "pay", Some(&json!({ "cents": 6 }))), Verdict::Ask);
    assert_eq!(call(&rules, "shop", "pay", None), Verdict::Ask);
    assert_eq!(call(&rules.deny(McpTool::any()), "tickets", "search", None), Verdict::Deny);
}

#[test]
fn every_permission_of_a_request_must_be_allowed() {
    let rules = rules()
        .on(Disk::usual().folder("/data").link("/data/out", "/etc"))
        .allow(Permissions::reading("/data"))
        .allow(Permissions::writing("/workspace"))
        .deny(Permissions::writing("/workspace/keys"))
        .deny(Permissions::reading("/secret"));
    let entry = |access: &str, path: Value| json!({ "fileSystem": { "entries": [{ "access": access, "path": path }] } });
    let path = |path: &str| json!({ "type": "path", "path": path });
    for (profile, expected) in [
        (json!({ "fileSystem": { "read": ["/data", "/data/x"] } }), Verdict::Allow),
        (json!({ "fileSystem": { "read": ["/data/x"], "write": ["/workspace/src"] } }), Verdict::Allow),
        (json!({ "fileSystem": { "read": ["/workspace/x", "src"] } }), Verdict::Allow),
        (json!({ "fileSystem": { "read": ["/data", "/etc"] } }), Verdict::Ask),
        (json!({ "fileSystem": { "read": ["/data/out/x"] } }), Verdict::Ask),
        (json!({ "fileSystem": { "read": ["/data/../etc"] } }), Verdict::Ask),
        (json!({ "fileSystem": { "write": ["/data/x"] } }), Verdict::Ask),
        (json!({ "fileSystem": { "read": ["/data"] }, "network": { "enabled": true } }), Verdict::Ask),
        (json!({ "fileSystem": { "read": ["/data"] }, "network": { "enabled": false } }), Verdict::Allow),
        (json!({ "network": {} }), Verdict::Ask),
        (json!({}), Verdict::Ask),
        (entry("read", path("/data/x")), Verdict::Allow),
        (entry("write", path("/data/x")), Verdict::Ask),
        (entry("execute", path("/tmp/x")), Verdict::Deny),
        (entry("read", json!({ "type": "glob_pattern", "pattern": "/data/*" })), Verdict::Deny),
        (entry("read", json!({ "type": "special", "value": { "kind": "root" } })), Verdict::Deny),
        (json!({ "fileSystem": { "write": ["/workspace/keys/a"] } }), Verdict::Deny),
        (json!({ "fileSystem": { "write": ["/workspace"] } }), Verdict::Deny),
        (json!({ "fileSystem": { "read": ["/"] } }), Verdict::Deny),
        (json!({ "fileSystem": { "read": ["/Secret/x"] } }), Verdict::Deny),
        (json!({ "fileSystem": { "write": ["/data/../secret"] } }), Verdict::Deny),
    ] {
        let read: RequestPermissionProfile = serde_json::from_value(profile.clone()).unwrap();
        let subject = Subject::Permissions { profile: &read, cwd: Some("/workspace") };
        assert_eq!(rules.decide(&subject).verdict, expected, "{profile}");
    }

    let special: RequestPermissionProfile =
        serde_json::from_value(entry("read", json!({ "type": "special", "value": { "kind": "tmpdir" } })))
            .unwrap();
    let rules = super::rules().allow(Permissions::writing("/")).allow(Permissions::network());
    let subject = Subject::Permissions { profile: &special, cwd: None };
    assert_eq!(rules.decide(&subject).verdict, Verdict::Ask);
    assert_eq!(rules.deny(Permissions::any()).decide(&subject).verdict, Verdict::Deny);
}

#[test]
fn a_rule_of_one_kind_says_nothing_about_the_others() {
    let rules = rules().allow(Network::host("ls")).allow(McpTool::of_server("ls")).deny(Network::any());
    assert_eq!(rules.decide(&Subject::command("ls")).verdict, Verdict::Ask);
}

fn asked(extra: Value) -> CommandExecutionRequestApprovalParams {
    let mut params = json!({
        "threadId": "t", "turnId": "u", "itemId": "i", "startedAtMs": 1, "cwd": "/workspace",
        "command": "/bin/bash -lc 'ls; rm x'",
        "commandActions": [{ "type": "listFiles", "command": "ls" }],
        "proposedExecpolicyAmendment": ["ls"],
    });
    params.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    serde_json::from_value(params).unwrap()
}

#[test]
fn the_servers_reading_of_a_command_counts_for_nothing() {
    let rules = rules().allow(Command::exactly(["ls"])).allow(Network::host("a.com"));
    let decide = |extra: Value| rules.decide(&Subject::from(&asked(extra))).verdict;
    assert_eq!(decide(json!({})), Verdict::Ask);
    assert_eq!(decide(json!({ "command": "/bin/bash -lc ls" })), Verdict::Allow);
    assert_eq!(decide(json!({ "command": "/bin/bash -lc ls", "kind": "command" })), Verdict::Allow);
    assert_eq!(decide(json!({ "command": "/bin/bash -lc ls", "kind": "writeStdin" })), Verdict::Ask);
    assert_eq!(decide(json!({ "command": "/bin/bash -lc ls", "kind": "new" })), Verdict::Ask);
    assert_eq!(decide(json!({ "command": "ls", "additionalPermissions": {} })), Verdict::Ask);
    assert_eq!(decide(json!({ "command": null })), Verdict::Ask);
    let network = |host: &str| json!({ "command": "ls", "networkApprovalContext": { "host": host, "protocol": "https" } });
    assert_eq!(decide(network("a.com")), Verdict::Allow);
    assert_eq!(decide(network("b.com")), Verdict::Ask, "though the command would be allowed");
}

#[test]
fn an_approval_of_a_tool_is_told_apart_from_other_elicitations() {
    let elicitation = |meta: Value| -> McpServerElicitationRequestParams {
        serde_json::from_value(json!({
            "threadId": "t", "turnId": "u", "serverName": "elicit", "mode": "form", "_meta": meta, "message": "",
            "requestedSchema": { "type": "object", "properties": {} },
        }))
        .unwrap()
    };
    let rules = rules()
        .allow(McpTool::named("elicit", "danger").when(|args| args.is_some_and(|args| args["n"] == 1)));
    let call = elicitation(
        json!({ "codex_approval_kind": "mcp_tool_call", "tool_name": "danger", "tool_params": { "n": 1 } }),
    );
    assert_eq!(rules.decide(&Subject::mcp_tool(&call).unwrap()).verdict, Verdict::Allow);
    for meta in [json!(null), json!({}), json!({ "codex_approval_kind": "x", "tool_name": "danger" })] {
        assert!(Subject::mcp_tool(&elicitation(meta)).is_none());
    }
}

#[test]
fn a_request_for_permissions_has_its_folder() {
    let params = json!({
        "threadId": "t", "turnId": "u", "itemId": "i", "startedAtMs": 1, "cwd": "/data",
        "permissions": { "fileSystem": { "read": ["x"] } },
    });
    let params: PermissionsRequestApprovalParams = serde_json::from_value(params).unwrap();
    let rules = rules().allow(Permissions::reading("/data"));
    assert_eq!(rules.decide(&Subject::from(&params)).verdict, Verdict::Allow);
    assert_eq!(Subject::from(&params).to_string(), "be permitted to read x");
}
