//! Rules about connections.

use super::anything::{Anything, Topic};
use crate::protocol::types::NetworkApprovalProtocol as Protocol;
use std::fmt;
use std::net::IpAddr;

/// Hosts, for rules about connections.
///
/// An allow rule is about `http` and `https` unless [`over`](Self::over) says otherwise. A deny or an ask rule is about
/// every protocol, and about all hosts below the named one as well. Case and a dot at the end are ignored.
///
/// A host has other names and addresses: denying one by name does not deny those.
///
/// ```
/// use codexkit::rules::{Network, Rules};
///
/// let rules = Rules::new().allow(Network::host("example.org")).allow(Network::domain("rust-lang.org"));
/// ```
#[derive(Clone)]
pub struct Network {
    host: String,
    below: bool,
    protocols: Vec<Protocol>,
}

/// A connection to decide about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection<'a> {
    pub(super) host: &'a str,
    pub(super) protocol: &'a Protocol,
}

impl Network {
    /// This host: a name or an address.
    pub fn host(host: impl AsRef<str>) -> Self {
        Self { host: normal(host.as_ref()), below: false, protocols: vec![Protocol::Http, Protocol::Https] }
    }

    /// This host and all whose names end with a dot and its name.
    pub fn domain(name: impl AsRef<str>) -> Self {
        Self { below: true, ..Self::host(name) }
    }

    /// Over these protocols and no others. Only an allow rule looks at them.
    #[must_use]
    pub fn over(mut self, protocols: impl IntoIterator<Item = Protocol>) -> Self {
        self.protocols = protocols.into_iter().collect();
        self
    }

    /// Every connection. Only for rules that deny or ask.
    pub fn any() -> Anything {
        Anything(Topic::Network)
    }

    pub(super) fn permits(&self, asked: &Connection<'_>) -> bool {
        let host = normal(asked.host);
        is_host(&host) && self.protocols.contains(asked.protocol) && self.is(&host, self.below)
    }

    pub(super) fn concerns(&self, asked: &Connection<'_>) -> bool {
        let host = normal(asked.host);
        let without_port = host.split_once(':').map_or("", |(host, _)| host);
        self.is(&host, true) || self.is(&normal(without_port), true)
    }

    fn is(&self, host: &str, or_below: bool) -> bool {
        let below = || host.strip_suffix(&self.host).is_some_and(|before| before.ends_with('.'));
        !self.host.is_empty() && (host == self.host || or_below && is_name(&self.host) && below())
    }
}

fn normal(host: &str) -> String {
    let host = host.strip_suffix('.').unwrap_or(host);
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    inner.parse::<IpAddr>().map_or_else(|_| host.to_lowercase(), |address| address.to_string())
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|next| next.is_ascii_alphanumeric() || "-_".contains(next))
    };
    host.parse::<IpAddr>().is_ok() || host.split('.').all(is_label)
}

fn is_name(host: &str) -> bool {
    host.parse::<IpAddr>().is_err()
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "network {}{}", if self.below { "*." } else { "" }, self.host)
    }
}
